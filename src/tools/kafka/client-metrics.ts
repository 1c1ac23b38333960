// kafka-client-metrics: subscriptions to the metrics of clients (KIP-714; org.apache.kafka.tools.ClientMetricsCommand).
import { type Admin, type ConfigEntry, valueOf } from '../../client/index.ts';
import { uuidFromBytes } from '../../protocol/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { illegalArgument, thrown, thrownText } from './java-error.ts';
import { hashOrderOfTexts } from './java-order.ts';
import { logError } from './log-line.ts';
import { withAdmin } from './open-admin.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, valued } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';

const SELECTORS = [
  'client_id',
  'client_instance_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
];

const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The Kafka server to connect to.', {
    name: 'server to connect to',
  }),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'command config property file',
  }),
  alter: flag('alter', 'Alter the configuration for the client metrics resource.'),
  delete: flag('delete', 'Delete the configuration for the client metrics resource.'),
  describe: flag('describe', 'List configurations for the client metrics resource.'),
  list: flag('list', 'List the client metrics resources.'),
  name: valued('name', 'Name of client metrics configuration resource.', { name: 'name' }),
  generateName: flag('generate-name', 'Generate a UUID to use as the name.'),
  interval: valued('interval', 'The metrics push interval in milliseconds.\nLeave empty to reset the interval.', {
    name: 'push interval',
  }),
  match: valued(
    'match',
    `Matching selector 'k1=v1,k2=v2'. The following is a list of valid selector names: \n${SELECTORS.map((name) => `\t${name}`).join('\n')}`,
    { name: 'k1=v1,k2=v2', separator: ',' },
  ),
  metrics: valued('metrics', "Telemetry metric name prefixes 'm1,m2'.", { name: 'm1,m2', separator: ',' }),
};

const HELP = 'This tool helps to manipulate and describe client metrics configurations.';
const LOGGER = 'org.apache.kafka.tools.ClientMetricsCommand';
const RESOURCE = 'CLIENT_METRICS';
const UUID_BYTES = 16;

export const clientMetrics = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  check(options);
  const properties = loadProperties(io, options.valueOf(OPTIONS.commandConfig));
  const target = { bootstrapServers: options.required(OPTIONS.bootstrapServer), properties };
  try {
    await withAdmin(io, target, (admin) => act(io, admin, options));
    return 0;
  } catch (error) {
    print(io, `Error while executing client metrics command : ${thrown(error).message}`);
    logError(io, LOGGER, `${thrownText(error)}\n`);
    return 1;
  }
});

function check(options: CommandOptions): void {
  const { alter, delete: remove, describe, list, name, generateName, interval, match, metrics } = OPTIONS;
  options.maybePrintHelpOrVersion(HELP);
  if ([alter, remove, describe, list].filter((one) => options.has(one)).length !== 1) {
    options.usage('Command must include exactly one action: --alter, --delete, --describe or --list.');
  }
  if (!options.has(OPTIONS.bootstrapServer)) throw illegalArgument('--bootstrap-server must be specified.');
  options.checkInvalid(remove, generateName, interval, match, metrics);
  options.checkInvalid(describe, generateName, interval, match, metrics);
  options.checkInvalid(list, name, generateName, interval, match, metrics);
  if (options.has(alter) && options.has(name) === options.has(generateName)) {
    throw illegalArgument('One of --name or --generate-name must be specified with --alter.');
  }
  const given = options.valueOf(interval) ?? '';
  if (options.has(alter) && given !== '' && !/^[-+]?\d+$/.test(given)) {
    throw illegalArgument('Invalid interval value. Enter an integer, or leave empty to reset.');
  }
  if (options.has(remove) && !options.has(name)) {
    throw illegalArgument('A client metrics resource name must be specified with --delete.');
  }
}

async function act(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  if (options.has(OPTIONS.alter)) return alterMetrics(io, admin, options);
  if (options.has(OPTIONS.delete)) return deleteMetrics(io, admin, options.required(OPTIONS.name));
  if (options.has(OPTIONS.list)) return print(io, (await admin.listClientMetricsResources()).join('\n'));
  const name = options.valueOf(OPTIONS.name);
  for (const one of name === undefined ? await admin.listClientMetricsResources() : [name]) {
    const entries = await configsOf(admin, one);
    if (entries.length === 0 || (name !== undefined && !(await admin.listClientMetricsResources()).includes(one))) {
      print(io, `The client metric resource ${one} doesn't exist and doesn't have dynamic config.`);
      continue;
    }
    print(io, `Client metrics configs for ${one} are:`);
    for (const { name: key, value } of entries) print(io, `  ${key}=${value}`);
  }
}

async function alterMetrics(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const name = options.valueOf(OPTIONS.name) ?? uuidFromBytes(Buffer.from(io.runtime.random.bytes(UUID_BYTES)));
  const wanted = new Map<string, string>();
  if (options.has(OPTIONS.interval)) wanted.set('interval.ms', options.required(OPTIONS.interval));
  if (options.has(OPTIONS.metrics)) wanted.set('metrics', options.valuesOf(OPTIONS.metrics).join(','));
  if (options.has(OPTIONS.match)) wanted.set('match', options.valuesOf(OPTIONS.match).join(','));
  const changes = hashOrderOfTexts(wanted.keys()).map((key) => {
    const value = wanted.get(key) as string;
    return value === ''
      ? ({ name: key, operation: 'DELETE' } as const)
      : ({ name: key, operation: 'SET', value } as const);
  });
  const [altered] = await admin.incrementalAlterConfigs([{ type: RESOURCE, name, changes }]);
  valueOf(altered?.result);
  print(io, `Altered client metrics config for ${name}.`);
}

async function deleteMetrics(io: ToolIo, admin: Admin, name: string): Promise<void> {
  const entries = await configsOf(admin, name);
  const changes = entries.map(({ name: key }) => ({ name: key, operation: 'DELETE' }) as const);
  const [altered] = await admin.incrementalAlterConfigs([{ type: RESOURCE, name, changes }]);
  valueOf(altered?.result);
  print(io, `Deleted client metrics config for ${name}.`);
}

async function configsOf(admin: Admin, name: string): Promise<readonly ConfigEntry[]> {
  const [described] = await admin.describeConfigs([{ type: RESOURCE, name }]);
  return valueOf(described?.result ?? []);
}
