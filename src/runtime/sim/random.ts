// Randomness from a seed (sfc32): the same seed gives the same numbers on every machine.
import type { Random } from '../random.ts';

export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `label` makes independent streams of one seed: drawing from one does not move the others. */
  constructor(seed: number, label = '') {
    let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.floor(seed / 2 ** 32);
    for (let index = 0; index < label.length; index++) mixed = Math.imul(mixed ^ label.charCodeAt(index), 0x01000193);
    this.#a = mixed | 0;
    this.#b = Math.imul(mixed, 0xc2b2ae35) | 0;
    this.#c = seed | 0;
    for (let round = 0; round < 16; round++) this.#uint32();
  }

  next(): number {
    return (this.#uint32() * 2 ** 21 + (this.#uint32() >>> 11)) / 2 ** 53;
  }

  bytes(sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes);
    for (let index = 0; index < sizeBytes; index++) bytes[index] = this.#uint32();
    return bytes;
  }

  #uint32(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }
}
