// kafka-metadata-quorum: the quorum's state, and voters that come and go (org.apache.kafka.tools.MetadataQuorumCommand).
import type { Admin, QuorumDescription, QuorumEndpoint, QuorumReplica } from '../../client/index.ts';
import { uuidToBytes, ZERO_UUID } from '../../protocol/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties, type Properties } from './client-config.ts';
import { executionError, JavaError, TerseError } from './java-error.ts';
import { METADATA_QUORUM_PARSER } from './metadata-quorum-arguments.ts';
import { withAdmin } from './open-admin.ts';
import { type ArgparseValues, parseOrExit } from './options/argparse.ts';
import { printTable } from './pretty-table.ts';
import { toolWithTrace } from './run-tool.ts';

export const metadataQuorum = toolWithTrace(async (args, io) => {
  const values = parseOrExit(io, METADATA_QUORUM_PARSER, args);
  const path = values.get('command_config') as string | undefined;
  const properties = propertiesOf(io, path);
  const target = {
    bootstrapServers: values.get('bootstrap_server') as string | undefined,
    bootstrapControllers: values.get('bootstrap_controller') as string | undefined,
    properties,
  };
  await withAdmin(io, target, async (admin) => {
    const command = values.get('command');
    if (command === 'describe') return describe(io, admin, values);
    if (command === 'remove-controller') return removeController(io, admin, values);
    if (path === undefined) {
      throw new TerseError(
        'You must supply the configuration file of the controller you are adding when using add-controller.',
      );
    }
    return addController(io, admin, properties, values.get('dry_run') === true);
  });
});

function propertiesOf(io: ToolIo, path: string | undefined): Properties {
  try {
    return loadProperties(io, path);
  } catch (error) {
    if (!(error instanceof JavaError)) throw error;
    throw new TerseError(`Properties file ${path} does not exists!`);
  }
}

async function describe(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const [isStatus, isReplication, isHuman] = ['status', 'replication', 'human_readable'].map(
    (name) => values.get(name) === true,
  );
  if (isStatus === true && isReplication === true) {
    throw new TerseError('Only one of --status or --replication should be specified with describe sub-command');
  }
  if (isReplication === true) return describeReplication(io, await quorumOf(admin), isHuman === true);
  if (isStatus !== true) {
    throw new TerseError('One of --status or --replication must be specified with describe sub-command');
  }
  if (isHuman === true) throw new TerseError('The option --human-readable is only supported along with --replication');
  const { clusterId } = await admin.describeCluster();
  describeStatus(io, clusterId, await quorumOf(admin));
}

async function quorumOf(admin: Admin): Promise<QuorumDescription> {
  try {
    return await admin.describeMetadataQuorum();
  } catch (error) {
    throw executionError(error);
  }
}

const HEADERS = [
  'NodeId',
  'DirectoryId',
  'LogEndOffset',
  'Lag',
  'LastFetchTimestamp',
  'LastCaughtUpTimestamp',
  'Status',
];

function describeReplication(io: ToolIo, { leaderId, voters, observers }: QuorumDescription, isHuman: boolean): void {
  const leaders = voters.filter(({ replicaId }) => replicaId === leaderId);
  const end = leaders[0]?.logEndOffset ?? 0;
  const now = io.runtime.clock.nowMs();
  const timeOf = (timeMs: number | undefined, what: string): string => {
    if (timeMs === undefined) return '-1';
    return isHuman ? `${agoMs(now, timeMs, what)} ms ago` : String(timeMs);
  };
  const rowOf = (replica: QuorumReplica, status: string): string[] => [
    String(replica.replicaId),
    replica.directoryId ?? ZERO_UUID,
    String(replica.logEndOffset),
    String(end - replica.logEndOffset),
    timeOf(replica.lastFetchTimestamp, 'last fetch'),
    timeOf(replica.lastCaughtUpTimestamp, 'last caught up'),
    status,
  ];
  printTable(io, HEADERS, [
    ...leaders.map((one) => rowOf(one, 'Leader')),
    ...voters.filter(({ replicaId }) => replicaId !== leaderId).map((one) => rowOf(one, 'Follower')),
    ...observers.map((one) => rowOf(one, 'Observer')),
  ]);
}

function agoMs(now: number, timeMs: number, what: string): number {
  if (timeMs > 0 && timeMs <= now) return now - timeMs;
  throw new JavaError(
    'org.apache.kafka.common.KafkaException',
    `Error while computing relative time, possible drift in system clock.\nCurrent timestamp is ${now}, ${what} timestamp is ${timeMs}`,
  );
}

function describeStatus(io: ToolIo, clusterId: string | undefined, quorum: QuorumDescription): void {
  const { leaderId, leaderEpoch, highWatermark, voters, observers } = quorum;
  const leader = voters.find(({ replicaId }) => replicaId === leaderId);
  const [slowest] = [...voters].sort((a, b) => a.logEndOffset - b.logEndOffset);
  const lag = (leader?.logEndOffset ?? 0) - (slowest?.logEndOffset ?? 0);
  print(
    io,
    [
      `ClusterId:              ${clusterId}`,
      `LeaderId:               ${leaderId}`,
      `LeaderEpoch:            ${leaderEpoch}`,
      `HighWatermark:          ${highWatermark}`,
      `MaxFollowerLag:         ${lag}`,
      `MaxFollowerLagTimeMs:   ${lagMs(leader, slowest)}`,
      `CurrentVoters:          ${replicasText(quorum, voters)}`,
      `CurrentObservers:       ${replicasText(quorum, observers)}`,
    ].join('\n'),
  );
}

function lagMs(leader: QuorumReplica | undefined, slowest: QuorumReplica | undefined): number {
  if (leader === slowest) return 0;
  const [own, other] = [leader?.lastCaughtUpTimestamp, slowest?.lastCaughtUpTimestamp];
  return own === undefined || other === undefined ? -1 : own - other;
}

function replicasText({ nodes }: QuorumDescription, replicas: readonly QuorumReplica[]): string {
  const texts = replicas.map(({ replicaId, directoryId }) => {
    const endpoints = (nodes.get(replicaId) ?? []).map((one) => `"${endpointText(one)}"`).join(', ');
    const directory = directoryId === undefined ? 'null' : `"${directoryId}"`;
    const where = endpoints === '' ? '' : `, "endpoints": [${endpoints}]`;
    return `{"id": ${replicaId}, "directoryId": ${directory}${where}}`;
  });
  return `[${texts.join(', ')}]`;
}

/** As RaftVoterEndpoint.toString() has it. */
function endpointText({ listener, host, port }: QuorumEndpoint): string {
  return `${listener}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function addController(io: ToolIo, admin: Admin, properties: Properties, isDry: boolean): Promise<void> {
  const { controllerOf } = await import('./quorum-controller.ts');
  const { voterId, directoryId, endpoints } = controllerOf(io, properties);
  if (!isDry) {
    await admin.addRaftVoter({ voterId, directoryId }, endpoints).catch((error: unknown) => {
      throw executionError(error);
    });
  }
  const where = endpoints.map(endpointText).join(', ');
  const what = isDry ? 'DRY RUN of adding' : 'Added';
  print(io, `${what} controller ${voterId} with directory id ${directoryId} and endpoints: ${where}`);
}

async function removeController(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const voterId = values.get('controller_id') as number;
  const given = values.get('controller_directory_id') as string;
  if (voterId < 0) throw new TerseError(`Invalid negative --controller-id: ${voterId}`);
  const directoryId = directoryIn(given);
  const isDry = values.get('dry_run') === true;
  if (!isDry) {
    await admin.removeRaftVoter({ voterId, directoryId }).catch((error: unknown) => {
      throw executionError(error);
    });
  }
  const what = isDry ? 'DRY RUN of removing ' : 'Removed ';
  print(io, `${what} KRaft controller ${voterId} with directory id ${directoryId}`);
}

const LONGEST_UUID = 24;
const UUID_BYTES = 16;

/** As Uuid.fromString reads it. */
function directoryIn(text: string): string {
  const refuse = (why: string): never => {
    throw new TerseError(`Failed to parse --controller-directory-id: ${why}`);
  };
  if (text.length > LONGEST_UUID) {
    return refuse(
      `Input string with prefix \`${text.slice(0, LONGEST_UUID)}\` is too long to be decoded as a base64 UUID`,
    );
  }
  if (text.length % 4 === 1) return refuse('Last unit does not have enough valid bits');
  const bytes = Buffer.from(text, 'base64url').length;
  if (bytes === UUID_BYTES && uuidToBytes(text).length === UUID_BYTES) return text;
  return refuse(
    `Input string \`${text}\` decoded as ${bytes} bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID`,
  );
}
