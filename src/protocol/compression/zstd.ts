// zstd by the fastest engine there is: node:zlib (Node 22.15 and later), WebAssembly (`@bokuweb/zstd-wasm`, once loaded), or
// `fzstd` in JavaScript, which only unpacks. Frames are taken apart here, so that each engine gets one whole frame and the
// most it may give.
import { CompressionError } from './compression-error.ts';
import { optionalModule } from './optional-module.ts';
import { OutputBuffer } from './output-buffer.ts';
import { xxhash64Low } from './xxhash64.ts';
import { CUT_HEADER, readZstdFrame, rebuildZstdFrame, type ZstdFrame } from './zstd-frame.ts';

/** Kafka's default level. */
const DEFAULT_LEVEL = 3;
/** WebAssembly memory never shrinks: frames that may take more go to the engine in JavaScript. */
const WASM_FRAME_BYTES = 16 * 1024 * 1024;
/** Starting an engine costs up to 20 µs a frame: a request full of empty ones must not stall the loop. */
const MOST_FRAMES = 1000;
/** Java's reader is asked for so many bytes at a time, and gives none of those beside which it found a fault. */
const READ_BYTES = 16_384;

interface NativeZstd {
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer;
  zstdCompressSync?(bytes: Uint8Array, options: { params: Record<number, number> }): Buffer;
  readonly constants: Record<string, number>;
}
interface WasmZstd {
  init(): Promise<void>;
  decompress(bytes: Uint8Array, options: { defaultHeapSize: number }): Uint8Array;
  compress(bytes: Uint8Array, level: number): Uint8Array;
}
interface ScriptZstd {
  readonly Decompress: new (onData: (chunk: Uint8Array) => void) => { push(chunk: Uint8Array, isFinal: boolean): void };
}

/** Thrown inside when an engine's output would pass its capacity. */
const FULL = Symbol('full');

let native: NativeZstd | undefined;
let wasm: WasmZstd | undefined;

function nativeZstd(): NativeZstd | undefined {
  native ??= optionalModule('node:zlib') as NativeZstd;
  return native.zstdDecompressSync === undefined ? undefined : native;
}

/** Whether packing works at once, and unpacking at full speed. */
export const isZstdReady = (): boolean => wasm !== undefined || nativeZstd() !== undefined;

/** Several may ask while it is being loaded: it must not be started twice. */
let loadingWasm: Promise<void> | undefined;

/** Loads the WebAssembly engine where node:zlib has none. Rejects when the package is missing. */
export async function loadZstd(): Promise<void> {
  if (isZstdReady()) return;
  loadingWasm ??= loadWasm().finally(() => {
    loadingWasm = undefined;
  });
  await loadingWasm;
}

async function loadWasm(): Promise<void> {
  const loaded = optionalModule('@bokuweb/zstd-wasm') as WasmZstd | undefined;
  if (loaded === undefined) throw new CompressionError('unavailable', '@bokuweb/zstd-wasm is not installed');
  await loaded.init();
  wasm = loaded;
}

/** Unpacks all frames. Works before `loadZstd` too, slower. Throws CompressionError. */
export function decompressZstd(bytes: Uint8Array, limit: number): Uint8Array {
  const output = new OutputBuffer(limit, bytes.length);
  let frames = 0;
  for (let at = 0; at < bytes.length; ) {
    if (frames++ === MOST_FRAMES) throw corrupt(`more than ${MOST_FRAMES} frames`, output);
    const frame = readZstdFrame(bytes, at);
    if (frame === CUT_HEADER && at > 0) break;
    if (typeof frame === 'string') throw corrupt(frame, output);
    if (!frame.isSkippable) unpackFrame(bytes, frame, output);
    if (frame.isCut) {
      // Java's reader takes the end of the data for the end of the stream once it has seen a whole frame.
      if (at > 0) break;
      throw corrupt(CUT_HEADER, output);
    }
    at = frame.end;
  }
  return output.bytes();
}

function unpackFrame(bytes: Uint8Array, frame: ZstdFrame, output: OutputBuffer): void {
  if (frame.isCut && frame.cutRawEnd === frame.blocksAt) return;
  if (frame.contentSize > output.room && frame.contentSize <= frame.bound) throw output.limitExceeded();
  // A cut frame holds less than it says; one whose blocks cannot hold what it says is broken, and its blocks bound it.
  const isTold = frame.contentSize >= 0 && frame.contentSize <= frame.bound && !frame.isCut;
  const capacity = Math.min(isTold ? frame.contentSize : frame.bound, output.room);
  const source = frame.isCut ? rebuildZstdFrame(bytes, frame) : bytes.subarray(frame.start, frame.end);
  let failure: unknown;
  try {
    if (frame.contentSize > frame.bound && !frame.isCut) throw new Error('wrong content size');
    output.add(runEngine(source, capacity));
    return;
  } catch (error) {
    if (error instanceof CompressionError) throw error;
    failure = error;
  }
  if (failure === FULL && capacity === output.room) throw output.limitExceeded();
  // A streaming reader learns only at the end that size or checksum are wrong: give what it would have given.
  try {
    if (!frame.isCut && frame.lastBlockAt >= 0) {
      const unpacked = runEngine(rebuildZstdFrame(bytes, frame), Math.min(frame.bound, output.room));
      output.add(unpacked.subarray(0, unpacked.length - (unpacked.length % READ_BYTES)));
    }
  } catch (error) {
    if (error instanceof CompressionError && error.kind === 'unavailable') throw error;
  }
  throw corrupt(failure === FULL ? 'wrong content size' : String((failure as Error).message), output);
}

/** One whole frame. Throws FULL when it unpacks to more than `capacity`, anything else when it is corrupt. */
function runEngine(frame: Uint8Array, capacity: number): Uint8Array {
  const nodeEngine = nativeZstd();
  if (nodeEngine !== undefined) return runNative(nodeEngine, frame, capacity);
  return wasm === undefined || capacity > WASM_FRAME_BYTES
    ? runScript(frame, capacity)
    : runWasm(wasm, frame, capacity);
}

function runNative(engine: NativeZstd, frame: Uint8Array, capacity: number): Uint8Array {
  let unpacked: Buffer;
  try {
    unpacked = engine.zstdDecompressSync!(frame, { maxOutputLength: Math.max(1, capacity) });
  } catch (error) {
    throw (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? FULL : error;
  }
  if (unpacked.length > capacity) throw FULL;
  return unpacked;
}

function runWasm(engine: WasmZstd, frame: Uint8Array, capacity: number): Uint8Array {
  try {
    return engine.decompress(frame, { defaultHeapSize: capacity });
  } catch (error) {
    // zstd's code for a destination that is too small.
    throw String((error as Error).message).endsWith('-70') ? FULL : error;
  }
}

function runScript(whole: Uint8Array, capacity: number): Uint8Array {
  const script = optionalModule('fzstd') as ScriptZstd | undefined;
  if (script === undefined) throw new CompressionError('unavailable', 'fzstd is not installed');
  const facts = readZstdFrame(whole, 0) as ZstdFrame;
  const output = new OutputBuffer(capacity, 0);
  let isFull = false;
  const decoder = new script.Decompress((chunk) => {
    if (chunk.length > output.room) {
      isFull = true;
      throw FULL;
    }
    output.add(chunk);
  });
  try {
    // It allocates the window that the header asks for, hence a header of our own.
    decoder.push(rebuildZstdFrame(whole, facts), true);
  } catch (error) {
    throw isFull ? FULL : error;
  }
  if (facts.contentSize >= 0 && facts.contentSize !== output.length) throw new Error('wrong content size');
  if (facts.hasChecksum && xxhash64Low(output.bytes()) !== checksumOf(whole, facts)) throw new Error('wrong checksum');
  return output.bytes();
}

/** The checksum behind the blocks of a whole frame. */
function checksumOf(bytes: Uint8Array, { blocksEnd }: ZstdFrame): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(blocksEnd, true);
}

const corrupt = (message: string, output: OutputBuffer): CompressionError =>
  new CompressionError('corrupt', `zstd: ${message}`, output.bytes());

/** Levels -131072 to 22. Throws CompressionError (`unavailable`) before `loadZstd`. */
export function compressZstd(bytes: Uint8Array, level = DEFAULT_LEVEL): Uint8Array {
  const engine = nativeZstd();
  if (engine !== undefined) {
    return engine.zstdCompressSync!(bytes, {
      params: { [engine.constants['ZSTD_c_compressionLevel'] as number]: level },
    });
  }
  if (wasm === undefined) throw new CompressionError('unavailable', 'zstd is not loaded');
  return wasm.compress(bytes, level);
}
