// What stands around the broker costs a broker nothing that does not use it (spec ecosystem 0.2): it is in no file that a start loads.
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const EXTRA = /src\/(client|serde|schema-registry|tools|cli)\//;
const INSTALLED = /node_modules\//;

/** The sources that have gone into a chunk; the bundler's own has no map. */
function sourcesOf(program: string, chunk: string): string[] {
  if (/rolldown-runtime/.test(chunk)) return [];
  const map = JSON.parse(readFileSync(join(dist, program, `${chunk}.map`), 'utf8')) as { sources: string[] };
  return map.sources;
}

/** Files that are loaded with this one, whatever is only loaded on demand left out. */
function loadedWith(program: string, entry: string): string[] {
  const found = new Set([entry]);
  for (const file of found) {
    const code = readFileSync(join(dist, program, file), 'utf8');
    for (const [, place] of code.matchAll(/(?<!\.then\(\(\)=>)\brequire\(["'`](\.[^"'`]+)["'`]\)/g))
      found.add(join(file, '..', place as string));
  }
  return [...found];
}

describe('What a start loads', () => {
  it('is of the broker alone, with no package but those that are installed with it', () => {
    const sources = loadedWith('broker', 'index.js').flatMap((file) => sourcesOf('broker', file));
    expect(sources.length).to.be.greaterThan(300);
    expect(sources.filter((source) => EXTRA.test(source) || INSTALLED.test(source))).to.deep.equal([]);
  });

  it('is of the command line alone until a command is chosen', () => {
    const sources = loadedWith('front', 'cli.js').flatMap((file) => sourcesOf('front', file));
    expect(
      sources.filter((source) => /src\/(client|serde|schema-registry|broker|log|kraft)\//.test(source)),
    ).to.deep.equal([]);
  });

  it('is, for the client, the client and the wire', () => {
    const sources = loadedWith('front', 'client.js').flatMap((file) => sourcesOf('front', file));
    const rooms = new Set(sources.map((source) => /src\/([a-z-]+)/.exec(source)?.[1]));
    expect([...rooms].filter((room) => room !== undefined).sort()).to.deep.equal(['client', 'protocol', 'runtime']);
  });

  it('is, of Node, little beside the network: an import of the client is short', () => {
    const code = loadedWith('front', 'client.js').map((file) => readFileSync(join(dist, 'front', file), 'utf8'));
    const modules = code.flatMap((text) =>
      [...text.matchAll(/\brequire\(["'`]node:([^"'`]+)["'`]\)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(modules)].sort()).to.deep.equal(['fs', 'module', 'net', 'path', 'perf_hooks']);
  });

  it('has every chunk beside it that may be asked for later', () => {
    expect(readdirSync(join(dist, 'broker/chunks')).some((file) => file.startsWith('00-produce'))).to.equal(true);
  });
});
