// Keys of the records in `_schemas`, as Confluent writes them: the order of the fields counts, because compaction compares bytes.
// Others (Karapace of old, Confluent's first releases) write the same fields in another order, or null where there is none.

export type RegistryKey =
  | { readonly keytype: 'SCHEMA'; readonly subject: string; readonly version: number }
  | { readonly keytype: 'CONFIG' | 'MODE' | 'CLEAR_SUBJECT'; readonly subject: string | null }
  | { readonly keytype: 'DELETE_SUBJECT'; readonly subject: string }
  | { readonly keytype: 'CONTEXT'; readonly tenant: string; readonly context: string }
  | { readonly keytype: 'NOOP' };

/** Of the one tenant that there is here. */
export const TENANT = 'default';

const MAGIC = { SCHEMA: 1, other: 0 } as const;
const MOST_VERSION = 2 ** 31 - 1;

export function keyText(key: RegistryKey): string {
  switch (key.keytype) {
    case 'SCHEMA':
      return JSON.stringify({
        keytype: key.keytype,
        subject: key.subject,
        version: key.version,
        magic: MAGIC.SCHEMA,
      });
    case 'CONTEXT':
      return JSON.stringify({ keytype: key.keytype, tenant: key.tenant, context: key.context, magic: MAGIC.other });
    case 'NOOP':
      return JSON.stringify({ keytype: key.keytype, magic: MAGIC.other });
    default:
      return JSON.stringify({
        keytype: key.keytype,
        ...(key.subject !== null && { subject: key.subject }),
        magic: MAGIC.other,
      });
  }
}

/** undefined: a key of a kind that we do not know, which is no mistake: others keep theirs in the topic too. */
export function keyFrom(text: string): RegistryKey | undefined {
  const fields = parsed(text);
  if (fields === undefined) return undefined;
  const { keytype, subject = null, version, tenant = TENANT, context } = fields;
  const isSubject = typeof subject === 'string';
  switch (keytype) {
    case 'SCHEMA':
      return isSubject && isVersion(version) ? { keytype, subject, version } : undefined;
    case 'CONFIG':
    case 'MODE':
    case 'CLEAR_SUBJECT':
      return isSubject || subject === null ? { keytype, subject: subject === '' ? null : subject } : undefined;
    case 'DELETE_SUBJECT':
      return isSubject ? { keytype, subject } : undefined;
    case 'CONTEXT':
      return typeof context === 'string' && typeof tenant === 'string' ? { keytype, tenant, context } : undefined;
    case 'NOOP':
      return { keytype };
    default:
      return undefined;
  }
}

export function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MOST_VERSION;
}

/** undefined: no JSON object. */
export function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
