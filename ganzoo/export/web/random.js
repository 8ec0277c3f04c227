"use strict";
// The random numbers of ganzoo.step.draws, number for number, so that a seed means here what it means to
// `ganzoo-sample --seed`: Philox4x32-10 (Salmon et al. 2011), keyed by (CRC-32 of "SEED/NAME", 0) as
// TensorFlow's stateless operations do it, normal numbers by Box and Muller 1958 in float32.
const draws = (() => {
  const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
    return byte;
  });

  function crc32(text) {
    let sum = 0xffffffff;
    for (const octet of new TextEncoder().encode(text)) sum = TABLE[(sum ^ octet) & 255] ^ (sum >>> 8);
    return (sum ^ 0xffffffff) >>> 0;
  }

  /** The upper 32 bits of a product. */
  function high(a, b) {
    const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
    const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65536);
    const other = aLow * bHigh + (middle % 65536);
    return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
  }

  /** Four words of a counter (four words) under a key (two). */
  function philox(counter, key) {
    let [c0, c1, c2, c3] = counter;
    let [k0, k1] = key;
    for (let round = 0; round < 10; round++) {
      const [low0, high0] = [Math.imul(0xd2511f53, c0) >>> 0, high(0xd2511f53, c0)];
      const [low1, high1] = [Math.imul(0xcd9e8d57, c2) >>> 0, high(0xcd9e8d57, c2)];
      [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
      [k0, k1] = [(k0 + 0x9e3779b9) >>> 0, (k1 + 0xbb67ae85) >>> 0];
    }
    return [c0, c1, c2, c3];
  }

  /** Words `from` to `from + num - 1` of what a seed draws under a name. */
  function words(seed, name, from, num) {
    const mix = philox([crc32(`${seed}/${name}`), 0, 0, 0], [0x3ec8f720, 0x02461e29]);
    const found = [];
    for (let group = Math.floor(from / 4); 4 * group < from + num; group++) {
      found.push(...philox([group, 0, mix[2], mix[3]], [mix[0], mix[1]]));
    }
    return found.slice(from % 4, (from % 4) + num);
  }

  /** Float32 in [0, 1) of the lower 23 bits of a word. */
  const uniform = (word) => (word & 0x7fffff) / 0x800000;

  /** Row `row` of standard normal numbers (rows, num). */
  function normal(seed, name, row, num) {
    const first = row * num - ((row * num) % 2);
    const drawn = words(seed, name, first, num + 2);
    const values = [];
    for (let i = 0; i < drawn.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(Math.max(uniform(drawn[i]), 1e-7)));
      const angle = Math.fround(2 * Math.PI * uniform(drawn[i + 1]));
      values.push(radius * Math.sin(angle), radius * Math.cos(angle));
    }
    return values.slice(row * num - first, row * num - first + num);
  }

  /** Number `row` of whole numbers from 0 to below `most`. */
  const integer = (seed, name, row, most) => words(seed, name, row, 1)[0] % most;

  return { normal, integer };
})();
