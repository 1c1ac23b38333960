// The code of dist/, as CommonJS in two programs of chunks: broker/, what `import 'ottla'` gives, and front/, the command line and
// the extras, which have the wire and the client in common and reach a broker by its address. What is loaded on demand (handlers,
// codecs, coordinators) stays in files of its own; what a start loads becomes one. Beside them one small file for each entry of
// the package, which loads its program by load.js: V8 keeps what it has compiled of a script, of modules it does not (Node 20).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** The chunk of a broker's start, and the one that command line and extras share. */
const START = 'start';
const WIRE = 'wire';
const INDEX = 'src/index.ts';
/** What a thread of a cluster runs (startCluster, `threads`); nobody imports it. */
const THREAD = 'member-thread';
/** Stands for the broker's program in the code of the other one. */
const BROKER = 'ottla-broker-program';

/** Entries of the package beside its face: each could be deleted without the broker noticing. */
const EXTRAS = {
  client: 'src/client/index.ts',
  kafkajs: 'src/client/kafkajs/index.ts',
  serde: 'src/serde/index.ts',
  registry: 'src/schema-registry/index.ts',
};

/**
 * Our sources and Node's own modules, which are imported for their names alone: what nobody uses of them goes, with what it would
 * load.
 */
const NAMES_ALONE = /\.ts$|^node:/;

const written = {
  // A start reads all of it: shorter names are a tenth of the time. `node --enable-source-maps` shows the real ones
  // (the maps are not published: a build of the same version makes the same).
  minify: true,
  sourcemap: true,
  sourcemapExcludeSources: true,
  comments: { legal: false, annotation: false, jsdoc: false },
  banner: '"use strict";',
  // Packages that are loaded on demand are required: see checkImports.
  dynamicImportInCjs: false,
};

/** Writes the programs, load.js and the entries into `directory`. Rejects when the sources cannot be bundled. */
export async function writeBundles(root, directory) {
  const extras = Object.fromEntries(Object.entries(EXTRAS).map(([name, path]) => [name, join(root, path)]));
  const [broker, front] = await Promise.all([
    writeProgram(
      root,
      join(directory, 'broker'),
      { index: join(root, INDEX), [THREAD]: join(root, 'src/broker/embedding/member-thread.ts') },
      {
        plugins: [],
        groupsOf: (chunks) => [{ name: START, modules: modulesReached(chunks, ['index.js']) }],
      },
    ),
    writeProgram(
      root,
      join(directory, 'front'),
      { cli: join(root, 'src/cli/main.ts'), ...extras },
      {
        plugins: [brokerOutside(join(root, INDEX))],
        groupsOf: (chunks) => [{ name: WIRE, modules: wireModules(chunks) }],
        check: checkStart,
      },
    ),
    writeLoader(root, directory),
  ]);
  for (const [program, entries] of [
    ['broker', broker],
    ['front', front],
  ])
    for (const { name, exports } of entries) writeEntry(directory, program, name, exports);
  // The package says "module"; this part of it is CommonJS, which both kinds of programs can load.
  writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }\n');
}

/** Its entries, with the names that their sources export. */
async function writeProgram(root, directory, input, { plugins, groupsOf, check }) {
  const of = {
    cwd: root,
    input,
    plugins,
    platform: 'node',
    external: outsideOf(root),
    treeshake: { moduleSideEffects: [{ test: NAMES_ALONE, sideEffects: false }] },
    transform: { target: 'node20.19' },
  };
  const names = { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' };
  const found = await withBundle({ ...of, preserveEntrySignatures: 'strict' }, async (bundle) => {
    const { output } = await bundle.generate({ format: 'cjs', ...names });
    return new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  });
  const groups = groupsOf(found).map(({ name, modules }) => ({ name, test: (id) => modules.has(id) }));
  await withBundle({ ...of, preserveEntrySignatures: 'allow-extension' }, async (bundle) => {
    const codeSplitting = { includeDependenciesRecursively: false, groups };
    const { output } = await bundle.write({ dir: directory, format: 'cjs', ...names, ...written, codeSplitting });
    const chunks = output.filter(({ type }) => type === 'chunk');
    checkImports(chunks);
    check?.(chunks);
    checkLatin1(chunks.filter(({ name }) => groups.some((group) => group.name === name)));
    for (const { fileName, imports } of chunks) if (imports.includes(BROKER)) pointToBroker(directory, fileName);
  });
  return [...found.values()].filter(({ isEntry }) => isEntry);
}

async function withBundle(options, use) {
  const bundle = await rolldown(options);
  try {
    return await use(bundle);
  } finally {
    await bundle.close();
  }
}

/** What is installed with the package stays outside; what only the extras need is built in (spec ecosystem 0.1). */
function outsideOf(root) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const installed = Object.keys({ ...dependencies, ...optionalDependencies });
  return (id) =>
    id === BROKER || id.startsWith('node:') || installed.some((name) => id === name || id.startsWith(`${name}/`));
}

/** The command line reaches the broker's program where that lies, and has no copy of it. */
function brokerOutside(index) {
  return {
    name: 'broker-outside',
    async resolveId(source, importer, options) {
      if (importer === undefined || !source.startsWith('.')) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      return resolved?.id === index ? { id: BROKER, external: true } : null;
    },
  };
}

function pointToBroker(directory, fileName) {
  const path = join(directory, fileName);
  const place = `${'../'.repeat(fileName.split('/').length)}broker/index.js`;
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(BROKER, place));
}

/** A script whose compiled code was kept cannot import. */
function checkImports(chunks) {
  for (const { fileName, code } of chunks) {
    const at = code.search(/(?<![\w$.])import\(/);
    if (at >= 0) throw new Error(`${fileName} has an import: ${code.slice(at, at + 60)}`);
  }
}

/** A broker that starts must not read the client: it would cost time and memory that nobody asked for (spec ecosystem 0.2). */
function checkStart(chunks) {
  const { fileName } = chunks.find(({ name }) => name === 'start');
  const read = filesReached(new Map(chunks.map((chunk) => [chunk.fileName, chunk])), [fileName]);
  if (read.has('client.js')) throw new Error(`${fileName}, which starts a broker, reads the client`);
}

/** What the client reads, save for what every command of the command line reads. */
function wireModules(chunks) {
  const modules = modulesReached(chunks, ['client.js']);
  for (const id of modulesReached(chunks, ['cli.js'])) modules.delete(id);
  return modules;
}

/** Of these chunks and of all that they import, whatever is not loaded on demand. */
function modulesReached(chunks, entries) {
  return new Set([...filesReached(chunks, entries)].flatMap((file) => chunks.get(file)?.moduleIds ?? []));
}

function filesReached(chunks, entries) {
  const files = new Set(entries);
  for (const file of files) for (const imported of chunks.get(file)?.imports ?? []) files.add(imported);
  return files;
}

/** V8 keeps a source with any character beyond Latin-1 as two bytes each: slower to compile, twice the memory. */
function checkLatin1(chunks) {
  for (const { name, code } of chunks) {
    const at = code.search(/[\u0100-\uffff]/);
    if (at >= 0)
      throw new Error(`chunk ${name} has a character beyond Latin-1: ${code.slice(Math.max(0, at - 60), at + 1)}`);
  }
}

async function writeLoader(root, directory) {
  const bundle = await rolldown({
    cwd: root,
    input: { load: join(root, 'src/runtime/node/load-program.ts') },
    platform: 'node',
    external: (id) => id.startsWith('node:'),
  });
  await bundle.write({ dir: directory, format: 'cjs', entryFileNames: '[name].js', ...written });
  await bundle.close();
}

/** The names stand there for whoever reads exports without running the file: Node does so for `import`. */
function writeEntry(directory, program, name, exported) {
  const place = `${program}/${name}.js`;
  const lines =
    name === 'cli'
      ? ['#!/usr/bin/env node', "'use strict';", `require('./load.js').load(require.resolve('./${place}'));`]
      : [
          "'use strict';",
          `module.exports = require('./load.js').load(require.resolve('./${place}'));`,
          `0 && (module.exports = { ${exported.join(', ')} });`,
        ];
  writeFileSync(join(directory, `${name}.js`), `${lines.join('\n')}\n`, { mode: 0o755 });
}
