// Compares a definition with Kafka's own schema, as the corpus gives it: fields in wire order, types, versions,
// nullability, tags, defaults, ignorable, map keys, entity types. Only versions that exist count.
import type { FieldFacts, Fields, MessageSchema, VersionRange } from '../src/protocol/schema.ts';
import { schemasByName } from './all-schemas.ts';

export interface SchemaRow {
  readonly artifact: string;
  readonly file: string;
  readonly schema: KafkaSchema;
}
interface KafkaSchema {
  readonly name: string;
  readonly type: string;
  readonly validVersions: string;
  readonly flexibleVersions?: string;
  readonly latestVersionUnstable?: boolean;
  readonly fields: readonly KafkaField[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly KafkaField[] }[];
}
interface KafkaField {
  readonly name: string;
  readonly type: string;
  readonly versions?: string;
  readonly taggedVersions?: string;
  readonly nullableVersions?: string;
  readonly flexibleVersions?: string;
  readonly tag?: number;
  readonly default?: string | number | boolean | null;
  readonly ignorable?: boolean;
  readonly mapKey?: boolean;
  readonly entityType?: string;
  readonly fields?: readonly KafkaField[];
}

const NEWEST = 32767;

/** `none`, `3`, `1-4`, `2+`. */
function range(text: string | undefined): VersionRange {
  if (text === undefined || text === 'none') return [1, 0];
  const [low = '', high = low] = text.replace('+', `-${NEWEST}`).split('-');
  return [Number(low), Number(high)];
}
const both = (a: VersionRange, b: VersionRange): VersionRange => [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
const isEmpty = ([low, high]: VersionRange) => low > high;
const printed = (versions: VersionRange) => (isEmpty(versions) ? 'none' : `${versions[0]}-${versions[1]}`);
const camelCase = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** One line per field of what counts; equal lines are equal schemas. */
type Lines = string[];

/** Where the definition and Kafka's schema differ; undefined when they do not. */
export function checkSchema({ schema }: SchemaRow): string | undefined {
  const ours = schemasByName.get(schema.name);
  if (schema.validVersions === 'none') return ours === undefined ? undefined : 'Kafka has removed it';
  if (ours === undefined) return 'there is no definition';
  const expected = kafkaLines(schema);
  const actual = ourLines(ours);
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    if (expected[i] !== actual[i]) return `expected ${expected[i] ?? 'nothing'}, got ${actual[i] ?? 'nothing'}`;
  }
  return undefined;
}

interface LineFacts {
  readonly path: string;
  readonly type: string;
  readonly versions: VersionRange;
  readonly parent: VersionRange;
  readonly nullable: VersionRange;
  readonly tag: number | undefined;
  readonly defaultValue: string;
  readonly isIgnorable: boolean;
  readonly isMapKey: boolean;
  readonly entity: string;
  readonly isNeverCompact: boolean;
}

function line(facts: LineFacts): string {
  const { path, type, versions, parent, nullable, tag, defaultValue, entity } = facts;
  const words = [path, type, `versions ${printed(versions)}`, `null ${printed(both(nullable, versions))}`];
  words.push(`tag ${tag ?? 'none'}`, `default ${defaultValue}`, `entity ${entity}`);
  // Whether a field may be dropped matters only where some version lacks it.
  if (facts.isIgnorable && printed(versions) !== printed(parent)) words.push('ignorable');
  if (facts.isMapKey) words.push('map key');
  if (facts.isNeverCompact) words.push('never compact');
  return words.join(', ');
}

function kafkaLines(schema: KafkaSchema): Lines {
  const versions = range(schema.validVersions);
  const flexible = both(range(schema.flexibleVersions), versions);
  const lines = [`versions ${printed(versions)}, flexible ${isEmpty(flexible) ? 'none' : flexible[0]}`];
  const structs = new Map(schema.commonStructs?.map((struct) => [struct.name, struct.fields]));
  const walk = (fields: readonly KafkaField[], parent: VersionRange, prefix: string): void => {
    for (const field of fields) {
      const present = both(range(field.versions ?? field.taggedVersions), parent);
      if (isEmpty(present)) continue;
      const path = `${prefix}.${camelCase(field.name)}`;
      const bare = field.type.replace('[]', '');
      const inner = field.fields ?? structs.get(bare);
      const type = inner === undefined ? field.type : field.type.replace(bare, 'struct');
      lines.push(
        line({
          path,
          type,
          versions: present,
          parent,
          nullable: range(field.nullableVersions),
          tag: field.tag,
          defaultValue: kafkaDefault(field, type),
          isIgnorable: field.ignorable === true,
          isMapKey: field.mapKey === true,
          entity: field.entityType ?? 'none',
          isNeverCompact: field.flexibleVersions === 'none',
        }),
      );
      if (inner !== undefined) walk(inner, present, path);
    }
  };
  walk(schema.fields, versions, schema.name);
  return lines;
}

/** A bare null means no default: the struct or array is fresh and empty. */
function kafkaDefault(field: KafkaField, type: string): string {
  const value = field.default;
  if (value === undefined || value === null) return 'none';
  if (value === 'null') return 'null';
  return type === 'string' || type === 'bool'
    ? plainDefault(String(value), type)
    : plainDefault(`${BigInt(String(value))}`, type);
}

/** The default of the kind is no default. */
function plainDefault(value: string, type: string): string {
  const ofKind = type === 'bool' ? 'false' : type === 'string' ? '' : '0';
  return value === ofKind ? 'none' : value;
}

function ourLines(schema: MessageSchema): Lines {
  const { versions, flexible, name } = schema;
  const lines = [
    `versions ${printed(versions)}, flexible ${flexible === undefined ? 'none' : Math.max(flexible, versions[0])}`,
  ];
  const walk = (fields: Fields, parent: VersionRange, prefix: string): void => {
    for (const [field, { facts }] of Object.entries(fields)) {
      const path = `${prefix}.${field}`;
      const present = both(facts.versions, parent);
      const element = facts.element?.facts;
      lines.push(
        line({
          path,
          type: element === undefined ? facts.kind : `[]${element.kind}`,
          versions: present,
          parent,
          nullable: facts.nullableVersions,
          tag: facts.tag,
          defaultValue: ourDefault(facts),
          isIgnorable: facts.isIgnorable,
          isMapKey: facts.isMapKey,
          entity: facts.entityType ?? element?.entityType ?? 'none',
          isNeverCompact: facts.isNeverCompact,
        }),
      );
      const inner = facts.fields ?? element?.fields;
      if (inner !== undefined) walk(inner, present, path);
    }
  };
  walk(schema.fields, versions, name);
  return lines;
}

function ourDefault(facts: FieldFacts): string {
  const { defaultValue, kind } = facts;
  if (defaultValue === undefined) return 'none';
  return defaultValue === null
    ? 'null'
    : plainDefault(String(defaultValue as string | number | bigint | boolean), kind);
}
