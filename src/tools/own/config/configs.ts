// What `ottla config` does.
import type { ConfigEntry, ConfigResourceType } from '../../../client/index.ts';
import type { Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { answered } from '../outcome-rows.ts';
import type { Column } from '../output.ts';
import { alterConfigs } from '../topic/alter-config.ts';

interface Of {
  readonly topic?: string;
  readonly broker?: string;
  readonly brokerLogger?: string;
  readonly group?: string;
  readonly clientMetrics?: string;
}

function resourceOf({ topic, broker, brokerLogger, group, clientMetrics }: Of): {
  type: ConfigResourceType;
  name: string;
} {
  const given: [ConfigResourceType, string | undefined][] = [
    ['TOPIC', topic],
    ['BROKER', broker === 'default' ? '' : broker],
    ['BROKER_LOGGER', brokerLogger],
    ['GROUP', group],
    ['CLIENT_METRICS', clientMetrics],
  ];
  const named = given.filter(([, name]) => name !== undefined);
  const [first] = named;
  if (first === undefined || named.length > 1) {
    throw new Failure('say of what with one of --topic, --broker, --broker-logger, --group, --client-metrics');
  }
  return { type: first[0], name: first[1] as string };
}

interface GetOptions extends Of {
  readonly all?: boolean;
  readonly doc?: boolean;
}

interface ConfigRow {
  readonly key: string;
  readonly value: string | null;
  readonly source: string;
  readonly read_only: boolean;
  readonly doc?: string;
}

export const getConfigs: Work<GetOptions> = async (context, keys, options) => {
  const admin = await context.admin();
  const resource = { ...resourceOf(options), ...(keys.length > 0 && { keys }) };
  const [found] = await admin.describeConfigs([resource], {
    ...context.call,
    includeDocumentation: options.doc ?? false,
  });
  const isShown = ({ isDefault }: ConfigEntry): boolean => options.all === true || keys.length > 0 || !isDefault;
  const rows = answered(found?.result).filter(isShown).map(rowOf);
  const missing = keys.find((key) => !rows.some((row) => row.key === key));
  if (missing !== undefined) throw new Failure(`there is no config ${missing}`);
  context.output.list(
    rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    columnsOf(options.doc === true),
  );
};

const rowOf = ({ name, value, source, isSensitive, isReadOnly, documentation }: ConfigEntry): ConfigRow => ({
  key: name,
  value: isSensitive ? '(sensitive)' : value,
  source,
  read_only: isReadOnly,
  ...(documentation !== undefined && { doc: documentation }),
});

function columnsOf(hasDoc: boolean): Column<ConfigRow>[] {
  return [
    { heading: 'key', cell: ({ key }) => key },
    { heading: 'value', cell: ({ value }) => value ?? '' },
    { heading: 'source', cell: ({ source }) => source },
    { heading: 'read-only', cell: ({ read_only: isReadOnly }) => isReadOnly, isWide: true },
    ...(hasDoc ? [{ heading: 'doc', cell: ({ doc }: ConfigRow) => doc ?? '' }] : []),
  ];
}

export const setConfigs: Work<Of & { readonly dry?: boolean }> = (context, pairs, options) =>
  alterConfigs(context, [resourceOf(options)], { set: pairs, dry: options.dry ?? false });

export const deleteConfigs: Work<Of & { readonly dry?: boolean }> = (context, keys, options) =>
  alterConfigs(context, [resourceOf(options)], { delete: keys, dry: options.dry ?? false });

export const listResources: Work<object> = async (context) => {
  const admin = await context.admin();
  const found = await admin.listConfigResources([], context.call);
  context.output.list(found, [
    { heading: 'type', cell: ({ type }) => type },
    { heading: 'name', cell: ({ name }) => (name === '' ? '<default>' : name) },
  ]);
};
