// CRC-32C (Castagnoli), the checksum of record batches v2. Three engines: own WebAssembly for short input, the native
// `@node-rs/crc32` (optional) where its call pays off, pure JavaScript where WebAssembly is forbidden.
import { optionalModule } from '../compression/optional-module.ts';
import { compileKernel, type WasmMemory } from '../compression/wasm-kernel.ts';
import { WASM_BASE64 } from './crc32c-wasm.ts';

interface Crc32cKernel {
  readonly memory: WasmMemory;
  init(): void;
  update(crc: number, at: number, end: number): number;
}

/** From here on the native call, some 200 ns, is cheaper than copying into WebAssembly memory (measured). */
const NATIVE_FROM_BYTES = 1024;
/** The kernel's tables stand before this address. */
const INPUT_AT = 16384;
/** Larger input goes through in pieces that stay in the processor's cache. */
const PIECE_BYTES = 65536;
/** Below this a copy loop is cheaper than making a view for `set`. */
const LOOP_COPY_BELOW_BYTES = 64;

type Engine = (bytes: Uint8Array, seed: number, start: number, end: number) => number;

/**
 * The CRC-32C of `bytes[start, end)` as an unsigned number. `seed` is the checksum of what stands before, so that
 * `crc32c(b, crc32c(a))` is the checksum of a and b in a row. Throws nothing; `start` and `end` must lie in the array.
 */
export function crc32c(bytes: Uint8Array, seed = 0, start = 0, end = bytes.length): number {
  return end - start < NATIVE_FROM_BYTES ? short(bytes, seed, start, end) : long(bytes, seed, start, end);
}

// Both begin as functions that choose their engine at the first call: compiling costs 0.7 ms, loading a native module more.
let short: Engine = (bytes, seed, start, end) => {
  short = wasmEngine() ?? scriptEngine();
  return short(bytes, seed, start, end);
};

let long: Engine = (bytes, seed, start, end) => {
  long = nativeEngine() ?? wasmEngine() ?? scriptEngine();
  return long(bytes, seed, start, end);
};

/** The engines by name, for tests and benchmarks; undefined where this platform lacks one. */
export const crc32cEngines: Readonly<Record<'wasm' | 'native' | 'script', () => Engine | undefined>> = {
  wasm: () => wasmEngine(),
  native: () => nativeEngine(),
  script: () => scriptEngine(),
};

let wasm: Engine | undefined;

function wasmEngine(): Engine | undefined {
  if (wasm !== undefined) return wasm;
  const kernel = compileKernel<Crc32cKernel>(WASM_BASE64)?.();
  if (kernel === undefined) return undefined;
  kernel.init();
  const input = new Uint8Array(kernel.memory.buffer, INPUT_AT, PIECE_BYTES);
  wasm = (bytes, seed, start, end) => {
    let crc = ~seed;
    for (let at = start; at < end; at += PIECE_BYTES) {
      const size = Math.min(PIECE_BYTES, end - at);
      if (size < LOOP_COPY_BELOW_BYTES) {
        for (let i = 0; i < size; i++) input[i] = bytes[at + i] as number;
      } else {
        input.set(bytes.subarray(at, at + size));
      }
      crc = kernel.update(crc, INPUT_AT, INPUT_AT + size);
    }
    return ~crc >>> 0;
  };
  return wasm;
}

function nativeEngine(): Engine | undefined {
  const native = optionalModule('@node-rs/crc32') as
    | { crc32c(bytes: Uint8Array, seed: number | undefined): number }
    | undefined;
  if (native === undefined) return undefined;
  return (bytes, seed, start, end) => native.crc32c(bytes.subarray(start, end), seed) >>> 0;
}

function scriptEngine(): Engine {
  const script = optionalModule('crc-32/crc32c') as { buf(bytes: Uint8Array, seed: number): number } | undefined;
  if (script === undefined) throw new Error('crc-32 is not installed');
  return (bytes, seed, start, end) => script.buf(bytes.subarray(start, end), seed | 0) >>> 0;
}
