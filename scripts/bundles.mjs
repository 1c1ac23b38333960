// The code of dist/, as ESM and as CommonJS, in chunks, so that what is loaded on demand (handlers, codecs, coordinators)
// stays apart. What a broker loads at its start becomes one chunk: Node resolves every import between chunks in
// JavaScript, and some dozens of them cost a start more than the reading does, time and memory.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** The chunk of the start, and of it what the client needs too: who loads the client does not load the broker. */
const START = 'broker';
const WIRE = 'wire';

/** Entries of the package beside its face: each could be deleted without the broker noticing. */
const EXTRAS = {
  client: 'src/client/index.ts',
  kafkajs: 'src/client/kafkajs/index.ts',
  serde: 'src/serde/index.ts',
  registry: 'src/schema-registry/index.ts',
};

/** What a thread of a cluster runs (startCluster, `threads`); nobody imports it. */
const THREAD = 'member-thread';

const written = {
  // A start reads all of it: shorter names are a tenth of the time. `node --enable-source-maps` shows the real ones
  // (the maps are not published: a build of the same version makes the same).
  minify: true,
  sourcemap: true,
  sourcemapExcludeSources: true,
  comments: { legal: false, annotation: false, jsdoc: false },
};

/** What is installed with the package stays outside; what only the extras need is built in (spec ecosystem 0.1). */
function outsideOf(root) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const installed = Object.keys({ ...dependencies, ...optionalDependencies });
  return (id) => id.startsWith('node:') || installed.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Writes index.cjs, index.js, cli.js and their chunks/ into `directory`. Rejects when the sources cannot be bundled. */
export async function writeBundles(root, directory) {
  const index = join(root, 'src/index.ts');
  const extras = Object.fromEntries(
    Object.entries(EXTRAS)
      .map(([name, path]) => [name, join(root, path)])
      .filter(([, path]) => existsSync(path)),
  );
  const library = { index, ...extras, [THREAD]: join(root, 'src/broker/embedding/member-thread.ts') };
  await Promise.all([
    writeBundle(root, { dir: directory, format: 'esm' }, 'js', { ...library, cli: join(root, 'src/cli/main.ts') }),
    writeBundle(root, { dir: directory, format: 'cjs' }, 'cjs', library),
  ]);
}

async function writeBundle(root, { dir, format }, extension, input) {
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: outsideOf(root),
    transform: { target: 'node20.19' },
    preserveEntrySignatures: 'allow-extension',
  });
  try {
    const names = { entryFileNames: `[name].${extension}`, chunkFileNames: `chunks/[name]-[hash].${extension}` };
    const { output } = await bundle.generate({ format, ...names });
    const { atStart, shared } = modulesAtStart(output, extension, Object.keys(EXTRAS));
    const groups = [
      { name: WIRE, test: (id) => shared.has(id) },
      { name: START, test: (id) => atStart.has(id) },
    ];
    const codeSplitting = { includeDependenciesRecursively: false, groups };
    const files = await bundle.write({ dir, format, ...names, ...written, codeSplitting });
    checkLatin1(files.output);
  } finally {
    await bundle.close();
  }
}

/** V8 keeps a source with any character beyond Latin-1 as two bytes each: slower to compile, twice the memory. */
function checkLatin1(output) {
  const chunks = output.filter(({ type }) => type === 'chunk');
  const { code } = chunks.reduce((largest, chunk) => (chunk.code.length > largest.code.length ? chunk : largest));
  const at = code.search(/[\u0100-\uffff]/);
  if (at >= 0)
    throw new Error(
      `the largest chunk, that of the start, has a character beyond Latin-1: ${code.slice(at - 60, at + 1)}`,
    );
}

/**
 * Modules that `import 'ottla'` reads, save for those that every command of the command line reads; apart from them those that an
 * extra reads too.
 */
function modulesAtStart(output, extension, extras) {
  const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const modules = modulesReached(chunks, [`index.${extension}`]);
  for (const id of modulesReached(chunks, [`cli.${extension}`])) modules.delete(id);
  const ofExtras = modulesReached(
    chunks,
    extras.map((name) => `${name}.${extension}`),
  );
  const shared = new Set([...modules].filter((id) => ofExtras.has(id)));
  return { atStart: new Set([...modules].filter((id) => !shared.has(id))), shared };
}

/** Of these chunks and of all that they import, whatever is not loaded on demand. */
function modulesReached(chunks, entries) {
  const modules = new Set();
  const seen = new Set(entries);
  for (const file of seen) {
    const chunk = chunks.get(file);
    if (chunk === undefined) continue;
    for (const id of chunk.moduleIds) modules.add(id);
    for (const imported of chunk.imports) seen.add(imported);
  }
  return modules;
}
