"use strict";
// Draws latents from a seed, runs the network on them and shows the picture. `window.ganzoo` is for tests
// and for the curious: latents(seed) and generate(latents, label) are what a click calls; `ready` and
// idle() are promises, of the first picture and of the latest that was asked for.
(() => {
  const about = JSON.parse(document.getElementById("about").textContent);
  const { topology, weightSpecs, weights, output } = JSON.parse(document.getElementById("model").textContent);
  const [picture, says, controls, another, chooser, classes, seeds, download, facts] = [
    "picture", "says", "controls", "another", "chooser", "class", "seed", "download", "facts",
  ].map((id) => document.getElementById(id));
  const LARGEST_SEED = 2 ** 32 - 1;
  const GOLDEN = 0x9e3779b9; // 2^32 divided by the golden ratio
  let model = null;

  // ---- random numbers: word i of a seed is MurmurHash3's finaliser of a counter that starts at its hash

  function mixed(word) {
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  }

  /** Uniform in (0, 1). */
  function uniform(seed, i) {
    return (mixed((mixed(seed ^ GOLDEN) + Math.imul(i, GOLDEN)) | 0) + 0.5) / 2 ** 32;
  }

  /** Standard normal numbers by Box and Muller 1958. */
  function latents(seed) {
    return Array.from({ length: about.latentDim }, (_, i) => {
      const pair = i - (i % 2);
      const radius = Math.sqrt(-2 * Math.log(uniform(seed, pair + 1)));
      const angle = 2 * Math.PI * uniform(seed, pair + 2);
      return radius * (i % 2 ? Math.sin(angle) : Math.cos(angle));
    });
  }

  /** The class that a seed has when any will do. */
  const classOf = (seed) => Math.floor(uniform(seed, 0) * about.classes.length);

  // ---- the network

  function octets(text) {
    const binary = atob(text);
    return Uint8Array.from({ length: binary.length }, (_, i) => binary.charCodeAt(i)).buffer;
  }

  /** Values in [-1, 1], row by row, the channels of a pixel together. */
  async function generate(given, label) {
    const images = tf.tidy(() => {
      const inputs = { latents: tf.tensor2d([given], [1, about.latentDim], "float32") };
      if (about.label) inputs[about.label] = tf.tensor1d([label], "int32");
      return model.execute(inputs, output);
    });
    const values = await images.data();
    images.dispose();
    return values;
  }

  /** Loads the network on the quickest backend on which it runs. */
  async function load() {
    let reason = null;
    for (const backend of ["webgl", "cpu"]) {
      try {
        if (!(await tf.setBackend(backend))) continue;
        model = await tf.loadGraphModel(
          tf.io.fromMemory({ modelTopology: topology, weightSpecs, weightData: octets(weights) }),
        );
        const values = await generate(latents(0), 0);
        if (values.every(Number.isFinite)) return;
        reason = new Error("its numbers are not finite");
      } catch (error) {
        reason = error;
      }
    }
    throw reason || new Error("neither WebGL nor the CPU can be used");
  }

  // ---- the page

  function paint(values) {
    const { height, width, channels } = about;
    const pixels = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = (values[i * channels + (c % channels)] + 1) * 127.5;
      pixels.data[4 * i + 3] = 255;
    }
    picture.getContext("2d").putImageData(pixels, 0, 0);
  }

  async function show(seed, label) {
    const began = performance.now();
    const chosen = label < 0 ? classOf(seed) : label;
    paint(await generate(latents(seed), chosen));
    const named = about.label ? `, class ${about.classes[chosen]}` : "";
    const seconds = (performance.now() - began) / 1000;
    picture.dataset.name = `${about.model}-seed-${seed}${about.label ? `-class-${chosen}` : ""}`;
    picture.setAttribute("aria-label", `generated picture, seed ${seed}${named}`);
    says.textContent = `seed ${seed}${named}: made here in ${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  }

  let turn = Promise.resolve(); // one picture after the other, however quick the fingers
  function shown() {
    const seed = Math.min(Math.max(Math.floor(Number(seeds.value)) || 0, 0), LARGEST_SEED);
    const label = Number(classes.value || -1);
    seeds.value = seed;
    history.replaceState(null, "", `#seed=${seed}${label < 0 ? "" : `&class=${label}`}`);
    turn = turn.then(() => show(seed, label)).catch(failed);
    return turn;
  }

  function next() {
    if (!model) return;
    seeds.value = Math.floor(Math.random() * 1e6);
    return shown();
  }

  function failed(error) {
    says.textContent = `This browser cannot run it: ${error.message}`;
    console.error(error);
  }

  function save() {
    picture.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${picture.dataset.name}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  }

  function prepare() {
    picture.width = about.width;
    picture.height = about.height;
    picture.classList.toggle("coarse", Math.max(about.width, about.height) < 48);
    if (about.label) {
      chooser.hidden = false;
      classes.add(new Option("any", -1));
      about.classes.forEach((name, i) => classes.add(new Option(name, i)));
    }
    facts.textContent =
      `A ${about.model} with ${about.parameters.toLocaleString("en")} parameters makes these pictures of ` +
      `${about.width} × ${about.height} pixels on this device, after ${about.imagesSeen.toLocaleString("en")} ` +
      "images of training. Nothing is sent or loaded. Seeds are this page's own: other programs draw others.";
    const asked = new URLSearchParams(location.hash.slice(1));
    seeds.value = asked.get("seed") ?? Math.floor(Math.random() * 1e6);
    if (about.classes[asked.get("class")] !== undefined) classes.value = asked.get("class");
    controls.addEventListener("submit", (event) => { event.preventDefault(); next(); });
    picture.addEventListener("click", next);
    picture.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      next();
    });
    seeds.addEventListener("change", shown);
    seeds.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // this seed, not another one
      shown();
    });
    classes.addEventListener("change", shown);
    download.addEventListener("click", save);
  }

  async function start() {
    prepare();
    await load();
    await shown();
    another.disabled = download.disabled = false;
  }

  window.ganzoo = {
    about,
    latents,
    generate,
    backend: () => tf.getBackend(),
    ready: start().catch(failed),
    idle: () => turn,
  };
})();
