// Builds dist/: the library for ESM (index.js) and CommonJS (index.cjs), the command line (cli.js), and the types of
// both. ESM is split so that handlers and codecs that are loaded lazily stay files of their own; packages stay outside.
// `--without-types` leaves the types out: what `npm start` and `npm test` need, without the type checker's two seconds;
// `--types-alone` adds them to a build that is there.
// `--clean` removes all that is not of this build: what a package is made of. `--out=DIR` builds elsewhere.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBundles } from './bundles.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = process.argv.find((argument) => argument.startsWith('--out='))?.slice('--out='.length);
const dist = out === undefined ? join(root, 'dist') : resolve(out);
/** Built beside and moved into place file by file, so that a broker that starts meanwhile sees whole files. */
const fresh = `${dist}.${process.pid}`;

try {
  rmSync(fresh, { recursive: true, force: true });
  if (!process.argv.includes('--types-alone')) await writeBundles(root, fresh);
  if (!process.argv.includes('--without-types')) emitTypes();
  replaceDist();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/**
 * The same declarations twice: TypeScript takes the kind of module from the nearest package.json. Whether the sources are sound is what
 * `npm run typecheck` says: to write their declarations takes a third of the time.
 */
function emitTypes() {
  const [types, commonJs] = [join(fresh, 'types'), join(fresh, 'types-cjs')];
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const args = [tsc, '-p', join(root, 'scripts/tsconfig.types.json'), '--noCheck', '--outDir', types];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error('The types could not be emitted.');
  cpSync(types, commonJs, { recursive: true });
  writeFileSync(join(types, 'package.json'), '{"type":"module"}\n');
  writeFileSync(join(commonJs, 'package.json'), '{"type":"commonjs"}\n');
}

/**
 * Puts the new files in place, those that others import first. Chunks of earlier builds stay for a day, because a
 * broker that runs may load one of its own on the first request of a kind.
 */
function replaceDist() {
  const files = filesBelow(fresh);
  const isEntry = (file) => !file.startsWith('chunks');
  for (const file of [...files.filter((one) => !isEntry(one)), ...files.filter(isEntry)]) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    renameSync(join(fresh, file), join(dist, file));
  }
  const isClean = process.argv.includes('--clean');
  const current = new Set(files);
  for (const file of filesBelow(dist)) {
    const isKept = current.has(file) || (!isClean && Date.now() - statSync(join(dist, file)).mtimeMs < 86_400_000);
    if (!isKept) rmSync(join(dist, file));
  }
}

/** Paths from `directory` on. */
function filesBelow(directory) {
  return readdirSync(directory, { recursive: true }).filter((file) => statSync(join(directory, file)).isFile());
}
