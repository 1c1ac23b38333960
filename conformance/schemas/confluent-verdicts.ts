// Confluent's published examples of compatible and incompatible changes, taken from a checkout of their registry where there is
// one: read as data, never kept (their licence is the Confluent Community License).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SchemaFormat, schemaFormat } from '../../src/schema-registry/formats/index.ts';

/** Names the checkout of confluentinc/schema-registry. */
export const CONFLUENT_SOURCES = 'OTTLA_CONFLUENT_SCHEMA_REGISTRY';

const JSON_FILES = [
  'diff-schema-examples',
  'diff-schema-examples-2020-12',
  'diff-combined-schema-examples',
  'diff-combined-schema-examples-2020-12',
];
const PROTOBUF_FILES = ['diff-schema-examples', 'diff-schema-examples-with-meta'];

export interface VerdictFile {
  readonly name: string;
  readonly path: string;
  readonly type: 'JSON' | 'PROTOBUF';
}

export const verdictFiles: readonly VerdictFile[] = [
  ...JSON_FILES.map(
    (name): VerdictFile => ({
      name: `JSON ${name}`,
      path: `json-schema-provider/src/test/resources/${name}.json`,
      type: 'JSON',
    }),
  ),
  ...PROTOBUF_FILES.map(
    (name): VerdictFile => ({
      name: `Protobuf ${name}`,
      path: `protobuf-provider/src/test/resources/${name}.json`,
      type: 'PROTOBUF',
    }),
  ),
];

interface Dependency {
  readonly name: string;
  readonly dependency?: string;
}
interface Example {
  readonly description: string;
  readonly original_schema: unknown;
  readonly update_schema: unknown;
  readonly original_dependencies?: readonly Dependency[];
  readonly update_dependencies?: readonly Dependency[];
  readonly compatible: boolean;
  readonly compatible_lenient?: boolean;
  /** `TYPE #/path`, of all changes, breaking or not. */
  readonly changes: readonly string[];
}

export interface Judged {
  readonly examples: number;
  /** One line for each that we judge otherwise, or for another reason. */
  readonly differences: readonly string[];
}

/** Rejects when the file is not there. */
export async function judgeFile(sources: string, file: VerdictFile): Promise<Judged> {
  const format = (await schemaFormat(file.type)) as SchemaFormat;
  // Some files have a comma after the last element.
  const text = readFileSync(join(sources, file.path), 'utf8').replace(/,(\s*[}\]])/g, '$1');
  const examples = JSON.parse(text) as Example[];
  const differences = examples.flatMap((example) => differenceOf(example, format, sources) ?? []);
  return { examples: examples.length, differences };
}

function differenceOf(example: Example, format: SchemaFormat, sources: string): string | undefined {
  const read = (schema: unknown, dependencies: readonly Dependency[] = []) =>
    format.parse({
      text: textOf(schema, sources),
      resolved: new Map(dependencies.flatMap((one) => dependencyOf(one, sources))),
    });
  const original = read(example.original_schema, example.original_dependencies);
  const update = read(example.update_schema, example.update_dependencies);
  const strict = format.compatibility(update, original);
  if ((strict.length === 0) !== example.compatible)
    return `${example.description}: ${strict.map((reason) => `${reason.type} ${reason.path}`).join(', ') || 'compatible'}`;
  const unknown = strict.find((reason) => !example.changes.includes(`${reason.type} ${reason.path}`));
  if (unknown !== undefined) return `${example.description}: nobody but us says ${unknown.type} ${unknown.path}`;
  const isLenient = format.compatibility(update, original, { policy: 'LENIENT' }).length === 0;
  const expected = example.compatible_lenient ?? example.compatible;
  return isLenient === expected ? undefined : `${example.description}: LENIENT says ${isLenient}`;
}

/** Without a text, and without a file: one that everybody has. */
function dependencyOf({ name, dependency }: Dependency, sources: string): [string, string][] {
  const text = textOf(dependency ?? name, sources);
  return text === name ? [] : [[name, text]];
}

/** A schema, or the name of a .proto file beside the examples. */
function textOf(schema: unknown, sources: string): string {
  if (typeof schema !== 'string') return JSON.stringify(schema);
  const file = join(sources, 'protobuf-provider/src/test/resources', schema);
  return schema.endsWith('.proto') && existsSync(file) ? readFileSync(file, 'utf8') : schema;
}
