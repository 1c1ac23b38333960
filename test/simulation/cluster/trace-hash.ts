// A trace as one number that grows with it: two runs that do the same have the same one. 2 x 32 bits (FNV-1a over words).
const PRIME = 0x01000193;

/** Of an error, in a line of JSON: another one in another version of Node, and in another bundle. */
const STACK = /\\n {4}at [^"]*/g;

export class TraceHash {
  #low = 0x811c9dc5;
  #high = 0x9747b28c;
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);

  number(value: number): void {
    this.#float[0] = value;
    this.#word(this.#words[0] as number);
    this.#word(this.#words[1] as number);
  }

  text(line: string): void {
    for (let index = 0; index < line.length; index++) this.#word(line.charCodeAt(index));
  }

  /** A line of a log, without the stacks in it. */
  line(line: string): void {
    this.text(line.replace(STACK, ''));
  }

  get value(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #word(word: number): void {
    this.#low = Math.imul(this.#low ^ word, PRIME);
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15) ^ word, 0x85ebca6b);
  }
}
