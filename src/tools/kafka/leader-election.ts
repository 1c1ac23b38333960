// kafka-leader-election: the preferred leader, or any leader at the price of records (org.apache.kafka.tools.LeaderElectionCommand).
import { type Admin, ClientError, type ElectionType } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties, readText } from './client-config.ts';
import { JavaError, thrownText } from './java-error.ts';
import { hashOrderOfPlaces, type Place, placeText } from './java-order.ts';
import { asArray, asInteger, asObject, asText, field, parseJson } from './json-input.ts';
import { withAdmin } from './open-admin.ts';
import { CommandOptions } from './options/command-options.ts';
import { type ArgumentType, flag, INTEGER, type Option, valued } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';

/** As Java's enum is called and shown. */
const ELECTION: ArgumentType<ElectionType> = {
  name: '[PREFERRED,UNCLEAN]',
  convert: (text) => (['PREFERRED', 'UNCLEAN'] as const).find((one) => one === text.toUpperCase()),
};

const OPTIONS = {
  bootstrapServer: valued(
    'bootstrap-server',
    'A hostname and port for the broker to connect to, in the form host:port. Multiple comma separated URLs can be given. REQUIRED.',
    { name: 'host:port' },
  ),
  adminClientConfig: valued(
    'admin.config',
    '(DEPRECATED) Configuration properties files to pass to the admin client. This option will be removed in a future version. Use --command-config instead.',
    { name: 'config file' },
  ),
  commandConfig: valued('command-config', 'Config properties file to pass to the admin client.', {
    name: 'Config file',
  }),
  pathToJsonFile: valued(
    'path-to-json-file',
    'The JSON file with the list  of partition for which leader elections should be performed. This is an example format. \n{"partitions":\n\t[{"topic": "foo", "partition": 1},\n\t {"topic": "foobar", "partition": 2}]\n}\nNot allowed if --all-topic-partitions or --topic flags are specified.',
    { name: 'Path to JSON file' },
  ),
  topic: valued(
    'topic',
    'Name of topic for which to perform an election. Not allowed if --path-to-json-file or --all-topic-partitions is specified.',
    { name: 'topic name' },
  ),
  partition: valued('partition', 'Partition id for which to perform an election. REQUIRED if --topic is specified.', {
    name: 'partition id',
    type: INTEGER,
  }),
  allTopicPartitions: flag(
    'all-topic-partitions',
    'Perform election on all of the eligible topic partitions based on the type of election (see the --election-type flag). Not allowed if --topic or --path-to-json-file is specified.',
  ),
  electionType: valued(
    'election-type',
    'Type of election to attempt. Possible values are "preferred" for preferred leader election or "unclean" for unclean leader election. If preferred election is selection, the election is only performed if the current leader is not the preferred leader for the topic partition. If unclean election is selected, the election is only performed if there are no leader for the topic partition. REQUIRED.',
    { name: 'election type', type: ELECTION },
  ),
};

const HELP =
  'This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported are preferred replicas and unclean replicas.';
const TIMEOUT_MS = 30_000;

const failedCommand = (message: string): JavaError =>
  new JavaError('org.apache.kafka.tools.AdminCommandFailedException', message);
const failedOperation = (message: string): JavaError =>
  new JavaError('org.apache.kafka.tools.AdminOperationException', message);

export const leaderElection = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion(HELP);
  validate(options);
  const type = options.required(OPTIONS.electionType);
  const path = options.valueOf(OPTIONS.pathToJsonFile);
  const topic = options.valueOf(OPTIONS.topic);
  const partition = options.valueOf(OPTIONS.partition);
  const one = topic === undefined || partition === undefined ? undefined : [{ topic, partition }];
  const places = path === undefined ? one : placesIn(electionData(io, path));
  if (options.has(OPTIONS.adminClientConfig)) {
    print(
      io,
      'Option --admin.config has been deprecated and will be removed in a future version. Use --command-config instead.',
    );
  }
  const config = options.valueOf(OPTIONS.adminClientConfig) ?? options.valueOf(OPTIONS.commandConfig);
  const properties = {
    'default.api.timeout.ms': String(TIMEOUT_MS),
    'request.timeout.ms': String(TIMEOUT_MS / 2),
    ...loadProperties(io, config),
  };
  const target = { bootstrapServers: options.required(OPTIONS.bootstrapServer), properties };
  await withAdmin(io, target, (admin) => elect(io, admin, type, places));
});

function validate(options: CommandOptions): void {
  const nameOf = ({ names }: Option): string => names[0] as string;
  const missing = [OPTIONS.bootstrapServer, OPTIONS.electionType].filter((option) => !options.has(option));
  if (missing.length > 0) throw failedCommand(`Missing required option(s): ${missing.map(nameOf).join(', ')}`);
  const choices = [OPTIONS.topic, OPTIONS.allTopicPartitions, OPTIONS.pathToJsonFile];
  if (choices.filter((option) => options.has(option)).length !== 1) {
    throw failedCommand(`One and only one of the following options is required: ${choices.map(nameOf).join(', ')}`);
  }
  if (options.has(OPTIONS.topic) && !options.has(OPTIONS.partition)) {
    throw failedCommand('Missing required option(s): partition');
  }
  if (!options.has(OPTIONS.topic) && options.has(OPTIONS.partition)) {
    throw failedCommand('Option partition is only allowed if topic is used');
  }
}

function electionData(io: ToolIo, path: string): string {
  try {
    return readText(io, path);
  } catch (error) {
    throw new JavaError('java.lang.RuntimeException', thrownText(error));
  }
}

function placesIn(text: string): Place[] {
  const json = parseJson(text);
  if (json === undefined) throw failedOperation('Replica election data is empty');
  const object = asObject(json);
  if (!('partitions' in object)) throw failedOperation('Replica election data is missing "partitions" field');
  const places = asArray(object['partitions']).map((one): Place => {
    const item = asObject(one);
    return { topic: asText(field(item, 'topic')), partition: asInteger(field(item, 'partition')) };
  });
  const texts = places.map(placeText);
  const repeated = places.filter((place, index) => texts.indexOf(placeText(place)) !== index);
  if (repeated.length === 0) return hashOrderOfPlaces(places);
  const shown = hashOrderOfPlaces(new Map(repeated.map((place) => [placeText(place), place])).values());
  throw failedOperation(`Replica election data contains duplicate partitions: [${shown.map(placeText).join(', ')}]`);
}

async function elect(
  io: ToolIo,
  admin: Admin,
  type: ElectionType,
  places: readonly Place[] | undefined,
): Promise<void> {
  const results = await admin.electLeaders(type, places).catch((error: unknown) => {
    throw told(io, error);
  });
  const inOrder = hashOrderOfPlaces(results);
  const done = inOrder.filter(({ result }) => result === undefined);
  const needless = inOrder.filter(({ result }) => isNeedless(result));
  const failed = inOrder.filter(({ result }) => result !== undefined && !isNeedless(result));
  if (done.length > 0) {
    print(io, `Successfully completed leader election (${type}) for partitions ${done.map(placeText).join(', ')}`);
  }
  if (needless.length > 0) {
    print(io, `Valid replica already elected for partitions ${needless.map(placeText).join(', ')}`);
  }
  for (const { result, ...place } of failed) {
    print(io, `Error completing leader election (${type}) for partition: ${placeText(place)}: ${thrownText(result)}`);
  }
  if (failed.length > 0) throw failedCommand(`${failed.length} replica(s) could not be elected`);
}

const isNeedless = (result: unknown): boolean => result instanceof ClientError && result.code === 'ELECTION_NOT_NEEDED';

/** What to throw in place of an error of the whole question, after the line that the tool prints of it. */
function told(io: ToolIo, error: unknown): unknown {
  const code = error instanceof ClientError ? error.code : undefined;
  const messages: Readonly<Record<string, string>> = {
    REQUEST_TIMED_OUT: 'Timeout waiting for election results',
    CLUSTER_AUTHORIZATION_FAILED: 'Not authorized to perform leader election',
  };
  const message = messages[code ?? ''];
  if (message === undefined) return error;
  print(io, message);
  return failedCommand(message);
}
