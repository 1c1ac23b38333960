// Values of the records in `_schemas`: Confluent's JSON, fields in the order in which Jackson writes them, nothing empty. What we do
// not know of a value stays with it.
import {
  COMPATIBILITY_LEVELS,
  type CompatibilityLevel,
  CONFIG_FIELDS,
  type ConfigEntry,
  type Mode,
  MODES,
  nonEmpty,
  type StoredSchema,
  type UnknownFields,
} from '../schemas/entities.ts';
import type { SchemaReference, SchemaType } from '../formats/index.ts';
import { guidFromMd5, guidOf } from '../schemas/guid.ts';
import { RegistryError } from '../schemas/registry-error.ts';
import { metadataFrom, ruleSetFrom } from '../schemas/rule-sets.ts';
import { isVersion, parsed } from './keys.ts';

const SCHEMA_FIELDS = [
  'subject',
  'version',
  'id',
  'md5',
  'schemaType',
  'references',
  'metadata',
  'ruleSet',
  'schema',
  'deleted',
  'offset',
  'ts',
] as const;

/** Of another schema language than ours: kept as it is, though nothing can be compared with it. */
const DEFAULT_TYPE: SchemaType = 'AVRO';

type SchemaFields = Omit<StoredSchema, 'guid' | 'timestampMs'>;

export function schemaText({
  subject,
  version,
  id,
  schemaType,
  references,
  metadata,
  ruleSet,
  schema,
  deleted,
  unknown,
}: SchemaFields): string {
  return JSON.stringify({
    subject,
    version,
    id,
    ...(schemaType !== DEFAULT_TYPE && { schemaType }),
    ...(references.length > 0 && { references: references.map(referenceFields) }),
    ...(metadata !== undefined && { metadata }),
    ...(ruleSet !== undefined && { ruleSet }),
    schema,
    deleted,
    ...unknown,
  });
}

export function referenceFields({ name, subject, version }: SchemaReference): SchemaReference {
  return { name, subject, version };
}

/** undefined: the value is none that could be read. */
export function schemaFrom(
  text: string,
  subject: string,
  version: number,
  timestampMs: number,
): StoredSchema | undefined {
  const fields = parsed(text);
  if (fields === undefined || typeof fields['schema'] !== 'string' || !isId(fields['id'])) return undefined;
  const read = tolerant(() => ({
    references: referencesFrom(fields['references']),
    metadata: metadataFrom(fields['metadata']),
    ruleSet: ruleSetFrom(fields['ruleSet']),
  }));
  if (read === undefined) return undefined;
  const { md5, schemaType } = fields;
  const schema = fields['schema'];
  return {
    subject,
    version,
    id: fields['id'],
    schemaType: typeof schemaType === 'string' ? (schemaType as SchemaType) : DEFAULT_TYPE,
    ...read,
    schema,
    deleted: fields['deleted'] === true,
    guid: (typeof md5 === 'string' ? guidFromMd5(md5) : undefined) ?? guidOf({ schema, ...read }),
    timestampMs,
    unknown: unknownFields(fields, SCHEMA_FIELDS),
  };
}

/** Throws RegistryError 422. */
export function referencesFrom(value: unknown): SchemaReference[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RegistryError(422, 'references is no list');
  return value.map((one: unknown, index) => {
    const { name, subject, version } = (one ?? {}) as Record<string, unknown>;
    const isNumber = isVersion(version) || version === -1;
    if (typeof name !== 'string' || typeof subject !== 'string' || !isNumber)
      throw new RegistryError(422, `references[${index}] needs name, subject and version`);
    return { name, subject, version };
  });
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}

export function configText(subject: string | null, entry: ConfigEntry, unknown: UnknownFields): string {
  const fields = CONFIG_FIELDS.map((name) => [name, entry[name]] as const);
  return JSON.stringify({ ...(subject !== null && { subject }), ...present(fields), ...unknown });
}

export interface ConfigRecord {
  readonly entry: ConfigEntry;
  readonly unknown: UnknownFields;
}

/** undefined: the value is none that could be read. */
export function configFrom(text: string): ConfigRecord | undefined {
  const fields = parsed(text);
  if (fields === undefined) return undefined;
  return tolerant(() => ({
    entry: configEntryFrom(fields, fields['compatibilityLevel']),
    unknown: unknownFields(fields, ['subject', 'offset', 'ts', ...CONFIG_FIELDS]),
  }));
}

/** From a record or a request, whose level has another name. Throws RegistryError 422; a level that nobody knows is left out. */
export function configEntryFrom(fields: Readonly<Record<string, unknown>>, level: unknown): ConfigEntry {
  const flag = (name: string): boolean | undefined => {
    const value = fields[name];
    return typeof value === 'boolean' ? value : undefined;
  };
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' ? value : undefined;
  };
  return present([
    ['alias', text('alias')],
    ['aliasForDeks', text('aliasForDeks')],
    ['normalize', flag('normalize')],
    ['validateFields', flag('validateFields')],
    ['validateNewSchemas', flag('validateNewSchemas')],
    ['validateRules', flag('validateRules')],
    ['compatibilityLevel', levelFrom(level)],
    ['compatibilityPolicy', text('compatibilityPolicy')?.toUpperCase()],
    ['compatibilityGroup', text('compatibilityGroup')],
    ['defaultMetadata', metadataFrom(fields['defaultMetadata'])],
    ['overrideMetadata', metadataFrom(fields['overrideMetadata'])],
    ['defaultRuleSet', ruleSetFrom(fields['defaultRuleSet'])],
    ['overrideRuleSet', ruleSetFrom(fields['overrideRuleSet'])],
  ]) as ConfigEntry;
}

export function levelFrom(value: unknown): CompatibilityLevel | undefined {
  const name = typeof value === 'string' ? value.toUpperCase() : undefined;
  return COMPATIBILITY_LEVELS.find((level) => level === name);
}

function present(fields: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined && value !== ''));
}

export function modeText(subject: string | null, mode: Mode): string {
  return JSON.stringify({ ...(subject !== null && { subject }), mode });
}

export function modeFrom(text: string): Mode | undefined {
  const name = parsed(text)?.['mode'];
  return MODES.find((mode) => mode === name);
}

export function deleteSubjectText(subject: string, version: number): string {
  return JSON.stringify({ subject, version });
}

/** The version up to which all are deleted. */
export function deleteSubjectFrom(text: string): number | undefined {
  const version = parsed(text)?.['version'];
  return isVersion(version) ? version : undefined;
}

export function clearSubjectText(subject: string | null): string {
  return JSON.stringify(nonEmpty({ subject }));
}

export function contextText(tenant: string, context: string): string {
  return JSON.stringify({ tenant, context });
}

/** Of these fields those that have no name here. */
export function unknownFields(fields: Readonly<Record<string, unknown>>, known: readonly string[]): UnknownFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !known.includes(name)));
}

/** undefined where a part of the value is not what it should be. */
function tolerant<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
