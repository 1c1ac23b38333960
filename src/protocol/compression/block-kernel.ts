// LZ4 and Snappy blocks in WebAssembly: input is copied in, output copied out. Where WebAssembly is forbidden there is none,
// and the codecs use JavaScript.
import { WASM_BASE64 } from './blocks-wasm.ts';
import { compileKernel, type WasmMemory } from './wasm-kernel.ts';

interface BlocksExports {
  readonly memory: WasmMemory;
  lz4Decode(src: number, srcEnd: number, dst: number, dstEnd: number): number;
  snappyDecode(src: number, srcEnd: number, dst: number, dstEnd: number): number;
  lz4Encode(src: number, srcEnd: number, dst: number): number;
  snappyEncode(src: number, srcEnd: number, dst: number): number;
}

export const BLOCK_CORRUPT = -1;
/** The output was full. */
export const BLOCK_OVERFLOW = -2;

/** The hash table stands before this address. */
const INPUT_AT = 32768;
/** Copies of fixed size may touch so many bytes behind input and output. */
const SLACK = 64;
const PAGE = 65536;
/** WebAssembly memory never shrinks: an instance that grew above this is dropped after the call. */
const KEPT_BYTES = 8 * 1024 * 1024 + PAGE;

type Operation = Exclude<keyof BlocksExports, 'memory'>;

export class BlockKernel {
  readonly #instantiate: () => BlocksExports;
  #exports: BlocksExports;
  #memory: Uint8Array;

  /** undefined where WebAssembly cannot be had. Compiled once, at the first call. */
  static load(): BlockKernel | undefined {
    if (!isLoaded) {
      isLoaded = true;
      const instantiate = compileKernel<BlocksExports>(WASM_BASE64);
      if (instantiate !== undefined) shared = new BlockKernel(instantiate);
    }
    return shared;
  }

  constructor(instantiate: () => BlocksExports) {
    this.#instantiate = instantiate;
    this.#exports = instantiate();
    this.#memory = new Uint8Array(this.#exports.memory.buffer);
  }

  /**
   * Runs `operation` on `input` with room for `capacity` bytes. Returns the size of the output, or one of the codes above;
   * the output is in `output()` until the next call.
   */
  run(operation: Operation, input: Uint8Array, capacity: number): number {
    const inputEnd = INPUT_AT + input.length;
    const outputAt = inputEnd + SLACK;
    const needed = outputAt + capacity + SLACK;
    if (needed > this.#memory.length) this.#grow(needed);
    this.#memory.set(input, INPUT_AT);
    const size = this.#exports[operation](INPUT_AT, inputEnd, outputAt, outputAt + capacity);
    this.#outputAt = outputAt;
    this.#outputSize = size < 0 ? 0 : size;
    return size;
  }

  #outputAt = 0;
  #outputSize = 0;

  /** A view: copy it at once. */
  output(): Uint8Array {
    return this.#memory.subarray(this.#outputAt, this.#outputAt + this.#outputSize);
  }

  /** To be called behind `output()`: gives back memory that one large block made grow. */
  trim(): void {
    if (this.#memory.length <= KEPT_BYTES) return;
    this.#exports = this.#instantiate();
    this.#memory = new Uint8Array(this.#exports.memory.buffer);
  }

  #grow(needed: number): void {
    this.#exports.memory.grow(Math.ceil((needed - this.#memory.length) / PAGE));
    this.#memory = new Uint8Array(this.#exports.memory.buffer);
  }
}

let shared: BlockKernel | undefined;
let isLoaded = false;
