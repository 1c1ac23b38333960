// kafka-configs: configs of topics, brokers, groups and client metrics, quotas and SCRAM users (kafka.admin.ConfigCommand).
import {
  type Admin,
  ClientError,
  type ConfigEntry,
  type ConfigResourceType,
  type ConfigSource,
  type QuotaEntity,
  type ScramDeletion,
  type ScramUpsertion,
  valueOf,
} from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { configOptions, entitiesOf, type Entity, OPTIONS } from './configs-options.ts';
import { Exit } from './exit.ts';
import { executionError, illegalArgument, JavaError, thrown, thrownText } from './java-error.ts';
import { withAdmin } from './open-admin.ts';
import type { CommandOptions } from './options/command-options.ts';
import { OptionError } from './options/option-parser.ts';
import { tool } from './run-tool.ts';

const RESOURCES: Readonly<Record<string, readonly [ConfigResourceType, ConfigSource | undefined]>> = {
  topics: ['TOPIC', 'DYNAMIC_TOPIC_CONFIG'],
  brokers: ['BROKER', 'DYNAMIC_BROKER_CONFIG'],
  'broker-loggers': ['BROKER_LOGGER', undefined],
  'client-metrics': ['CLIENT_METRICS', 'DYNAMIC_CLIENT_METRICS_CONFIG'],
  groups: ['GROUP', 'DYNAMIC_GROUP_CONFIG'],
};
const QUOTA_TYPES: Readonly<Record<string, string>> = { users: 'user', clients: 'client-id', ips: 'ip' };
const MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const LEAST_ITERATIONS = 4096;

export const configs = tool(async (args, io) => {
  try {
    const options = configOptions(io, args);
    const entities = entitiesOf(options);
    const target = {
      bootstrapServers: options.valueOf(OPTIONS.bootstrapServer),
      bootstrapControllers: options.valueOf(OPTIONS.bootstrapController),
      properties: loadProperties(io, options.valueOf(OPTIONS.commandConfig)),
    };
    await withAdmin(io, target, (admin) =>
      options.has(OPTIONS.alter) ? alter(io, admin, options, entities) : describe(io, admin, options, entities),
    );
    return 0;
  } catch (error) {
    if (error instanceof Exit) throw error;
    // What the cluster says comes wrapped in an ExecutionException; what the tool itself refuses does not.
    const isPlain = error instanceof OptionError || (error instanceof JavaError && PLAIN.has(error.name));
    complain(
      io,
      isPlain ? thrown(error).message : `Error while executing config command with args '${args.join(' ')}'`,
    );
    if (!isPlain) complain(io, thrownText(error instanceof ClientError ? executionError(error) : error));
    return 1;
  }
});

/** Mistakes of the user. */
const PLAIN: ReadonlySet<string> = new Set([
  'java.lang.IllegalArgumentException',
  'org.apache.kafka.common.errors.InvalidConfigurationException',
]);

const invalidConfigs = (names: readonly string[]): JavaError =>
  new JavaError(
    'org.apache.kafka.common.errors.InvalidConfigurationException',
    `Invalid config(s): ${names.join(',')}`,
  );

async function describe(io: ToolIo, admin: Admin, options: CommandOptions, entities: readonly Entity[]): Promise<void> {
  const [first] = entities as readonly [Entity];
  if (RESOURCES[first.type] === undefined) return describeQuotas(io, admin, entities);
  const isAll = options.has(OPTIONS.all);
  if (!isAll && first.name !== undefined && first.name !== '' && !(await exists(admin, first.type, first.name))) {
    return print(io, `The ${first.type.slice(0, -1)} '${first.name}' doesn't exist and doesn't have dynamic config.`);
  }
  const names = first.name === undefined ? await namesOf(admin, first.type) : [first.name];
  for (const name of names) {
    const what = isAll ? 'All' : 'Dynamic';
    const head = `${what} configs for ${first.type.slice(0, -1)} ${name} are:`;
    print(io, name === '' ? `Default configs for ${first.type} in the cluster are:` : head);
    for (const entry of await entriesOf(admin, { type: first.type, name }, isAll)) {
      const synonyms = entry.synonyms.map((one) => `${one.source}:${one.name}=${one.value}`).join(', ');
      print(io, `  ${entry.name}=${entry.value} sensitive=${entry.isSensitive} synonyms={${synonyms}}`);
    }
  }
}

/** A group needs no configs to be there. */
async function exists(admin: Admin, type: string, name: string): Promise<boolean> {
  if ((await namesOf(admin, type)).includes(name)) return true;
  return type === 'groups' && (await admin.listGroups()).groups.some(({ groupId }) => groupId === name);
}

async function namesOf(admin: Admin, type: string): Promise<string[]> {
  if (type === 'topics') return (await admin.listTopics({ includeInternal: true })).map(({ name }) => name);
  if (type === 'client-metrics') return admin.listClientMetricsResources();
  if (type === 'groups') return (await admin.listConfigResources(['GROUP'])).map(({ name }) => name);
  return [...(await admin.describeCluster()).nodes.map(({ id }) => String(id)), ''];
}

async function entriesOf(admin: Admin, { type, name = '' }: Entity, isAll: boolean): Promise<ConfigEntry[]> {
  const [resource, own] = RESOURCES[type] as readonly [ConfigResourceType, ConfigSource | undefined];
  const source = type === 'brokers' && name === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : own;
  const [described] = await admin.describeConfigs([{ type: resource, name }], { includeSynonyms: true });
  const entries = valueOf(described?.result ?? []);
  return entries
    .filter((entry) => isAll || source === undefined || entry.source === source)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function describeQuotas(io: ToolIo, admin: Admin, entities: readonly Entity[]): Promise<void> {
  for (const { entity, quotas } of await quotasOf(admin, entities)) {
    const part = (type: string, called: string): string[] => {
      const name = entity[type];
      if (name === undefined) return [];
      return [name === null ? `the default ${called}` : `${called} '${name}'`];
    };
    const who = [...part('user', 'user-principal'), ...part('client-id', 'client-id'), ...part('ip', 'ip')].join(', ');
    const values = Object.entries(quotas).map(([key, value]) => `${key}=${doubleText(value)}`);
    print(io, `Quota configs for ${who} are ${values.join(', ')}`);
  }
  const names = entities.flatMap(({ name }) => (name === undefined ? [] : [name]));
  if (entities.some(({ type }) => type !== 'users') || names.includes('')) return;
  for (const [user, outcome] of await admin.describeUserScramCredentials(names)) {
    const credentials = outcome instanceof Error ? [] : outcome;
    if (credentials.length === 0) continue;
    const texts = credentials.map(({ mechanism, iterations }) => `${mechanism}=iterations=${iterations}`);
    print(io, `SCRAM credential configs for user-principal '${user}' are ${texts.join(', ')}`);
  }
}

const doubleText = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

function quotasOf(admin: Admin, entities: readonly Entity[]) {
  const components = entities.map(({ type, name }) => ({
    type: QUOTA_TYPES[type] as string,
    ...(name !== undefined && { match: name === '' ? null : name }),
  }));
  return admin.describeClientQuotas({ components, strict: true });
}

async function alter(io: ToolIo, admin: Admin, options: CommandOptions, entities: readonly Entity[]): Promise<void> {
  const [first] = entities as readonly [Entity];
  const added = addedConfigs(io, options);
  const deleted = options.valuesOf(OPTIONS.deleteConfig).map((name) => name.trim());
  if (added.size === 0 && deleted.length === 0) {
    throw illegalArgument(
      'At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter',
    );
  }
  const isOfScram = [...added.keys(), ...deleted].some((key) => MECHANISMS.some((one) => one === key));
  if (RESOURCES[first.type] !== undefined) await alterResource(admin, first, added, deleted);
  else if (first.type === 'users' && isOfScram) await alterScram(admin, first, added, deleted);
  else await alterQuotas(admin, entities, added, deleted);
  const { type, name = '' } = first;
  const one = `Completed updating config for ${type.slice(0, -1)} ${name}.`;
  print(io, name === '' ? `Completed updating default config for ${type} in the cluster.` : one);
}

const BAD_FORMAT =
  'Invalid entity config: all configs to be added must be in the format "key=val" or  "key=[val1,val2]" to group values which contain commas.';

/** `a=b,c=[d,e]`. Throws JavaError. */
function addedConfigs(io: ToolIo, options: CommandOptions): Map<string, string> {
  const added = new Map(Object.entries(loadProperties(io, options.valueOf(OPTIONS.addConfigFile))));
  const text = options.valueOf(OPTIONS.addConfig);
  if (text === undefined) return added;
  for (const pair of text.split(/,(?=[^\]]*(?:\[|$))/)) {
    const [, key, value] = /^\s*([^=]*?)\s*=\s*(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) throw illegalArgument(`requirement failed: ${BAD_FORMAT}`);
    added.set(key, value.replace(/[[\]]/g, '').trim());
  }
  return added;
}

async function alterResource(
  admin: Admin,
  entity: Entity,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  const [type] = RESOURCES[entity.type] as readonly [ConfigResourceType, unknown];
  const changes = [
    ...[...added].map(([name, value]) => ({ name, operation: 'SET', value }) as const),
    ...deleted.map((name) => ({ name, operation: 'DELETE' }) as const),
  ];
  const [altered] = await admin.incrementalAlterConfigs([{ type, name: entity.name ?? '', changes }]);
  valueOf(altered?.result);
}

async function alterQuotas(
  admin: Admin,
  entities: readonly Entity[],
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  const [known] = await quotasOf(admin, entities);
  const missing = deleted.filter((key) => known?.quotas[key] === undefined);
  if (missing.length > 0) throw invalidConfigs(missing);
  const changes: Record<string, number | null> = {};
  for (const [key, value] of added) {
    if (value.trim() === '' || Number.isNaN(Number(value))) {
      throw illegalArgument(`Cannot parse quota configuration value for ${key}: ${value}`);
    }
    changes[key] = Number(value);
  }
  for (const key of deleted) changes[key] = null;
  const entity: QuotaEntity = Object.fromEntries(
    entities.map(({ type, name = '' }) => [QUOTA_TYPES[type] as string, name === '' ? null : name]),
  );
  const [altered] = await admin.alterClientQuotas([{ entity, changes }]);
  valueOf(altered?.result);
}

async function alterScram(
  admin: Admin,
  { name: user = '' }: Entity,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  const alterations: (ScramUpsertion | ScramDeletion)[] = [];
  for (const mechanism of MECHANISMS) {
    const given = added.get(mechanism);
    if (given !== undefined) alterations.push(upsertionOf(user, mechanism, given));
    if (deleted.includes(mechanism)) alterations.push({ user, mechanism, isDeleted: true });
  }
  for (const outcome of (await admin.alterUserScramCredentials(alterations)).values()) valueOf(outcome);
}

function upsertionOf(user: string, mechanism: (typeof MECHANISMS)[number], text: string): ScramUpsertion {
  const [, given, password] = /^(?:iterations=(-?\d*),)?password=(.*)$/s.exec(text) ?? [];
  if (password === undefined) throw illegalArgument(`Invalid credential property ${mechanism}=${text}`);
  const iterations = given === undefined || given === '-1' ? LEAST_ITERATIONS : Number(given);
  if (iterations >= LEAST_ITERATIONS) return { user, mechanism, password, iterations };
  throw illegalArgument(
    `Iterations ${iterations} is less than the minimum ${LEAST_ITERATIONS} required for ${mechanism}`,
  );
}
