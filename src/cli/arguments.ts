// From arguments to a command, or to one line that says what is wrong with them and what would be right.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { DURABILITIES, type Durability } from '../runtime/index.ts';
import type { LogFormat } from '../runtime/node/index.ts';

export interface StartFlags {
  readonly host?: string;
  readonly port?: number;
  readonly metricsPort?: number;
  /** A schema registry beside the broker, on this port. */
  readonly registryPort?: number;
  /** With what the registry logs in, where one has to. */
  readonly registryConfig?: string;
  readonly logFormat?: LogFormat;
  readonly data?: string;
  /** So many nodes in place of one. */
  readonly nodes?: number;
  /** Each of the nodes in a thread of its own. */
  readonly threads?: true;
  readonly durability?: Durability;
  readonly config?: string;
  /** `--set` in the order given; of a key that stands twice the last one counts. */
  readonly set: ReadonlyMap<string, string>;
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface WireDumpArguments {
  /** A frame in hexadecimal, or a file that holds one. */
  readonly input: string;
  /** `API` or `API:VERSION` when the frame is a response. */
  readonly response?: string;
}

export type Command =
  | { readonly kind: 'start'; readonly flags: StartFlags }
  | { readonly kind: 'wire-dump'; readonly options: WireDumpArguments }
  | { readonly kind: 'storage'; readonly command: 'format' | 'info' | 'random-uuid'; readonly args: readonly string[] }
  | { readonly kind: 'extra'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'help'; readonly topic: 'all' | 'start' | 'format' }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistake'; readonly message: string };

const startOptions = {
  host: { type: 'string' },
  port: { type: 'string' },
  'metrics-port': { type: 'string' },
  registry: { type: 'boolean' },
  'registry-port': { type: 'string' },
  'registry-config': { type: 'string' },
  'log-format': { type: 'string' },
  data: { type: 'string' },
  nodes: { type: 'string' },
  threads: { type: 'boolean' },
  memory: { type: 'boolean' },
  durability: { type: 'string' },
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsConfig['options'];

export const commands = ['start', 'format', 'info', 'random-uuid', 'wire-dump', 'help', 'version'];

/** A mistake of the user; the message is the line that they see. */
class Mistake extends Error {}

/** Never throws: what is wrong comes back as a `mistake`. */
export function parseCommandLine(args: readonly string[]): Command {
  const [name, ...rest] = args;
  try {
    switch (name) {
      case undefined:
      case 'help':
      case '--help':
      case '-h':
        return { kind: 'help', topic: rest[0] === 'start' || rest[0] === 'format' ? rest[0] : 'all' };
      case 'version':
      case '--version':
      case '-v':
        return { kind: 'version' };
      case 'start':
        return parseStart(rest);
      case 'format':
        if (rest.includes('--help') || rest.includes('-h')) return { kind: 'help', topic: 'format' };
        return { kind: 'storage', command: name, args: rest };
      case 'info':
      case 'random-uuid':
        return { kind: 'storage', command: name, args: rest };
      case 'wire-dump':
        return parseWireDump(rest);
      default:
        // `ottla --port 9093` most likely lacks its command.
        if (name.startsWith('-'))
          throw new Mistake(`${name} needs a command before it, as in \`ottla start ${name}\`.`);
        return { kind: 'extra', name, args: rest };
    }
  } catch (error) {
    if (error instanceof Mistake) return { kind: 'mistake', message: error.message };
    throw error;
  }
}

/** What to say when none of the `known` commands has the name. */
export function unknownCommand(name: string, known: readonly string[]): Error {
  return new Mistake(`there is no command ${JSON.stringify(name)}.${suggestion(name, known)} Try ottla --help.`);
}

function parseStart(args: readonly string[]): Command {
  const values = parseFlags(args);
  if (values.help === true) return { kind: 'help', topic: 'start' };
  const durability = parseDurability(values.memory === true, values.durability, values.data);
  const flags: StartFlags = {
    ...(values.host !== undefined && { host: nonEmpty('--host', values.host) }),
    ...(values.port !== undefined && { port: parsePort('--port', values.port) }),
    ...(values['metrics-port'] !== undefined && {
      metricsPort: parsePort('--metrics-port', values['metrics-port']),
    }),
    ...parseRegistry(values),
    ...(values['log-format'] !== undefined && { logFormat: parseLogFormat(values['log-format']) }),
    ...(values.data !== undefined && { data: nonEmpty('--data', values.data) }),
    ...(values.nodes !== undefined && { nodes: parseNodes(values.nodes, values.config) }),
    ...(values.threads === true && { threads: withNodes(values.nodes) }),
    ...(durability !== undefined && { durability }),
    ...(values.config !== undefined && { config: nonEmpty('--config', values.config) }),
    set: parseSettings(values.set ?? []),
    json: values.json === true,
    quiet: values.quiet === true,
  };
  return { kind: 'start', flags };
}

const REGISTRY_PORT = 8081;

function parseRegistry(values: ReturnType<typeof parseFlags>): Pick<StartFlags, 'registryPort' | 'registryConfig'> {
  const { registry = false, 'registry-port': port, 'registry-config': config } = values;
  if (!registry && port === undefined && config === undefined) return {};
  return {
    registryPort: port === undefined ? REGISTRY_PORT : parsePort('--registry-port', port),
    ...(config !== undefined && { registryConfig: nonEmpty('--registry-config', config) }),
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: startOptions, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw asMistake(error, args);
  }
}

/** parseArgs throws texts for programmers; these are for users. */
function asMistake(error: unknown, args: readonly string[]): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const quoted = /'([^']*)'/.exec(message ?? '')?.[1] ?? '';
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION': {
      const flags = Object.keys(startOptions).map((name) => `--${name}`);
      return new Mistake(`there is no flag ${quoted}.${suggestion(quoted, flags)} Try ottla start --help.`);
    }
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return new Mistake(`${JSON.stringify(quoted)} is not a flag. Try ottla start --help.`);
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE': {
      const flag = /--[a-z]+(?:-[a-z]+)*/.exec(quoted)?.[0] ?? quoted;
      const takesValue =
        flag !== '' && args.some((arg) => arg === flag || arg.startsWith(`${flag}=`)) && isValueFlag(flag);
      return new Mistake(
        takesValue ? `${flag} needs a value, as in ${flag} ${example(flag)}.` : `${flag} takes no value.`,
      );
    }
    default:
      return error;
  }
}

const examples: Readonly<Record<string, string>> = {
  '--host': '127.0.0.1',
  '--port': '9092',
  '--metrics-port': '9404',
  '--registry-port': '8081',
  '--registry-config': 'client.properties',
  '--log-format': 'json',
  '--data': './kafka-data',
  '--nodes': '3',
  '--durability': 'page-cache',
  '--config': 'server.properties',
  '--set': 'num.partitions=3',
};

function isValueFlag(flag: string): boolean {
  return flag in examples;
}

function example(flag: string): string {
  return examples[flag] ?? 'VALUE';
}

function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Mistake(`${flag} ${JSON.stringify(text)} is not a port: give a number from 0 (any free one) to 65535.`);
}

function parseLogFormat(text: string): LogFormat {
  if (text === 'pretty' || text === 'json') return text;
  throw new Mistake(
    `--log-format ${JSON.stringify(text)} is none of pretty, json.${suggestion(text, ['pretty', 'json'])}`,
  );
}

const MOST_NODES = 100;

function parseNodes(text: string, config: string | undefined): number {
  const nodes = Number(text);
  if (!/^\d+$/.test(text) || nodes < 1 || nodes > MOST_NODES) {
    throw new Mistake(`--nodes ${JSON.stringify(text)} is not a number of nodes: give one from 1 to ${MOST_NODES}.`);
  }
  if (config === undefined) return nodes;
  throw new Mistake(
    '--nodes and --config exclude each other: a file is for one node. Use --set for what all nodes share.',
  );
}

function withNodes(nodes: string | undefined): true {
  if (nodes !== undefined) return true;
  throw new Mistake('--threads is for several nodes: say how many, as in --nodes 2 --threads.');
}

const isDurability = (text: string): text is Durability => DURABILITIES.some((one) => one === text);

function parseDurability(
  isMemory: boolean,
  text: string | undefined,
  data: string | undefined,
): Durability | undefined {
  if (text !== undefined && !isDurability(text)) {
    const hint = suggestion(text, DURABILITIES);
    throw new Mistake(`--durability ${JSON.stringify(text)} is none of ${DURABILITIES.join(', ')}.${hint}`);
  }
  if (isMemory && text !== undefined && text !== 'memory') {
    throw new Mistake(`--memory and --durability ${text} exclude each other: leave one of them out.`);
  }
  if (!isMemory && text !== 'memory') return text;
  if (data !== undefined) {
    const flag = isMemory ? '--memory' : '--durability memory';
    throw new Mistake(`${flag} keeps nothing in a directory: leave out either it or --data.`);
  }
  return 'memory';
}

function parseSettings(settings: readonly string[]): Map<string, string> {
  const entries = new Map<string, string>();
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at <= 0) throw new Mistake(`--set ${JSON.stringify(setting)} is not KEY=VALUE, as in --set num.partitions=3.`);
    entries.set(setting.slice(0, at).trim(), setting.slice(at + 1));
  }
  return entries;
}

function nonEmpty(flag: string, value: string): string {
  if (value === '') throw new Mistake(`${flag} needs a value, as in ${flag} ${example(flag)}.`);
  return value;
}

function parseWireDump(args: readonly string[]): Command {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help', topic: 'all' };
  const [first, second, ...others] = args;
  const isResponse = first === '--response';
  const input = isResponse ? others[0] : first;
  const tooMany = isResponse ? others.length > 1 : second !== undefined;
  if (input === undefined || input === '' || input.startsWith('--') || tooMany) {
    throw new Mistake(
      'wire-dump takes a frame in hexadecimal or a file, and before it, for a response, --response API:VERSION.',
    );
  }
  return { kind: 'wire-dump', options: { input, ...(isResponse && second !== undefined && { response: second }) } };
}

/** ` Did you mean X?` when one of the choices is at most two keystrokes away. */
function suggestion(text: string, choices: readonly string[]): string {
  let best = '';
  let bestDistance = 3;
  for (const choice of choices) {
    const distance = keystrokes(text, choice);
    if (distance < bestDistance) [best, bestDistance] = [choice, distance];
  }
  return best === '' ? '' : ` Did you mean ${best}?`;
}

/** Letters to add, take away or change to make one of the other (Levenshtein). */
function keystrokes(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
