import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is compiled of it is told from outside: V8 says whether it took what was kept. */
const PROGRAM = `exports.sum = (a, b) => a + b; exports.other = require('./other.js');`;
const HOST = `
  const vm = require('node:vm');
  const taken = [];
  const { Script } = vm;
  vm.Script = class extends Script {
    constructor(source, options) { super(source, options); taken.push(options.cachedData !== undefined && !this.cachedDataRejected); }
  };
  const { load } = require(process.argv[1]);
  const { sum, other } = load(process.argv[2]);
  console.log(JSON.stringify({ sum: sum(1, 2), other: other.name, taken }));`;

/** Its timers run by hand: how many files are there after each. */
const TURNS = `
  const { mkdirSync, readdirSync, writeFileSync } = require('node:fs');
  const directory = process.env.NODE_COMPILE_CACHE + '/ottla-' + process.getuid();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let old = 0; old < 101; old++) writeFileSync(directory + '/old-' + old, '');
  const timers = [];
  globalThis.setTimeout = (action) => (timers.push(action), { unref: () => undefined });
  require(process.argv[1]).load(process.argv[2]);
  const counts = [];
  for (let action = timers.shift(); action !== undefined; action = timers.shift()) {
    action();
    counts.push(readdirSync(directory).length);
  }
  console.log(JSON.stringify(counts));`;

describe('load-program', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-load-'));
    writeFileSync(join(directory, 'program.js'), PROGRAM);
    writeFileSync(join(directory, 'other.js'), `exports.name = 'other';`);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const cache = (): string => join(directory, 'cache');
  const ours = (): string => join(cache(), readdirSync(cache()).find((name) => name.startsWith('ottla-')) as string);

  function run(environment: Record<string, string> = {}): { sum: number; other: string; taken: boolean[] } {
    return told(HOST, environment) as { sum: number; other: string; taken: boolean[] };
  }

  function told(host: string, environment: Record<string, string> = {}): unknown {
    const { NODE_V8_COVERAGE: _coverage, NODE_DISABLE_COMPILE_CACHE: _disabled, ...inherited } = process.env;
    const args = [
      '-e',
      host,
      fileURLToPath(new URL('../../../dist/load.js', import.meta.url)),
      join(directory, 'program.js'),
    ];
    const env = { ...inherited, NODE_COMPILE_CACHE: cache(), ...environment };
    const { stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
    expect(stderr).to.equal('');
    return JSON.parse(stdout);
  }

  it('takes what the process before has compiled', () => {
    expect(run()).to.deep.equal({ sum: 3, other: 'other', taken: [false, false] });
    expect(run()).to.deep.equal({ sum: 3, other: 'other', taken: [true, true] });
  });

  it('keeps one file in a turn of the event loop, and removes one', function () {
    if (process.getuid === undefined) this.skip();
    expect(told(TURNS)).to.deep.equal([102, 103, 102, 101, 100, 100]);
    expect(run().taken).to.deep.equal([true, true]);
  });

  it('compiles again what has changed, though it is as long as before', () => {
    run();
    writeFileSync(join(directory, 'program.js'), PROGRAM.replace('a + b', 'a * b'));
    expect(run()).to.deep.equal({ sum: 2, other: 'other', taken: [false, true] });
  });

  it('compiles again what is cut or damaged', () => {
    run();
    for (const name of readdirSync(ours())) {
      const bytes = readFileSync(join(ours(), name));
      const isProgram = name.startsWith('program');
      if (isProgram) bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(join(ours(), name), isProgram ? bytes : bytes.subarray(0, 100));
    }
    expect(run()).to.deep.equal({ sum: 3, other: 'other', taken: [false, false] });
    expect(run().taken).to.deep.equal([true, true]);
  });

  it('leaves a directory alone in which others may write', function () {
    if (process.platform === 'win32') this.skip();
    mkdirSync(cache());
    run();
    chmodSync(ours(), 0o777);
    // Loaded as Node loads it: by no script of ours.
    expect(run().taken).to.deep.equal([]);
  });

  it('keeps nothing where the operator wants no such files', () => {
    expect(run({ NODE_DISABLE_COMPILE_CACHE: '1' }).taken).to.deep.equal([]);
    expect(() => readdirSync(cache())).to.throw('ENOENT');
  });

  it('works where nothing can be written', () => {
    writeFileSync(cache(), 'a file');
    expect(run()).to.deep.equal({ sum: 3, other: 'other', taken: [] });
  });
});
