// The house keeps itself tidy: who may import whom (ARCHITECTURE.md), how long files and functions may be, and what only
// src/runtime/node may touch. The lists of exceptions may only shrink.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { filesBelow, root, source } from './source-files.ts';

/** Room → rooms it may import, beside runtime's ports and protocol, which every room may. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  'runtime/node': ['runtime'],
  'runtime/memory': ['runtime'],
  'runtime/sim': ['runtime', 'runtime/memory'],
  protocol: [],
  log: [],
  // What Raft hands over and the metadata builds on; neither of the two knows the other.
  'kraft/committed': [],
  'kraft/raft': ['kraft/committed'],
  'kraft/metadata': ['kraft/committed'],
  'kraft/format': ['kraft/metadata', 'kraft/raft'],
  'kraft/controller': ['kraft/metadata', 'kraft/raft'],
  replication: ['log', 'kraft/metadata'],
  'coordinator-common': ['kraft/metadata'],
  'group-coordinator': ['coordinator-common', 'kraft/metadata'],
  'transaction-coordinator': ['coordinator-common', 'kraft/metadata'],
  'share-coordinator': ['coordinator-common', 'kraft/metadata'],
  // Share groups where their partitions are led: between the logs and the share coordinator, which it knows as a port.
  'share-partitions': ['replication', 'kraft/metadata'],
  'api-handlers': [
    'replication',
    'kraft/metadata',
    'kraft/controller',
    'coordinator-common',
    'group-coordinator',
    'transaction-coordinator',
    'share-coordinator',
    'share-partitions',
  ],
  broker: [
    'runtime/node',
    'runtime/memory',
    'log',
    'kraft/raft',
    'kraft/metadata',
    'kraft/format',
    'kraft/controller',
    'replication',
    'coordinator-common',
    'group-coordinator',
    'transaction-coordinator',
    'share-coordinator',
    'share-partitions',
    'api-handlers',
    'testing',
    'metrics',
  ],
  // Requests watched, refused, delayed, remembered: the broker loads it as a stage; it knows the lists of what is served.
  testing: ['api-handlers'],
  // The pages for an operator: the broker loads them when metrics.port is set; they read the rooms when somebody asks.
  metrics: ['api-handlers', 'replication', 'kraft/metadata', 'kraft/raft', 'group-coordinator', 'log'],
  // What kafka-storage does with directories needs no broker.
  // src/cli/extras.ts names the tools, each to be loaded on demand.
  cli: ['index', 'log', 'runtime/node', 'kraft/format', 'kraft/metadata', 'tools'],
  // The registry is loaded when `startBroker` is asked for one.
  index: ['broker', 'schema-registry'],
  // Extras: they reach a broker over the wire, through the client, and could each be deleted without its noticing.
  client: ['runtime/node'],
  // Serialisers implement what the client asks of them; the registry's client speaks HTTP.
  serde: ['client', 'runtime/node'],
  tools: ['client', 'serde', 'schema-registry', 'runtime/node', 'log', 'kraft/format', 'kraft/metadata'],
  'schema-registry': ['client', 'serde', 'runtime/node'],
  gateway: ['client', 'serde'],
  console: ['client'],
  streams: ['client', 'serde'],
  sql: ['client', 'serde'],
  mirror: ['client'],
  mcp: ['client'],
};

/**
 * The inner walls: folders of a room, from the top floor down. A folder imports only from floors below its own; files
 * beside the folders take part in the search for circles only.
 */
const floors: Readonly<Record<string, readonly (readonly string[])[]>> = {
  log: [
    ['manager'],
    ['partition'],
    ['recovery', 'cleaner', 'tiered'],
    ['validation'],
    ['producers'],
    ['segments', 'config'],
  ],
  broker: [['embedding'], ['node'], ['network'], ['security', 'quotas', 'telemetry'], ['configs']],
  replication: [['directories', 'fetching', 'following', 'leading']],
  'group-coordinator': [
    ['snapshots'],
    ['consumer', 'share', 'streams'],
    ['classic', 'offsets'],
    ['modern'],
    ['assignors'],
  ],
  'kraft/metadata': [['delta'], ['image'], ['records']],
  'kraft/controller': [['cluster'], ['topics'], ['placement', 'configs']],
};

/** Lines beyond the cap, by file. */
const longFiles: Readonly<Record<string, number>> = {};
const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 70;

const banned: readonly [RegExp, string][] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'the wall clock'],
  [/\bperformance\.now\(|\bprocess\.hrtime\b/, 'the monotonic clock'],
  [/\bMath\.random\(|\brandomBytes\(|\brandomUUID\(|\bgetRandomValues\(/, 'randomness'],
  [/\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(/, 'timers'],
  [/from 'node:(fs|net|worker_threads|dgram|http|https|tls)(\/promises)?'/, 'the disk, the network or threads'],
];

const leftOvers: readonly [RegExp, string][] = [
  [/\bTODO\b|\bFIXME\b|\bXXX\b|not (yet )?implemented|placeholder|for now\b/i, 'a left-over'],
  [/\bas any\b|: any\b|@ts-ignore|@ts-nocheck|eslint-disable/, 'an escape from the type checker'],
  [/catch *(\([^)]*\))? *\{ *\}/, 'a swallowed error'],
  [/from 'kafkajs'/, 'the test client'],
];

/** The longest room name that a path in src lies in. */
function roomOf(path: string): string {
  const place = relative(source, path);
  const rooms = Object.keys(mayImport).filter((room) => place.startsWith(`${room}/`) || place === `${room}.ts`);
  return rooms.sort((a, b) => b.length - a.length)[0] ?? '';
}

/** Files that outsiders may import: the room's public file, and those that exist to be loaded one by one. */
function isPublic(target: string, importerRoom: string, isLazy: boolean): boolean {
  const place = relative(source, target);
  if (/(^|\/)index\.ts$/.test(place)) return true;
  if (/^protocol\/messages\/(\d\d-)?[a-z-]+\.ts$/.test(place)) return true;
  if (place.startsWith('kraft/metadata/records/')) return importerRoom.startsWith('kraft');
  if (importerRoom.startsWith('runtime/') && place.startsWith('runtime/')) return true;
  return isLazy;
}

interface Import {
  readonly target: string;
  readonly isLazy: boolean;
}

function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8');
  const found: Import[] = [];
  for (const match of text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from '(\.[^']+)'|import\('(\.[^']+)'\)/g)) {
    const specifier = match[1] ?? (match[2] as string);
    found.push({ target: resolve(dirname(path), specifier), isLazy: match[2] !== undefined });
  }
  return found;
}

function importFault(path: string, { target, isLazy }: Import): string | undefined {
  const from = roomOf(path);
  const to = roomOf(target);
  const said = `${relative(root, path)} imports ${relative(root, target)}`;
  if (from === to) return undefined;
  const isAllowed = to === 'runtime' || to === 'protocol' || (mayImport[from] ?? []).includes(to);
  if (from === 'protocol' && to !== 'runtime') return said;
  if (from === 'log' && relative(source, target).startsWith('protocol/messages/')) return said;
  if (!isAllowed || (from === 'runtime' && to !== 'runtime')) return said;
  return isPublic(target, from, isLazy) ? undefined : `${said}, which is not its public file`;
}

/** Functions and methods by indentation: from a line that opens one to the line that closes it at the same depth. */
function longFunctions(path: string, lines: readonly string[]): string[] {
  const faults: string[] = [];
  const opening =
    /^(\s*)(?:export )?(?:async )?(?:function\b|(?:static |override |async |private |get |set |\*)*[#\w]+(?:<[^>]*>)?\([^=]*\)?.*\{$|.*=> \{$)/;
  lines.forEach((line, index) => {
    const match = opening.exec(line);
    if (
      match === null ||
      !line.trimEnd().endsWith('{') ||
      /^\s*(if|for|while|switch|else|\} else|return|describe|it)\b/.test(line)
    )
      return;
    const indent = match[1] as string;
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${indent}}`));
    if (end - index + 1 > MAX_FUNCTION_LINES)
      faults.push(`${relative(root, path)}:${index + 1} has ${end - index + 1} lines`);
  });
  return faults;
}

/** Folder of a room, or a file beside the folders, that a path stands for in the graph of that room. */
function nodeOf(path: string, room: string): string {
  return relative(join(source, room), path).split('/')[0] as string;
}

/** The nodes of a circle, if there is one: depth first, with the path that was walked. */
function circleIn(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of arrows.get(node) ?? []) {
      const circle = walk(next, [...path, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of arrows.keys()) {
    const circle = walk(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Arrows between what two functions make of importer and imported; what is not named (undefined) has none. */
function arrowsBetween(
  paths: readonly string[],
  name: (path: string) => string | undefined,
): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const path of paths) {
    const from = name(path);
    if (from === undefined) continue;
    for (const { target } of importsOf(path)) {
      const to = name(target);
      if (to === undefined || to === from) continue;
      arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
    }
  }
  return arrows;
}

describe('tidy', () => {
  const files = filesBelow(source);

  it('imports only what the table of the rooms allows', () => {
    const faults = files.flatMap((path) => importsOf(path).map((one) => importFault(path, one)));
    expect(faults.filter((fault) => fault !== undefined)).to.deep.equal([]);
  });

  it('has a room for every file', () => {
    expect(files.filter((path) => roomOf(path) === '').map((path) => relative(root, path))).to.deep.equal([]);
  });

  it('has no circle between rooms, or between the folders of one', () => {
    const rooms = Object.keys(mayImport);
    const circles = [
      circleIn(arrowsBetween(files, roomOf)),
      ...rooms.map((room) => {
        const own = files.filter((path) => roomOf(path) === room && !path.endsWith('/index.ts'));
        const nodes = new Set(own);
        return circleIn(arrowsBetween(own, (path) => (nodes.has(path) ? nodeOf(path, room) : undefined)));
      }),
    ];
    expect(circles.filter((circle) => circle !== undefined)).to.deep.equal([]);
  });

  it('keeps the floors inside a room', () => {
    const faults = Object.entries(floors).flatMap(([room, storeys]) => {
      const floorOf = (path: string): number => storeys.findIndex((storey) => storey.includes(nodeOf(path, room)));
      const own = files.filter((path) => roomOf(path) === room && floorOf(path) >= 0);
      return own.flatMap((path) =>
        importsOf(path)
          .map(({ target }) => target)
          .filter((target) => roomOf(target) === room && floorOf(target) >= 0)
          .filter((target) => nodeOf(target, room) !== nodeOf(path, room) && floorOf(target) <= floorOf(path))
          .map((target) => `${relative(source, path)} imports ${relative(source, target)}`),
      );
    });
    expect(faults).to.deep.equal([]);
  });

  it('keeps files and functions short', () => {
    const faults = files.flatMap((path) => {
      const lines = readFileSync(path, 'utf8').split('\n');
      const cap = longFiles[relative(root, path)] ?? MAX_FILE_LINES;
      const count = lines.length - 1;
      const tooLong = count > cap ? [`${relative(root, path)} has ${count} lines`] : [];
      return [...tooLong, ...longFunctions(path, lines)];
    });
    expect(faults).to.deep.equal([]);
  });

  it('touches the world only in runtime/node', () => {
    const faults = files
      .filter(
        (path) => !relative(source, path).startsWith('runtime/node/') && !relative(source, path).startsWith('cli/'),
      )
      .flatMap((path) => findings(path, banned));
    expect(faults).to.deep.equal([]);
  });

  it('has no left-overs', () => {
    expect(files.flatMap((path) => findings(path, leftOvers))).to.deep.equal([]);
  });
});

function findings(path: string, patterns: readonly [RegExp, string][]): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, index) =>
    patterns
      .filter(([pattern]) => pattern.test(line))
      .map(([, what]) => `${relative(root, path)}:${index + 1} uses ${what}: ${line.trim()}`),
  );
}
