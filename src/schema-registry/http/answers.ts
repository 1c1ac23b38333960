// How schemas and settings look in answers: Confluent's fields in its order, nothing empty.
import type { Context } from 'hono';
import { CONFIG_FIELDS, type ConfigEntry, nonEmpty, type StoredSchema } from '../schemas/entities.ts';
import { referenceFields } from '../records/values.ts';
import { RegistryError } from '../schemas/registry-error.ts';
import { besides, contextOf, DEFAULT_CONTEXT } from '../schemas/subjects.ts';

const CONTENT_TYPES = [
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
] as const;

/** The first one that the caller takes. Throws RegistryError 406 when it takes none. */
export function contentTypeFor(accept: string | undefined): string {
  if (accept === undefined || accept.trim() === '') return CONTENT_TYPES[0];
  const ranges = accept.split(',').map((range) => (range.split(';')[0] as string).trim().toLowerCase());
  const found = CONTENT_TYPES.find((type) => ranges.some((range) => ['*/*', 'application/*', type].includes(range)));
  if (found === undefined) throw new RegistryError(406, 'HTTP 406 Not Acceptable');
  return found;
}

/** Throws RegistryError 415. */
export function checkContentType(type: string | undefined): void {
  const name = (type ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'application/octet-stream' || CONTENT_TYPES.some((one) => one === name)) return;
  throw new RegistryError(415, 'HTTP 415 Unsupported Media Type');
}

export function answer(context: Context, value: unknown, status = 200): Response {
  return text(context, JSON.stringify(value), status);
}

/** A text that is the answer itself, as that of `/schema`. */
export function text(context: Context, body: string, status = 200): Response {
  let type: string = CONTENT_TYPES[0];
  try {
    type = contentTypeFor(context.req.header('accept'));
  } catch (error) {
    if (!(error instanceof RegistryError) || status < 400) throw error;
  }
  return new Response(body, { status, headers: { 'content-type': type } });
}

export interface SchemaView {
  /** In place of the canonical text. */
  readonly schema?: string | undefined;
  /** References with the context in which they lie. */
  readonly isQualified?: boolean;
}

/** A schema under its subject and version. */
export function schemaFields(stored: StoredSchema, view: SchemaView = {}) {
  const { subject, version, id, guid, schemaType } = stored;
  return { subject, version, id, guid, schemaType, ...contentFields(stored, view) };
}

/** A schema by its id: subject and version only where one was asked for. */
export function contentOf(
  stored: StoredSchema,
  view: SchemaView & { readonly hasPlace: boolean; readonly maxId?: number },
) {
  const { subject, version, guid, schemaType } = stored;
  return {
    ...(view.hasPlace && { subject, version }),
    guid,
    schemaType,
    ...contentFields(stored, view),
    ...(view.maxId !== undefined && { maxId: view.maxId }),
  };
}

/** What registering answers. */
export function registeredFields(stored: StoredSchema, view: SchemaView) {
  const { subject: _, ...fields } = schemaFields(stored, view);
  const { id, version, ...rest } = fields;
  return { id, version, ...rest };
}

function contentFields(stored: StoredSchema, { schema, isQualified }: SchemaView) {
  const { subject, references, metadata, ruleSet, deleted, timestampMs } = stored;
  const shown = references.map((one) =>
    referenceFields(isQualified === true ? { ...one, subject: besides(subject, one.subject) } : one),
  );
  return {
    ...nonEmpty({ references: shown }),
    ...(metadata !== undefined && { metadata }),
    ...(ruleSet !== undefined && { ruleSet }),
    schema: schema ?? stored.schema,
    ...(timestampMs > 0 && { ts: timestampMs }),
    ...(deleted && { deleted }),
  };
}

/** References are qualified where that is asked for, and where there is a context to name. */
export function wantsQualified(context: Context, stored: StoredSchema): boolean {
  return context.req.query('referenceFormat') === 'qualified' && contextOf(stored.subject) !== DEFAULT_CONTEXT;
}

export function configFields(entry: ConfigEntry, levelName: 'compatibilityLevel' | 'compatibility') {
  const fields = CONFIG_FIELDS.map((name) => [name === 'compatibilityLevel' ? levelName : name, entry[name]] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
