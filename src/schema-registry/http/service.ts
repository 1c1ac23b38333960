// What the calls of the registry are made of: the operations, where they may be carried out, and what bounds them.
import type { Context } from 'hono';
import type { StoredSchema } from '../schemas/entities.ts';
import { InvalidSchemaError } from '../formats/index.ts';
import type { RegistryCore } from '../registry/core.ts';
import { invalidSchema } from '../schemas/registry-error.ts';
import type { DataChecks } from '../data/data-check.ts';

/** Writes are for the leader among the registries. */
export interface Leadership {
  /** Resolves to the answer of the leader, or to undefined where this registry leads. Rejects with RegistryError 50003, 50004. */
  forwarded(context: Context, body: unknown): Promise<Response | undefined>;
}

export interface RegistryService {
  readonly core: RegistryCore;
  readonly leadership: Leadership;
  readonly data: DataChecks;
  readonly mostBodyBytes: number;
  readonly cluster: { readonly kafka: () => Promise<string | null>; readonly group: string };
  readonly version: string;
}

/** The text in the form that `format` asks for; undefined: the canonical one. Rejects with RegistryError 42201. */
export async function formatted(
  { core }: RegistryService,
  stored: StoredSchema,
  context: Context,
): Promise<string | undefined> {
  const format = (context.req.query('format') ?? '').trim();
  if (format === '') return undefined;
  try {
    return (await core.parser.stored(stored)).formatted(format);
  } catch (error) {
    if (error instanceof InvalidSchemaError) throw invalidSchema(error.message);
    throw error;
  }
}
