// What `ottla registry` asks of a registry.
import type { CommandContext, Work } from '../command-frame.ts';
import { readGiven } from '../connection.ts';
import { Failure } from '../failure.ts';
import { type At, call, of } from './registry-call.ts';

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

export interface Registered {
  readonly subject?: string;
  readonly version?: number;
  readonly id?: number;
  readonly schemaType?: string;
  readonly schema: string;
}

export function tellSchema({ output }: CommandContext, found: Registered): void {
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

export interface Given extends At {
  readonly schema: string;
  readonly type?: string;
}

/** What language a file is written in, where --type does not tell. */
const TYPES: readonly (readonly [ending: string, type: string])[] = [
  ['.proto', 'PROTOBUF'],
  ['.json', 'JSON'],
];

export function bodyOf({ io }: CommandContext, { schema, type }: Given): object {
  const text = new TextDecoder().decode(readGiven(io, schema, '--schema'));
  const [, named = 'AVRO'] = TYPES.find(([ending]) => schema.endsWith(ending)) ?? [];
  return { schema: text, schemaType: type?.toUpperCase() ?? named };
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

export const deleteSchema: Work<At & { readonly version?: number | string; readonly permanent?: boolean }> = async (
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
