// Compiles the WebAssembly kernels with AssemblyScript and writes them as base64 into the sources that embed them:
//   npm install --no-save assemblyscript@0.28.20 && node scripts/wasm/build.mjs
// The result is committed, so neither install nor build needs the compiler.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const compiler = join(
  dirname(
    createRequire(process.env.ASC_HOME ? join(process.env.ASC_HOME, 'x.js') : import.meta.url).resolve(
      'assemblyscript/package.json',
    ),
  ),
  'bin',
  'asc.js',
);

const kernels = [
  { source: 'crc32c.asc', target: 'src/protocol/records/crc32c-wasm.ts', pages: 2, what: 'CRC-32C by slicing-by-16' },
  {
    source: 'blocks.asc',
    target: 'src/protocol/compression/blocks-wasm.ts',
    pages: 4,
    what: 'LZ4 and Snappy blocks',
  },
];

for (const { source, target, pages, what } of kernels) {
  const directory = mkdtempSync(join(tmpdir(), 'ottla-wasm-'));
  const binary = join(directory, 'kernel.wasm');
  // Kept under another ending, for it is not TypeScript to the tools of this project.
  copyFileSync(join(here, source), join(directory, 'kernel.ts'));
  execFileSync(
    process.execPath,
    [
      compiler,
      join(directory, 'kernel.ts'),
      '--outFile',
      binary,
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--use',
      'abort=',
      '--initialMemory',
      String(pages),
    ],
    { stdio: 'inherit' },
  );
  const bytes = readFileSync(binary);
  rmSync(directory, { recursive: true });
  const lines = bytes
    .toString('base64')
    .match(/.{1,100}/g)
    .map((line) => `  '${line}'`);
  writeFileSync(
    join(root, target),
    `// Written by scripts/wasm/build.mjs from scripts/wasm/${source}; do not edit. ${what}, ${bytes.length} bytes.\n\nexport const WASM_BASE64 =\n${lines.join(' +\n')};\n`,
  );
  console.log(`${target}: ${bytes.length} bytes`);
}
