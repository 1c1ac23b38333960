// What `ottla registry` asks of a registry.
import type { CommandContext, Work } from '../command-frame.ts';
import { readGiven, registryOf } from '../connection.ts';
import { Failure } from '../failure.ts';
import { contextNamed } from './context-name.ts';

interface At {
  readonly registry?: string;
  readonly context?: string;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: object;
}

const CONTENT = 'application/vnd.schemaregistry.v1+json';

/** Rejects with Failure in the registry's words. */
async function call<T>(
  context: CommandContext,
  { registry, context: name }: At,
  plainPath: string,
  { method = 'GET', body }: Call = {},
): Promise<T> {
  const url = registryOf(registry === undefined ? context.settings : { registry });
  if (url === undefined)
    throw new Failure('say where the registry is: --registry http://127.0.0.1:8081, or -X registry.hosts=...');
  const path = name === undefined ? plainPath : `/contexts/${encodeURIComponent(contextNamed(name))}${plainPath}`;
  const { user, pass } = context.settings;
  const login =
    user === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${pass ?? ''}`).toString('base64')}` };
  let answer: Response;
  try {
    answer = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method,
      headers: { accept: CONTENT, ...(body !== undefined && { 'content-type': CONTENT }), ...login },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([context.io.signal, AbortSignal.timeout(context.timeoutMs)]),
    });
  } catch (error) {
    throw new Failure(`the registry at ${url} does not answer (${causeOf(error)})`);
  }
  const content = (await answer.json().catch(() => undefined)) as { error_code?: number; message?: string } | undefined;
  if (answer.ok) return content as T;
  throw new Failure(
    `the registry says ${content?.error_code ?? answer.status}: ${content?.message ?? answer.statusText}`,
  );
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

const of = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;

function names(context: CommandContext, heading: string, list: readonly (string | number)[]): void {
  context.output.list(
    list.map((one) => ({ [heading]: one })),
    [{ heading, cell: (row) => row[heading] }],
  );
}

export const listSubjects: Work<At & { readonly deleted?: boolean }> = async (context, _, options) => {
  const query = options.deleted === true ? '?deleted=true' : '';
  names(context, 'subject', await call<string[]>(context, options, `/subjects${query}`));
};

export const listContexts: Work<At> = async (context, _, options) => {
  names(context, 'context', await call<string[]>(context, options, '/contexts'));
};

export const listVersions: Work<At & { readonly deleted?: boolean }> = async (context, [subject = ''], options) => {
  const query = options.deleted === true ? '?deleted=true' : '';
  names(context, 'version', await call<number[]>(context, options, `${of(subject)}/versions${query}`));
};

interface Registered {
  readonly subject?: string;
  readonly version?: number;
  readonly id?: number;
  readonly schemaType?: string;
  readonly schema: string;
}

function tellSchema({ output }: CommandContext, found: Registered): void {
  if (!output.isText) {
    output.data(found);
    return;
  }
  const { subject, version, id, schemaType = 'AVRO', schema } = found;
  const facts = [
    ...(subject === undefined ? [] : [['subject', subject] as const]),
    ...(version === undefined ? [] : [['version', version] as const]),
    ...(id === undefined ? [] : [['id', id] as const]),
    ['type', schemaType] as const,
  ];
  output.facts(facts);
  output.text(`\n${schema}\n`);
}

export const getSchema: Work<At & { readonly version: string; readonly printSchema?: boolean }> = async (
  context,
  [subject = ''],
  options,
) => {
  const found = await call<Registered>(
    context,
    options,
    `${of(subject)}/versions/${encodeURIComponent(options.version)}`,
  );
  if (options.printSchema === true) context.output.text(`${found.schema}\n`);
  else tellSchema(context, found);
};

export const schemaById: Work<At> = async (context, [id = ''], options) => {
  if (!/^\d+$/.test(id)) throw new Failure(`${JSON.stringify(id)} is no id: a number is`);
  tellSchema(context, { id: Number(id), ...(await call<Registered>(context, options, `/schemas/ids/${id}`)) });
};

interface Given extends At {
  readonly schema: string;
  readonly type: string;
}

function bodyOf(context: CommandContext, { schema, type }: Given): object {
  const text = new TextDecoder().decode(readGiven(context.io, schema, '--schema'));
  return { schema: text, schemaType: type.toUpperCase() };
}

export const registerSchema: Work<Given> = async (context, [subject = ''], options) => {
  const body = bodyOf(context, options);
  const { id } = await call<{ id: number }>(context, options, `${of(subject)}/versions`, { method: 'POST', body });
  if (context.output.isText)
    context.output.facts([
      ['subject', subject],
      ['id', id],
    ]);
  else context.output.data({ subject, id });
};

export const checkSchema: Work<Given & { readonly version: string }> = async (context, [subject = ''], options) => {
  const path = `/compatibility${of(subject)}/versions/${encodeURIComponent(options.version)}?verbose=true`;
  const body = bodyOf(context, options);
  const found = await call<{ is_compatible: boolean; messages?: string[] }>(context, options, path, {
    method: 'POST',
    body,
  });
  if (!context.output.isText) context.output.data(found);
  else {
    const why = (found.messages ?? []).map((message) => `  ${message}\n`).join('');
    context.output.text(found.is_compatible ? 'compatible\n' : `not compatible\n${why}`);
  }
  return found.is_compatible ? 0 : 1;
};

export const deleteSchema: Work<At & { readonly version?: number; readonly permanent?: boolean }> = async (
  context,
  [subject = ''],
  options,
) => {
  const place = options.version === undefined ? of(subject) : `${of(subject)}/versions/${options.version}`;
  const query = options.permanent === true ? '?permanent=true' : '';
  const deleted = await call<number | number[]>(context, options, `${place}${query}`, { method: 'DELETE' });
  names(context, 'version', [deleted].flat());
};

export const compatibilityLevel: Work<At & { readonly set?: string }> = async (context, [subject], options) => {
  const path = subject === undefined ? '/config' : `/config/${encodeURIComponent(subject)}`;
  const level =
    options.set === undefined
      ? (await call<{ compatibilityLevel: string }>(context, options, `${path}?defaultToGlobal=true`))
          .compatibilityLevel
      : (
          await call<{ compatibility: string }>(context, options, path, {
            method: 'PUT',
            body: { compatibility: options.set },
          })
        ).compatibility;
  context.output.list(
    [{ subject: subject ?? '{GLOBAL}', level }],
    [
      { heading: 'subject', cell: (row) => row.subject },
      { heading: 'level', cell: (row) => row.level },
    ],
  );
};

export const mode: Work<At & { readonly set?: string }> = async (context, [subject], options) => {
  const path = subject === undefined ? '/mode' : `/mode/${encodeURIComponent(subject)}`;
  const how = options.set === undefined ? {} : { method: 'PUT' as const, body: { mode: options.set } };
  const found = await call<{ mode: string }>(
    context,
    options,
    options.set === undefined ? `${path}?defaultToGlobal=true` : path,
    how,
  );
  context.output.list(
    [{ subject: subject ?? '{GLOBAL}', mode: found.mode }],
    [
      { heading: 'subject', cell: (row) => row.subject },
      { heading: 'mode', cell: (row) => row.mode },
    ],
  );
};
