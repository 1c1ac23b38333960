// Is a schema compatible with those before it? Levels say which of the two reads, and with how many of them; a group limits them to
// those of the same metadata. Confluent's CompatibilityChecker, SchemaValidatorBuilder and isCompatibleWithPrevious.
import type { CompatibilityLevel, Metadata, StoredSchema } from '../schemas/entities.ts';
import {
  type CompatibilityPolicy,
  incompatibilityText,
  type ParsedSchema,
  type SchemaFormat,
} from '../formats/index.ts';
import type { SchemaParser } from './schema-parser.ts';
import type { ConfigInScope } from './scope.ts';

const RESERVED = 'confluent:reserved';
const DIFFERENT_TYPE = 'Incompatible because of different schema type';
const LONGEST_SHOWN = 10 * 1024;

export interface CheckedSchema {
  readonly parsed: ParsedSchema;
  readonly metadata: Metadata | undefined;
}

/** The reasons why not; none when it is compatible. `previous` from the oldest on. Rejects with RegistryError 42201. */
export async function incompatibilities(
  parser: SchemaParser,
  config: ConfigInScope,
  candidate: CheckedSchema,
  previous: readonly StoredSchema[],
): Promise<string[]> {
  const { compatibilityLevel: level, compatibilityGroup: group } = config;
  const validatesFields = config.validateFields === true;
  const messages = validatesFields ? reservedFaults(candidate, previous.at(-1)) : [];
  const compared =
    group === undefined
      ? previous
      : previous.filter(({ metadata }) => inGroup(metadata) === inGroup(candidate.metadata));
  function inGroup(metadata: Metadata | undefined): string | undefined {
    return group === undefined ? undefined : metadata?.properties?.[group];
  }
  messages.push(...(await againstThose(parser, candidate.parsed, compared, { level, policy: policyOf(config) })));
  if (messages.length > 0) messages.push(`{validateFields: '${validatesFields}', compatibility: '${level}'}`);
  return messages;
}

interface How {
  readonly level: CompatibilityLevel;
  readonly policy: CompatibilityPolicy;
}

function policyOf({ compatibilityPolicy }: ConfigInScope): CompatibilityPolicy {
  return compatibilityPolicy === 'LENIENT' ? 'LENIENT' : 'STRICT';
}

/** Newest first; the first one that does not fit is told of. */
async function againstThose(
  parser: SchemaParser,
  candidate: ParsedSchema,
  previous: readonly StoredSchema[],
  how: How,
): Promise<string[]> {
  if (how.level === 'NONE' || previous.length === 0) return [];
  const compared = how.level.endsWith('_TRANSITIVE') ? [...previous].reverse() : previous.slice(-1);
  const format = await parser.format(candidate.type);
  for (const stored of compared) {
    if (stored.schemaType !== candidate.type) return [DIFFERENT_TYPE];
    const messages = againstOne(format, candidate, await parser.stored(stored), how);
    if (messages.length > 0) return [...messages, `{oldSchemaVersion: ${stored.version}}`, shown(stored.schema)];
  }
  return [];
}

function againstOne(
  format: SchemaFormat,
  candidate: ParsedSchema,
  old: ParsedSchema,
  { level, policy }: How,
): string[] {
  const reads = (reader: ParsedSchema, writer: ParsedSchema, readerIs: 'new' | 'old'): string[] =>
    format.compatibility(reader, writer, { policy, readerIs }).map(incompatibilityText);
  const forward = level.startsWith('BACKWARD') ? [] : reads(old, candidate, 'old');
  const backward = level.startsWith('FORWARD') ? [] : reads(candidate, old, 'new');
  return [...forward, ...backward];
}

function shown(schema: string): string {
  return schema.length <= LONGEST_SHOWN
    ? `{oldSchema: '${schema}'}`
    : `{oldSchema: <truncated> '${schema.slice(0, LONGEST_SHOWN)}...'}`;
}

/** Names that the metadata keeps free must stay so, and no field may have one. */
function reservedFaults({ parsed, metadata }: CheckedSchema, previous: StoredSchema | undefined): string[] {
  const reserved = reservedIn(metadata);
  const gone = [...reservedIn(previous?.metadata)].filter((name) => !reserved.has(name));
  const used = [...reserved].filter((name) => parsed.fieldNames.has(name));
  return [
    ...gone.map(
      (name) =>
        `The new schema has reserved field ${name} removed from its metadata which is present in the old schema's metadata.`,
    ),
    ...used.map((name) => `The new schema has field that conflicts with the reserved field ${name}.`),
  ];
}

function reservedIn(metadata: Metadata | undefined): Set<string> {
  const names = (metadata?.properties?.[RESERVED] ?? '').split(',').map((name) => name.trim());
  return new Set(names.filter((name) => name !== ''));
}
