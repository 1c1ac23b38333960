// What rpk's verbs below `registry` do where ours do it otherwise: several subjects in one call, each with what came of it.
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import type { Column } from '../output.ts';
import { bodyOf, checkSchema, deleteSchema, type Given, type Registered, tellSchema } from './calls.ts';
import { type At, call, of } from './registry-call.ts';

interface SchemaRow {
  readonly subject: string;
  readonly version?: number;
  readonly id?: number;
  readonly type?: string;
  readonly error?: string;
}

function tellRows(context: CommandContext, rows: readonly SchemaRow[]): number {
  const hasErrors = rows.some(({ error }) => error !== undefined);
  const columns: Column<SchemaRow>[] = [
    { heading: 'subject', cell: (row) => row.subject },
    { heading: 'version', cell: (row) => row.version },
    { heading: 'id', cell: (row) => row.id },
    { heading: 'type', cell: (row) => row.type },
    ...(hasErrors ? [{ heading: 'error', cell: (row: SchemaRow) => row.error ?? '' }] : []),
  ];
  context.output.list(rows, columns);
  return hasErrors ? 1 : 0;
}

const rowOf = ({ subject = '', version, id, schemaType = 'AVRO' }: Registered): SchemaRow => ({
  subject,
  ...(version !== undefined && { version }),
  ...(id !== undefined && { id }),
  type: schemaType,
});

const query = (deleted: boolean | undefined): string => (deleted === true ? '?deleted=true' : '');

const versionOf = (context: CommandContext, at: At, subject: string, version: number | string, deleted?: boolean) =>
  call<Registered>(context, at, `${of(subject)}/versions/${encodeURIComponent(version)}${query(deleted)}`);

interface GetOptions extends At {
  readonly schemaVersion?: string;
  readonly id?: number;
  readonly schema?: string;
  readonly type?: string;
  readonly deleted?: boolean;
  readonly printSchema?: boolean;
}

export const getSchemas: Work<GetOptions> = async (context, [subject], options) => {
  const { schemaVersion, id, schema, deleted, printSchema = false } = options;
  if ([schemaVersion, id, schema].filter((one) => one !== undefined).length !== 1)
    throw new Failure('say which with one of --schema-version, --id and --schema');
  if (id !== undefined) return tellUsers(context, { ...options, id }, subject);
  if (subject === undefined) throw new Failure('--schema-version and --schema are of a subject: name it');
  const found =
    schema === undefined
      ? await versionOf(context, options, subject, schemaVersion as string, deleted)
      : await call<Registered>(context, options, `${of(subject)}${query(deleted)}`, {
          method: 'POST',
          body: bodyOf(context, { ...options, schema }),
        });
  if (printSchema) context.output.text(`${found.schema}\n`);
  else tellSchema(context, found);
};

async function tellUsers(
  context: CommandContext,
  options: GetOptions & { readonly id: number },
  subject: string | undefined,
): Promise<number> {
  const { id, deleted, printSchema } = options;
  if (printSchema === true) {
    const { schema } = await call<Registered>(context, options, `/schemas/ids/${id}`);
    context.output.text(`${schema}\n`);
    return 0;
  }
  const users = await call<{ subject: string; version: number }[]>(
    context,
    options,
    `/schemas/ids/${id}/versions${query(deleted)}`,
  );
  const chosen = users.filter((one) => subject === undefined || one.subject === subject);
  const found: Registered[] = [];
  for (const one of chosen) found.push(await versionOf(context, options, one.subject, one.version, deleted));
  return tellRows(context, found.map(rowOf));
}

export const listSchemas: Work<At & { readonly deleted?: boolean }> = async (context, words, options) => {
  const { deleted } = options;
  const subjects = words.length > 0 ? words : await call<string[]>(context, options, `/subjects${query(deleted)}`);
  const rows: SchemaRow[] = [];
  for (const subject of subjects) {
    try {
      for (const version of await call<number[]>(context, options, `${of(subject)}/versions${query(deleted)}`))
        rows.push(rowOf(await versionOf(context, options, subject, version, deleted)));
    } catch (error) {
      rows.push({ subject, error: failureOf(error) });
    }
  }
  return tellRows(context, rows);
};

/** Throws what is no answer of the registry. */
function failureOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  throw error;
}

interface VersionOptions extends At {
  readonly schemaVersion: string;
}

export const deleteVersion: Work<VersionOptions & { readonly permanent?: boolean }> = (context, words, options) =>
  deleteSchema(context, words, { ...options, version: options.schemaVersion });

export const checkCompatibility: Work<VersionOptions & Given> = (context, words, options) =>
  checkSchema(context, words, { ...options, version: options.schemaVersion });

export const listReferences: Work<VersionOptions & { readonly deleted?: boolean }> = async (
  context,
  [subject = ''],
  options,
) => {
  const { schemaVersion, deleted } = options;
  const path = `${of(subject)}/versions/${encodeURIComponent(schemaVersion)}/referencedby`;
  const rows: SchemaRow[] = [];
  for (const id of await call<number[]>(context, options, `${path}${query(deleted)}`)) {
    for (const one of await call<{ subject: string; version: number }[]>(
      context,
      options,
      `/schemas/ids/${id}/versions`,
    ))
      rows.push(rowOf(await versionOf(context, options, one.subject, one.version, deleted)));
  }
  return tellRows(context, rows);
};

/** What came of each, a row a subject; the exit code. */
async function eachOf(
  context: CommandContext,
  subjects: readonly (string | undefined)[],
  heading: string,
  ask: (subject: string | undefined) => Promise<string>,
): Promise<number> {
  const rows: { readonly subject: string; readonly [field: string]: string }[] = [];
  for (const subject of subjects) {
    const name = subject ?? '{GLOBAL}';
    try {
      rows.push({ subject: name, [heading]: await ask(subject) });
    } catch (error) {
      rows.push({ subject: name, error: failureOf(error) });
    }
  }
  const hasErrors = rows.some(({ error }) => error !== undefined);
  context.output.list(rows, [
    { heading: 'subject', cell: (row) => row.subject },
    { heading, cell: (row) => row[heading] },
    ...(hasErrors ? [{ heading: 'error', cell: (row: (typeof rows)[number]) => row['error'] ?? '' }] : []),
  ]);
  return hasErrors ? 1 : 0;
}

export const deleteSubjects: Work<At & { readonly permanent?: boolean }> = (context, subjects, options) =>
  eachOf(context, subjects, 'versions-deleted', async (subject = '') => {
    const how = options.permanent === true ? '?permanent=true' : '';
    const deleted = await call<number[]>(context, options, `${of(subject)}${how}`, { method: 'DELETE' });
    return deleted.join(',');
  });

interface OfSubjects extends At {
  readonly global?: boolean;
}

/** undefined stands for all subjects. */
const named = (words: readonly string[], { global }: OfSubjects): (string | undefined)[] =>
  words.length === 0 || global === true ? [...words, undefined] : [...words];

const pathOf = (what: 'config' | 'mode', subject: string | undefined): string =>
  subject === undefined ? `/${what}` : `/${what}/${encodeURIComponent(subject)}`;

export const getLevels: Work<OfSubjects> = (context, words, options) =>
  eachOf(context, named(words, options), 'level', async (subject) => {
    const path = `${pathOf('config', subject)}?defaultToGlobal=true`;
    return (await call<{ compatibilityLevel: string }>(context, options, path)).compatibilityLevel;
  });

export const setLevels: Work<OfSubjects & { readonly level: string }> = (context, words, options) =>
  eachOf(context, named(words, options), 'level', async (subject) => {
    const body = { compatibility: options.level.toUpperCase() };
    const how = { method: 'PUT', body } as const;
    return (await call<{ compatibility: string }>(context, options, pathOf('config', subject), how)).compatibility;
  });

export const getModes: Work<OfSubjects> = (context, words, options) =>
  eachOf(context, named(words, options), 'mode', async (subject) => {
    const path = `${pathOf('mode', subject)}?defaultToGlobal=true`;
    return (await call<{ mode: string }>(context, options, path)).mode;
  });

export const setModes: Work<OfSubjects & { readonly mode: string; readonly force?: boolean }> = (
  context,
  words,
  options,
) =>
  eachOf(context, named(words, options), 'mode', async (subject) => {
    const path = `${pathOf('mode', subject)}${options.force === true ? '?force=true' : ''}`;
    const how = { method: 'PUT', body: { mode: options.mode.toUpperCase() } } as const;
    return (await call<{ mode: string }>(context, options, path, how)).mode;
  });

export const resetModes: Work<At> = (context, subjects, options) =>
  eachOf(context, subjects, 'mode', async (subject) => {
    const path = pathOf('mode', subject);
    return (await call<{ mode: string }>(context, options, path, { method: 'DELETE' })).mode;
  });
