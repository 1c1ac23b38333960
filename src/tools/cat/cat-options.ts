// kcat's arguments, read as getopt reads them: letters may be bundled, their values may stand in the same word or the next, names of
// files and topics may stand between them. What a letter means may depend on those before it (-t behind -Q).
import { CatFailure } from './cat-failure.ts';
import { delimiterOf } from './delimiter.ts';
import { parseMessageFormat } from './message-format.ts';
import { checkPackFormat } from './unpack.ts';

export type CatMode = 'C' | 'P' | 'L' | 'Q' | 'G';

export type CatOffset =
  | { readonly kind: 'beginning' | 'end' | 'stored' }
  | { readonly kind: 'at'; readonly offset: number }
  | { readonly kind: 'tail'; readonly count: number };

export interface QueriedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
}

export type Serdes = { readonly pack: string } | { readonly serde: 'avro' | 'protobuf' | 'json' };

export interface CatOptions {
  mode: CatMode | undefined;
  brokers: string | undefined;
  topic: string | undefined;
  /** -1: all, or whichever comes of the key. */
  partition: number;
  group: string | undefined;
  queries: QueriedOffset[];
  offset: CatOffset | undefined;
  startMs: number | undefined;
  stopMs: number | undefined;
  isExitingAtEnd: boolean;
  isExitingOnError: boolean;
  isJson: boolean;
  /** Undefined until `completed`: it depends on the delimiters. */
  format: Buffer | undefined;
  delimiter: Buffer;
  keyDelimiter: Buffer | undefined;
  fixedKey: string | undefined;
  headers: { key: string; value: Buffer | null }[];
  isNullForEmpty: boolean;
  isByLine: boolean;
  isTee: boolean;
  count: number | undefined;
  metadataTimeoutMs: number;
  verbosity: number;
  serdes: { key?: Serdes; value?: Serdes };
  registry: string | undefined;
  /** -X, -z and what stands in files, in the order given; of a name that stands twice the last counts. */
  properties: [string, string][];
  configFile: string | undefined;
  isDumpingConfig: boolean;
  isHelp: boolean;
  isVersion: boolean;
  names: string[];
}

const WITHOUT_VALUE = 'PCLQeEOqvTulZVhJU';
const WITH_VALUE = 'GtpbzoDKkHdFXcfsrm';

/** Throws CatFailure. */
export function parseCatArguments(args: readonly string[]): CatOptions {
  const options = defaults();
  // Images that have kcat as their entry point are called with its name once more.
  const words = args[0] === 'kcat' || args[0] === 'kafkacat' ? args.slice(1) : [...args];
  while (words.length > 0) {
    const word = words.shift() as string;
    if (word === '--') {
      options.names.push(...words);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      options.names.push(word);
      continue;
    }
    readLetters(word.slice(1), words, options);
  }
  return options;
}

function readLetters(letters: string, following: string[], options: CatOptions): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at);
    if (WITHOUT_VALUE.includes(letter)) {
      switchOn(letter, options);
      continue;
    }
    const rest = letters.slice(at + 1);
    const value = rest === '' ? following.shift() : rest;
    if (!WITH_VALUE.includes(letter) || value === undefined) throw new CatFailure('unknown argument', 'usage');
    VALUES[letter]?.(value, options);
    return;
  }
}

function defaults(): CatOptions {
  return {
    mode: undefined,
    brokers: undefined,
    topic: undefined,
    partition: -1,
    group: undefined,
    queries: [],
    offset: undefined,
    startMs: undefined,
    stopMs: undefined,
    isExitingAtEnd: false,
    isExitingOnError: true,
    isJson: false,
    format: undefined,
    delimiter: Buffer.from('\n'),
    keyDelimiter: undefined,
    fixedKey: undefined,
    headers: [],
    isNullForEmpty: false,
    isByLine: false,
    isTee: false,
    count: undefined,
    metadataTimeoutMs: 5000,
    verbosity: 1,
    serdes: {},
    registry: undefined,
    properties: [],
    configFile: undefined,
    isDumpingConfig: false,
    isHelp: false,
    isVersion: false,
    names: [],
  };
}

function switchOn(letter: string, options: CatOptions): void {
  const switches: Readonly<Record<string, () => void>> = {
    e: () => (options.isExitingAtEnd = true),
    E: () => (options.isExitingOnError = false),
    q: () => (options.verbosity = 0),
    v: () => (options.verbosity += 1),
    T: () => (options.isTee = true),
    l: () => (options.isByLine = true),
    Z: () => (options.isNullForEmpty = true),
    J: () => (options.isJson = true),
    V: () => (options.isVersion = true),
    h: () => (options.isHelp = true),
  };
  // Of several modes the last one counts.
  if ('PCLQ'.includes(letter)) options.mode = letter as CatMode;
  // -O and -U do nothing in kcat 1.7.1 either; -u: what is written is never held back here.
  else switches[letter]?.();
}

const VALUES: Readonly<Record<string, (value: string, options: CatOptions) => void>> = {
  G: (value, options) => {
    options.mode = 'G';
    options.group = value;
  },
  t: (value, options) => {
    if (options.mode === 'Q') options.queries.push(queryOf(value));
    else options.topic = value;
  },
  p: (value, options) => (options.partition = integerOf(value)),
  b: (value, options) => (options.brokers = value),
  z: (value, options) => options.properties.push(['compression.codec', value]),
  o: setOffset,
  D: (value, options) => (options.delimiter = delimiterOf(value)),
  K: (value, options) => (options.keyDelimiter = delimiterOf(value)),
  k: (value, options) => (options.fixedKey = value),
  H: (value, options) => options.headers.push(headerOf(value)),
  d: () => undefined,
  F: (value, options) => (options.configFile = value),
  X: setProperty,
  c: (value, options) => (options.count = integerOf(value)),
  f: (value, options) => (options.format = Buffer.from(value)),
  s: setSerdes,
  r: (value, options) => {
    if (value === '') throw new CatFailure('-r url must not be empty');
    options.registry = value;
  },
  m: (value, options) => (options.metadataTimeoutMs = integerOf(value) * 1000),
};

/** C's strtoll: what begins like a number is one, anything else is 0. */
function integerOf(text: string): number {
  return Number(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0);
}

function setOffset(value: string, options: CatOptions): void {
  if (value === 'end' || value === 'beginning' || value === 'stored') options.offset = { kind: value };
  else if (value.startsWith('s@')) options.startMs = integerOf(value.slice(2));
  else if (value.startsWith('e@')) options.stopMs = integerOf(value.slice(2));
  else {
    const offset = integerOf(value);
    options.offset = offset < 0 ? { kind: 'tail', count: -offset } : { kind: 'at', offset };
  }
}

function queryOf(text: string): QueriedOffset {
  const first = text.indexOf(':');
  const second = text.indexOf(':', first + 1);
  const partition = /^\s*[+-]?\d+/.exec(text.slice(first + 1))?.[0];
  const timestamp = /^\s*[+-]?\d+/.exec(text.slice(second + 1))?.[0];
  if (first === -1 || second === -1 || partition === undefined || timestamp === undefined) {
    throw new CatFailure('-t: expected "topic:partition:offset_or_timestamp"');
  }
  return { topic: text.slice(0, first), partition: Number(partition), timestamp: Number(timestamp) };
}

function headerOf(text: string): { key: string; value: Buffer | null } {
  const at = text.indexOf('=');
  if (at === 0 || text === '') throw new CatFailure('Expected -H "name=value.." or -H "name"');
  return at === -1 ? { key: text, value: null } : { key: text.slice(0, at), value: Buffer.from(text.slice(at + 1)) };
}

function setProperty(value: string, options: CatOptions): void {
  if (value === 'dump') {
    options.isDumpingConfig = true;
    return;
  }
  const at = value.indexOf('=');
  if (at === -1 && (value === 'list' || value === 'help')) options.properties.push(['list', '']);
  else if (at === -1) {
    const hint = 'use -X list to display available properties';
    throw new CatFailure(`Expected -X property=value, not ${value}, ${hint}`, 'bare');
  } else options.properties.push([value.slice(0, at), value.slice(at + 1)]);
}

const SERDES = ['avro', 'protobuf', 'json'] as const;

function setSerdes(text: string, options: CatOptions): void {
  const [, which, form = ''] = /^(?:(key|value)=)?([^]*)$/.exec(text) ?? [];
  const serde = SERDES.find((name) => name === form);
  for (const field of ['key', 'value'] as const) {
    if (which !== undefined && which !== field) continue;
    if (serde === undefined) checkPackFormat(field, form);
    options.serdes[field] = serde === undefined ? { pack: form } : { serde };
  }
}

export interface CompleteOptions extends CatOptions {
  readonly mode: CatMode;
  /** Of consumers. */
  readonly pieces: ReturnType<typeof parseMessageFormat>;
}

/** With what follows from other arguments. Throws CatFailure for what does not go together. */
export function completed(options: CatOptions, isInputTerminal: boolean): CompleteOptions {
  const mode = options.mode ?? (isInputTerminal ? 'C' : 'P');
  if ((mode === 'C' || mode === 'P') && options.topic === undefined)
    throw new CatFailure('-t <topic> missing', 'usage');
  if (mode === 'Q' && options.queries.length === 0) {
    throw new CatFailure('-t <topic>:<partition>:<offset_or_timestamp> missing', 'usage');
  }
  if (options.names.length > 0 && mode !== 'P' && mode !== 'G') {
    throw new CatFailure('file/topic list only allowed in producer(-P)/kafkaconsumer(-G) mode', 'usage');
  }
  const isConsumer = mode === 'C' || mode === 'G';
  if (mode === 'P' && options.delimiter.length === 0) {
    throw new CatFailure('Message delimiter -D must not be empty when producing');
  }
  checkSerdes(options, mode);
  if (mode === 'P' && options.isByLine && options.names.length > 1) {
    throw new CatFailure('Only one file allowed for line mode (-l)');
  }
  if (mode === 'G' && (options.startMs !== undefined || options.stopMs !== undefined)) {
    throw new CatFailure("-o ..@ timestamps can't be used with -G mode\n");
  }
  return { ...options, mode, pieces: isConsumer ? parseMessageFormat(options.format ?? defaultFormat(options)) : [] };
}

/** Pack strings are for reading; registry formats for producing too, which kcat cannot. */
function checkSerdes({ serdes, registry }: CatOptions, mode: CatMode): void {
  const given = [serdes.key, serdes.value].filter((one) => one !== undefined);
  const isPacked = given.some((one) => 'pack' in one);
  if (isPacked && mode !== 'C' && mode !== 'G') throw new CatFailure('-s serdes only available in the consumer');
  const serde = given.find((one) => 'serde' in one);
  if (serde === undefined || !('serde' in serde)) return;
  if (mode === 'L' || mode === 'Q') throw new CatFailure('-s serdes only available in the consumer and the producer');
  if (registry === undefined) throw new CatFailure(`-s ${serde.serde} requires -r <sr_url>`);
}

function defaultFormat({ isJson, delimiter, keyDelimiter, serdes }: CatOptions): Buffer {
  if (isJson) return delimiter;
  // A key that is decoded is shown, whether there is a delimiter for it or not.
  const isKeyDecoded = serdes.key !== undefined && 'serde' in serdes.key;
  const keyEnd = keyDelimiter ?? (isKeyDecoded ? Buffer.alloc(0) : undefined);
  const key = keyEnd === undefined ? [] : [Buffer.from('%k'), keyEnd];
  return Buffer.concat([...key, Buffer.from('%s'), delimiter]);
}
