// Loads the built program the fast way: V8 keeps what it compiled, of the functions too that a start calls, in a file between
// processes, and half of a start is compiling. Node 22 and newer have this for modules (module.enableCompileCache), but a
// library cannot turn it on for the process that it is a guest in, and Node 20 has nothing. An entry of its own in dist/.
import { isAscii } from 'node:buffer';
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { runInThisContext, Script } from 'node:vm';
import { crc32 } from 'node:zlib';

type Require = (id: string) => unknown;
type Wrapped = (exports: unknown, require: Require, module: unknown, filename: string, directory: string) => void;

interface Compiled {
  readonly script: Script;
  readonly cacheFile: string;
}

/** Bytes before V8's data: their CRC-32. V8 itself trusts what it is given. */
const CHECKSUM_BYTES = 4;
/** What earlier builds left: the oldest go first. */
const FILES_KEPT = 100;
/** Not at once: what is compiled for the first requests is kept too, and nobody waits for it then. */
const KEPT_AFTER_MS = 2_000;
/** Between two files: together they would hold up requests for a tenth of a second and more. */
const PAUSE_MS = 20;

const modules = new Map<string, { exports: unknown }>();
let fresh: Compiled[] = [];
let cacheDirectory: string | undefined;

/** What the CommonJS file at `path`, an absolute one, exports. Throws as `require` does. */
export function load(path: string): unknown {
  cacheDirectory ??= canCache() ? ownDirectory() : undefined;
  return cacheDirectory === undefined ? createRequire(path)(path) : loadCached(path, cacheDirectory);
}

/**
 * Not where somebody else decides how code is loaded (Jest gives each test a world of its own: what is compiled here would belong
 * to another), nor where the operator wants no such files (the variable is Node's own).
 */
function canCache(): boolean {
  const { NODE_DISABLE_COMPILE_CACHE: disabled, NODE_V8_COVERAGE: coverage } = process.env;
  if (disabled !== undefined || coverage !== undefined) return false;
  return runInThisContext('globalThis') === globalThis && typeof crc32 === 'function';
}

/** Code is run from it: it has to be ours, and nobody else may write there. undefined: there is no such place. */
function ownDirectory(): string | undefined {
  const userId = process.getuid?.();
  const path = join(process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'node-compile-cache'), `ottla-${userId ?? ''}`);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const info = lstatSync(path);
    const isOurs = userId === undefined || (info.uid === userId && (info.mode & 0o022) === 0);
    return info.isDirectory() && isOurs ? path : undefined;
  } catch {
    // A read-only machine: it starts as fast as it can.
    return undefined;
  }
}

function loadCached(path: string, directory: string): unknown {
  const known = modules.get(path);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(path, module);
  const outside = createRequire(path);
  const require: Require = (id) =>
    id.startsWith('.') ? loadCached(resolve(dirname(path), id), directory) : outside(id);
  try {
    compile(path, directory).call(module.exports, module.exports, require, module, path, dirname(path));
  } catch (error) {
    modules.delete(path);
    throw error;
  }
  return module.exports;
}

const HEAD = Buffer.from('(function (exports, require, module, __filename, __dirname) {');
const TAIL = Buffer.from('\n})');

function compile(path: string, directory: string): Wrapped {
  const wrapped = wrappedFile(path);
  // V8 compares no more than the length of a source, and its own version and flags; what it keeps tells the old path in stack traces.
  const digest = crc32(path, crc32(wrapped)).toString(16);
  const cacheFile = join(directory, `${basename(path, '.js')}-${digest}-${cachedDataVersionTag().toString(16)}.bin`);
  const cachedData = readKept(cacheFile);
  const script = new Script(wrapped.toString(isAscii(wrapped) ? 'latin1' : 'utf8'), {
    filename: path,
    columnOffset: -HEAD.length,
    cachedData,
  });
  if (cachedData === undefined || script.cachedDataRejected === true) plan({ script, cacheFile });
  return script.runInThisContext() as Wrapped;
}

/** Put together as bytes: of texts of this size each copy shows in the memory of an idle broker. */
function wrappedFile(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const wrapped = Buffer.allocUnsafeSlow(HEAD.length + size + TAIL.length);
    HEAD.copy(wrapped);
    for (let at = 0; at < size; ) {
      const read = readSync(file, wrapped, HEAD.length + at, size - at, at);
      if (read === 0) throw new Error(`${path} has become shorter while it was read`);
      at += read;
    }
    TAIL.copy(wrapped, HEAD.length + size);
    return wrapped;
  } finally {
    closeSync(file);
  }
}

/** undefined: nothing, or nothing that is whole. */
function readKept(cacheFile: string): Buffer | undefined {
  try {
    const bytes = readFileSync(cacheFile);
    const data = bytes.subarray(CHECKSUM_BYTES);
    return data.length > 0 && bytes.readUInt32BE(0) === crc32(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Only the main thread keeps anything: what threads load, they compile. What comes later is kept in its turn. */
function plan(compiled: Compiled): void {
  // Asked for where something was compiled: most starts find all of it.
  if (!process.getBuiltinModule('node:worker_threads').isMainThread) return;
  fresh.push(compiled);
  if (fresh.length > 1) return;
  setTimeout(keepOne, KEPT_AFTER_MS).unref();
  process.off('exit', keepAll).once('exit', keepAll);
}

/** One file in a turn of the event loop. */
function keepOne(): void {
  if (keepNext()) setTimeout(keepOne, PAUSE_MS).unref();
}

function keepAll(): void {
  while (keepNext());
}

/** Writes or removes one file; false when there is nothing left to do. */
function keepNext(): boolean {
  const directory = cacheDirectory;
  if (directory === undefined) return false;
  try {
    const next = fresh[0];
    if (next === undefined) return removeOldest(directory);
    write(next.cacheFile, next.script.createCachedData());
    fresh.shift();
    return true;
  } catch {
    // A full disk: the next start compiles again.
    fresh = [];
    return false;
  }
}

/** Whole or not at all, whoever else starts at the same time. */
function write(cacheFile: string, data: Buffer): void {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32BE(crc32(data));
  const unfinished = `${cacheFile}.${process.pid}`;
  writeFileSync(unfinished, Buffer.concat([checksum, data]), { mode: 0o600 });
  renameSync(unfinished, cacheFile);
}

/** False when there are not too many. */
function removeOldest(directory: string): boolean {
  const names = readdirSync(directory);
  if (names.length <= FILES_KEPT) return false;
  const ages = names.map((name) => join(directory, name)).map((path) => ({ path, writtenMs: statSync(path).mtimeMs }));
  const { path } = ages.reduce((oldest, other) => (other.writtenMs < oldest.writtenMs ? other : oldest));
  rmSync(path, { force: true });
  return true;
}
