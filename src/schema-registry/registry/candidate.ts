// A schema as a request brings it: what it is to become, or what is looked for. Confluent's RegisterSchemaRequest.
import type { Metadata, RuleSet, UnknownFields } from '../schemas/entities.ts';
import type { SchemaReference } from '../formats/index.ts';
import { referencesFrom, unknownFields } from '../records/values.ts';
import { unprocessable } from '../schemas/registry-error.ts';
import { metadataFrom, ruleSetFrom } from '../schemas/rule-sets.ts';

export interface Candidate {
  readonly subject: string;
  /** 0: none was named; -1: the one after the latest, or the latest where one is looked for. */
  readonly version: number;
  /** -1: none was named. */
  readonly id: number;
  readonly schemaType: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
  /** '': that of the version before counts. */
  readonly schema: string;
  readonly unknown: UnknownFields;
}

const FIELDS = [
  'version',
  'id',
  'schemaType',
  'references',
  'metadata',
  'ruleSet',
  'schema',
  // Asks for a change of the text, which we do not make; what a record may not have twice.
  'schemaTagsToAdd',
  'schemaTagsToRemove',
  'propagateSchemaTags',
  'subject',
  'deleted',
  'md5',
  'guid',
  'ts',
  'offset',
];

/** Throws RegistryError 422 for what no request may have. */
export function candidateFrom(subject: string, fields: Readonly<Record<string, unknown>>): Candidate {
  const { schema = null, schemaType = null } = fields;
  if (schema !== null && typeof schema !== 'string') throw unprocessable('schema is no text');
  if (schemaType !== null && typeof schemaType !== 'string') throw unprocessable('schemaType is no text');
  return {
    subject,
    version: numberIn(fields, 'version') ?? 0,
    id: numberIn(fields, 'id') ?? -1,
    schemaType: schemaType ?? 'AVRO',
    references: referencesFrom(fields['references']),
    metadata: metadataFrom(fields['metadata']),
    ruleSet: ruleSetFrom(fields['ruleSet']),
    schema: schema ?? '',
    unknown: unknownFields(fields, FIELDS),
  };
}

function numberIn(fields: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= -1 && value < 2 ** 31) return value;
  throw unprocessable(`${name} is no number that it could be`);
}

/** As Confluent's messages show a schema that was refused. */
export function candidateText({
  subject,
  version,
  id,
  schemaType,
  references,
  metadata,
  ruleSet,
  schema,
}: Candidate): string {
  const shown = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value));
  return (
    `{subject=${subject},version=${version},id=${id},schemaType=${schemaType},references=${referencesText(references)},` +
    `metadata=${shown(metadata)},ruleSet=${shown(ruleSet)},schema=${schema}}`
  );
}

export function referencesText(references: readonly SchemaReference[]): string {
  const texts = references.map(
    ({ name, subject, version }) => `{name='${name}', subject='${subject}', version=${version}}`,
  );
  return `[${texts.join(', ')}]`;
}
