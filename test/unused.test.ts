// Nothing lies about in the house that nobody uses: no export, method or field that only its own file or only a test knows,
// and no comment that names a file or class which is not there. Names are compared as words: what is found is unused; a
// name that is also used for something else may be missed. The list of exceptions may only shrink.
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countNames, filesBelow, root, source, SourceFile } from './source-files.ts';

const TEST_HARNESS = 'tests look at it';
const CLIENT_SIDE = 'of the client side of the protocol, which golden data judge; the client to come will use it';

/** Exports and members that only tests, or the judges of ../conformance, use: why they stay. */
const usedByTestsOnly: Readonly<Record<string, string>> = {
  forEachRecord: CLIENT_SIDE,
  validBytes: CLIENT_SIDE,
  buildControlBatch: 'headers and footers of snapshots; Raft of several nodes (issue 10) will use it',
  crc32cEngines: 'each engine is judged, whichever the machine would choose',
  clientCount: TEST_HARNESS,
  defaultLogConfig: TEST_HARNESS,
  heldPartitions: TEST_HARNESS,
  isHosted: TEST_HARNESS,
  openCount: TEST_HARNESS,
  resourceCount: TEST_HARNESS,
};

/** Files that declare more than is used: messages of the protocol, records of coordinators, bodies of requests as tests write them. */
const declarations =
  /^src\/(protocol\/messages\/|testing\/bodies\/|[a-z]+-coordinator\/([a-z]+\/)?(group-)?records\.ts)/;
/** Rooms that serve tests. */
const forTests = /^src\/runtime\/sim\//;
/** A library: its users are outside (ecosystem.md 7). */
const libraries = /^src\/(client|serde)\//;

interface Declared {
  readonly name: string;
  readonly isExport: boolean;
  readonly isType: boolean;
}

function declaredIn(code: string): Declared[] {
  const found: Declared[] = [];
  const exported =
    /^export (?:declare )?(?:abstract )?(?:async )?(const|function\*?|class|interface|type|enum|let) ([A-Za-z_$][\w$]*)/gm;
  for (const [, kind, name] of code.matchAll(exported))
    found.push({ name: name as string, isExport: true, isType: kind === 'interface' || kind === 'type' });
  const method = /^ {2}(?:static |async |get |set |\*)*([A-Za-z_$][\w$]*)(?:<[^>]*>)?\(.*(?:\{|,|\()$/gm;
  const field = /^ {2}(?:static |readonly )+([A-Za-z_$][\w$]*)[:;= ]/gm;
  for (const [, name] of [...code.matchAll(method), ...code.matchAll(field)])
    if (!/^(?:constructor|if|for|while|switch|return)$/.test(name as string))
      found.push({ name: name as string, isExport: false, isType: false });
  return found;
}

describe('The house', () => {
  const files = filesBelow(source).map((path) => new SourceFile(path));
  const elsewhere = ['test', 'conformance', 'bench', 'scripts', 'examples']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path))
    .flatMap(filesBelow)
    .filter((path) => !path.endsWith('unused.test.ts'));
  const namesElsewhere = new Set(elsewhere.flatMap((path) => [...countNames(readFileSync(path, 'utf8')).keys()]));
  const total = new Map<string, number>();
  for (const { names } of files) for (const [name, count] of names) total.set(name, (total.get(name) ?? 0) + count);
  /** What the package hands out. */
  const face = countNames(readFileSync(join(source, 'index.ts'), 'utf8'));

  /** Why `declared` should not be there as it is, if so. */
  function faultOf(file: SourceFile, { name, isExport, isType }: Declared): string | undefined {
    const own = file.names.get(name) ?? 0;
    const others = (total.get(name) ?? 0) - own;
    if (others > 0 || face.has(name)) return undefined;
    const isUsedHere = own > 1;
    if (isUsedHere && (!isExport || isType)) return undefined;
    if (isUsedHere && namesElsewhere.has(name)) return undefined;
    if (isUsedHere) return `${file.path}: ${name} is exported for nobody`;
    if (forTests.test(file.path) && namesElsewhere.has(name)) return undefined;
    return `${file.path}: ${name} is used by ${namesElsewhere.has(name) ? 'tests only' : 'nobody'}`;
  }

  const faults = new Map<string, string>();
  for (const file of files.filter(({ path }) => !declarations.test(path) && !libraries.test(path))) {
    for (const declared of declaredIn(file.code)) {
      const fault = faultOf(file, declared);
      if (fault !== undefined) faults.set(declared.name, fault);
    }
  }

  it('has nothing that nobody uses', () => {
    const unexpected = [...faults].filter(([name]) => usedByTestsOnly[name] === undefined);
    expect(unexpected.map(([, fault]) => fault)).to.deep.equal([]);
  });

  it('has no exception that is none', () => {
    expect(Object.keys(usedByTestsOnly).filter((name) => !faults.has(name))).to.deep.equal([]);
  });

  it('names only files that are there', () => {
    const known = new Set([...filesBelow(source), ...elsewhere].map((path) => path.slice(path.lastIndexOf('/') + 1)));
    const wrong = files.flatMap(({ path, comments }) =>
      comments
        .flatMap((comment) => comment.match(/[\w-]+\.ts\b/g) ?? [])
        .filter((name) => !known.has(name))
        .map((name) => `${path} speaks of ${name}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('points only to names that are there', () => {
    const pointer = /\b(?:see|See) `?([A-Z]\w*[a-z]\w*[A-Z]\w*)|`([a-z]+[A-Z]\w*)`/g;
    const wrong = files.flatMap(({ path, comments }) =>
      comments
        .flatMap((comment) => [...comment.matchAll(pointer)].map((match) => match[1] ?? (match[2] as string)))
        .filter((name) => !total.has(name))
        .map((name) => `${path} speaks of ${name}`),
    );
    expect(wrong).to.deep.equal([]);
  });
});
