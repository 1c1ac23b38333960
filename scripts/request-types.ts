// Writes src/testing/bodies/: the bodies of all requests that are served, as plain interfaces, one file per API.
// They are what users of `onRequest` see, so they stand alone: without the vocabulary of the message definitions, which would
// bring half of the protocol and Node's types into the package's declarations.
//   node --import=tsx scripts/request-types.ts
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  brokerHandlers,
  type ControllerParts,
  controllerHandlers,
  type HandlerParts,
} from '../src/api-handlers/index.ts';
import { type ApiSchema, apiFacts, Errors, type Fields } from '../src/protocol/index.ts';

type Facts = Fields[string]['facts'];

export const BODIES = new URL('../src/testing/bodies/', import.meta.url);
const MESSAGES = new URL('../src/protocol/messages/', import.meta.url);
const NEWEST = 32767;
const LINE_WIDTH = 120;
const HEAD = '// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.';

/** The definitions of the APIs that a broker listener serves, and a controller listener to tools, by file, in key order. */
export async function servedApis(): Promise<Map<string, ApiSchema>> {
  const parts = {} as HandlerParts & ControllerParts;
  const keys = new Set([...brokerHandlers(parts), ...controllerHandlers(parts)].map(({ key }) => key));
  const apis = new Map<string, ApiSchema>();
  for (const file of readdirSync(MESSAGES).sort()) {
    const key = /^\d\d-/.test(file) ? Number(file.slice(0, 2)) : -1;
    // What nodes ask of each other is nothing that a client test looks at.
    if (!keys.has(key) || apiFacts(key)?.brokerListener !== true) continue;
    const definitions = Object.values((await import(new URL(file, MESSAGES).href)) as Record<string, unknown>);
    apis.set(file, definitions.find((each) => (each as ApiSchema).request !== undefined) as ApiSchema);
  }
  return apis;
}

/** The files by name, with their text. */
export async function requestTypes(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const imports: string[] = [];
  const names: string[] = [];
  for (const [file, { name, versions, request }] of await servedApis()) {
    const interfaces = interfacesOf(`${name}Request`, name, request.fields, versions);
    files.set(file, [HEAD, ...interfaces, ''].join('\n'));
    imports.push(`import type { ${name}Request } from './${file}';`);
    names.push(name);
  }
  files.set(
    'index.ts',
    [
      HEAD,
      ...imports,
      '',
      '/** The body of each request that is served, by the name of its API. Every field is there in every version. */',
      'export interface RequestBodies {',
      ...names.map((name) => `  readonly ${name}: ${name}Request;`),
      '}',
      '',
    ].join('\n'),
  );
  const errors = Object.keys(Errors).filter((name) => name !== 'NONE');
  files.set(
    'error-names.ts',
    [
      HEAD,
      '',
      '/** The errors of the Kafka protocol, by name. */',
      'export type KafkaErrorName =',
      `${errors.map((name) => `  | '${name}'`).join('\n')};`,
      '',
    ].join('\n'),
  );
  return files;
}

/** The interface of a struct, behind those that it is made of. */
function interfacesOf(name: string, prefix: string, fields: Fields, range: readonly [number, number]): string[] {
  const nested: string[] = [];
  const lines = Object.entries(fields).flatMap(([key, { facts }]) => {
    const type = typeOf(facts, `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`, nested, range);
    const nullable = facts.nullableVersions[0] <= facts.nullableVersions[1] ? ' | null' : '';
    return [...docOf(facts, range), `  readonly ${key}: ${type}${nullable};`];
  });
  return [...nested, '', `export interface ${name} {`, ...lines, '}'];
}

function typeOf(facts: Facts, name: string, nested: string[], range: readonly [number, number]): string {
  switch (facts.kind) {
    case 'bool':
      return 'boolean';
    case 'string':
    case 'uuid':
      return 'string';
    case 'bytes':
    case 'records':
      return 'Uint8Array';
    case 'struct':
      nested.push(...interfacesOf(name, name, facts.fields ?? {}, range));
      return name;
    case 'array':
      return arrayOf(typeOf((facts.element as Fields[string]).facts, name, nested, range));
    default:
      return facts.isExact ? 'number | bigint' : 'number';
  }
}

const arrayOf = (type: string): string => (type.includes('|') ? `readonly (${type})[]` : `readonly ${type}[]`);

function docOf({ documentation, versions, kind }: Facts, [oldest, newest]: readonly [number, number]): string[] {
  const [since, until] = versions;
  const range = [
    since > oldest ? `Since version ${since}.` : '',
    until < newest && until !== NEWEST ? `Until version ${until}.` : '',
  ];
  const view = kind === 'records' ? 'As they were sent; gone when the request has been answered.' : '';
  const text = [documentation, view, ...range].filter((part) => part !== '').join(' ');
  if (text === '') return [];
  const line = `  /** ${text} */`;
  return line.length <= LINE_WIDTH ? [line] : ['  /**', ...wrapped(text).map((part) => `   * ${part}`), '   */'];
}

function wrapped(text: string): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    if (last !== '' && last.length + word.length + 6 > LINE_WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  rmSync(BODIES, { recursive: true, force: true });
  mkdirSync(BODIES);
  for (const [file, text] of await requestTypes()) writeFileSync(new URL(file, BODIES), text);
}
