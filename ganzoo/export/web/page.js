"use strict";
// A sheet of pictures of one seed, as `ganzoo-sample --seed` draws it; one of them large; a walk between them.
// `window.ganzoo` is for tests and for the curious: latents(seed, row) and generate(latents, label) are what
// the page calls; `ready` and idle() are promises, of the first sheet and of the latest that was asked for.
(() => {
  const about = JSON.parse(document.getElementById("about").textContent);
  const { topology, weightSpecs, weights, output } = JSON.parse(document.getElementById("model").textContent);
  const [picture, says, controls, another, chooser, classes, seeds, download, facts, sheet, walk, film, sizes, again] = [
    "picture", "says", "controls", "another", "chooser", "class", "seed", "download", "facts", "sheet", "walk",
    "film", "size", "again",
  ].map((id) => document.getElementById(id));
  const LARGEST_SEED = 2 ** 32 - 1;
  const NUM = 12; // pictures of a sheet
  const LARGE = 512; // pixels that the picture is enlarged to, about
  const FILM = 256; // pixels that a film has at least
  const STEP = 1500; // milliseconds from one picture of a walk to the next
  const ANY = -1;
  let model = null;
  let chosen = 0; // row of the large picture
  let values = null; // its values

  // ---- what a seed draws

  const latents = (seed, row = 0) => draws.normal(seed, "latents", row, about.latentDim);

  /** The class of a row that a seed has when any will do, in the proportions of the data. */
  function classOf(seed, row = 0) {
    if (!about.counts) return draws.integer(seed, "labels", row, about.classes.length);
    let left = draws.integer(seed, "labels", row, about.counts.reduce((sum, count) => sum + count, 0));
    return about.counts.findIndex((count) => (left -= count) < 0);
  }

  /** On the arc from one latent to another. */
  function between(start, end, share) {
    const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    const angle = Math.acos(Math.min(1, Math.max(-1, dot(start, end) / Math.sqrt(dot(start, start) * dot(end, end)))));
    const sine = Math.sin(angle);
    const [from, to] = sine < 1e-6
      ? [1 - share, share]
      : [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
    return start.map((value, i) => from * value + to * end[i]);
  }

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
    const found = await images.data();
    images.dispose();
    return found;
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
        const found = await generate(latents(0), 0);
        if (found.every(Number.isFinite)) return;
        reason = new Error("its numbers are not finite");
      } catch (error) {
        reason = error;
      }
    }
    throw reason || new Error("neither WebGL nor the CPU can be used");
  }

  // ---- drawing

  /** Paints values onto a canvas of any whole number of times their size, each pixel repeated. */
  function paint(canvas, found, scale = 1) {
    const { height, width, channels } = about;
    const pixels = new ImageData(width * scale, height * scale);
    for (let i = 0; i < pixels.width * pixels.height; i++) {
      const at = Math.floor(i / pixels.width / scale) * width + Math.floor((i % pixels.width) / scale);
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = (found[at * channels + (c % channels)] + 1) * 127.5;
      pixels.data[4 * i + 3] = 255;
    }
    [canvas.width, canvas.height] = [pixels.width, pixels.height];
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }

  const seed = () => Math.min(Math.max(Math.floor(Number(seeds.value)) || 0, 0), LARGEST_SEED);
  const wanted = () => Number(classes.value || ANY);
  const labelOf = (row) => (!about.label ? 0 : wanted() === ANY ? classOf(seed(), row) : wanted());
  const named = (label) => (about.label ? `, class ${about.classes[label]}` : "");

  /** The row of the sheet as the large picture. */
  async function show(row) {
    chosen = row;
    const label = labelOf(row);
    values = await generate(latents(seed(), row), label);
    paint(picture, values, Math.max(1, Math.floor(LARGE / Math.max(about.width, about.height))));
    picture.dataset.name =
      `${about.model}-seed-${seed()}${row ? `-picture-${row}` : ""}${about.label ? `-class-${label}` : ""}`;
    const words = `picture ${row + 1} of seed ${seed()}${named(label)}`;
    picture.setAttribute("aria-label", `generated: ${words}`);
    says.textContent = words;
    const asked = about.label && wanted() !== ANY ? ` --class ${wanted()}` : "";
    again.textContent = `ganzoo-sample RUN --seed ${seed()} --num ${NUM}${asked}`;
    [...sheet.children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === row)));
    const fragment = { seed: seed(), picture: row + 1, ...(wanted() === ANY ? {} : { class: wanted() }) };
    history.replaceState(null, "", `#${new URLSearchParams(fragment)}`);
  }

  async function fill() {
    const began = performance.now();
    const rows = [chosen, ...Array.from({ length: NUM }, (_, i) => i).filter((i) => i !== chosen)];
    for (const row of rows) {
      const found = await generate(latents(seed(), row), labelOf(row));
      paint(sheet.children[row].firstChild, found);
      sheet.children[row].setAttribute("aria-label", `picture ${row + 1}${named(labelOf(row))}`);
      if (row === chosen) await show(row);
    }
    const seconds = (performance.now() - began) / 1000;
    says.textContent += ` (${NUM} made here in ${seconds.toFixed(seconds < 1 ? 2 : 1)} s)`;
  }

  let turn = Promise.resolve(); // one after the other, however quick the fingers
  const queued = (work) => (turn = turn.then(work).catch(failed));
  function shown(row = 0) {
    stop();
    chosen = row;
    seeds.value = seed();
    return queued(fill);
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

  // ---- a walk by the pictures of the sheet, from the one shown on and round

  let walking = 0; // which walk; a later one ends it
  function stop() {
    walking += 1;
    walk.setAttribute("aria-pressed", "false");
    walk.textContent = "Walk";
  }

  /** The picture at a moment of the walk, in pictures of the sheet. */
  async function at(moment) {
    const from = Math.floor(moment) % NUM;
    const latent = between(latents(seed(), from), latents(seed(), (from + 1) % NUM), moment % 1);
    return generate(latent, labelOf(chosen)); // a walk keeps its class
  }

  async function stroll() {
    if (walk.getAttribute("aria-pressed") === "true") return stop();
    stop();
    const mine = walking;
    walk.setAttribute("aria-pressed", "true");
    walk.textContent = "Stop";
    const scale = Math.max(1, Math.floor(LARGE / Math.max(about.width, about.height)));
    const began = performance.now();
    const first = chosen;
    while (mine === walking) {
      const moment = (first + (performance.now() - began) / STEP) % NUM;
      values = await at(moment);
      if (mine !== walking) return;
      paint(picture, values, scale);
      says.textContent = `between pictures ${Math.floor(moment) + 1} and ${((Math.floor(moment) + 1) % NUM) + 1}`;
      await new Promise(requestAnimationFrame);
    }
  }

  /** Records one round of the walk, as the browser can: WebM or MP4. */
  async function record() {
    stop();
    const mine = walking;
    const canvas = document.createElement("canvas");
    const scale = Math.max(1, Math.ceil(FILM / Math.min(about.width, about.height)));
    paint(canvas, await at(chosen), scale);
    const kind = ["video/mp4", "video/webm"].find((each) => MediaRecorder.isTypeSupported(each));
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: kind, videoBitsPerSecond: 4e6 });
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const ended = new Promise((done) => { recorder.onstop = done; });
    film.disabled = true;
    recorder.start();
    const began = performance.now();
    for (let gone = 0; gone < 3 && mine === walking; gone = (performance.now() - began) / STEP) {
      paint(canvas, await at((chosen + gone) % NUM), scale);
      says.textContent = `recording: ${Math.round((gone / 3) * 100)} %`;
      await new Promise(requestAnimationFrame);
    }
    recorder.stop();
    await ended;
    film.disabled = false;
    says.textContent = `a film of ${canvas.width} × ${canvas.height} pixels is saved`;
    offer(new Blob(parts, { type: kind }), `${picture.dataset.name}-walk.${kind.split("/")[1]}`);
  }

  function offer(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  function save() {
    const canvas = document.createElement("canvas");
    const scale = Number(sizes.value);
    paint(canvas, values, scale);
    const suffix = scale > 1 ? `-${canvas.width}x${canvas.height}` : "";
    canvas.toBlob((blob) => offer(blob, `${picture.dataset.name}${suffix}.png`));
  }

  // ---- the page

  function prepare() {
    for (let row = 0; row < NUM; row++) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(document.createElement("canvas"));
      [button.firstChild.width, button.firstChild.height] = [about.width, about.height];
      button.addEventListener("click", () => { stop(); queued(() => show(row)); });
      sheet.append(button);
    }
    for (const scale of [1, 2, 4, 8, 16]) {
      if (scale > 1 && scale * Math.max(about.width, about.height) > 2048) break;
      sizes.add(new Option(`${about.width * scale} × ${about.height * scale}`, scale));
    }
    document.body.classList.toggle("coarse", Math.max(about.width, about.height) < 48);
    if (about.label) {
      chooser.hidden = false;
      classes.add(new Option("any", ANY));
      about.classes.forEach((name, i) => classes.add(new Option(name, i)));
    }
    film.hidden = typeof MediaRecorder === "undefined" || !picture.captureStream;
    facts.textContent =
      `A ${about.model} with ${about.parameters.toLocaleString("en")} parameters makes these pictures of ` +
      `${about.width} × ${about.height} pixels on this device, after ${about.imagesSeen.toLocaleString("en")} ` +
      "images of training. Nothing is sent or loaded. A seed draws here what it draws in a terminal:";
    const asked = new URLSearchParams(location.hash.slice(1));
    seeds.value = asked.get("seed") ?? Math.floor(Math.random() * 1e6);
    chosen = Math.min(Math.max(Number(asked.get("picture") ?? 1) - 1 || 0, 0), NUM - 1);
    if (about.classes[asked.get("class")] !== undefined) classes.value = asked.get("class");
    controls.addEventListener("submit", (event) => { event.preventDefault(); next(); });
    seeds.addEventListener("change", () => shown());
    seeds.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // this seed, not another one
      shown();
    });
    classes.addEventListener("change", () => shown(chosen));
    download.addEventListener("click", save);
    walk.addEventListener("click", () => queued(() => { stroll().catch(failed); }));
    film.addEventListener("click", () => queued(record));
  }

  async function start() {
    prepare();
    await load();
    await shown(chosen);
    for (const button of [another, download, walk, film]) button.disabled = false;
  }

  window.ganzoo = {
    about,
    latents,
    classOf,
    between,
    generate,
    backend: () => tf.getBackend(),
    ready: start().catch(failed),
    idle: () => turn,
  };
})();
