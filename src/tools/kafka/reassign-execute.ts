// --execute and --cancel of kafka-reassign-partitions: the reassignment, and the moves between directories of a broker.
import { type Admin, ClientError, type OutcomeFor } from '../../client/index.ts';
import { delay } from '../../runtime/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { TerseError, thrown } from './java-error.ts';
import { hashOrderOfPlaces, type Place, placeText } from './java-order.ts';
import {
  comparePlaces,
  failedCommand,
  parseExecuted,
  parseReassignment,
  type WantedDirectory,
  type WantedPartition,
} from './reassign-json.ts';
import { currentReplicas, currentText, unknownPlace } from './reassign-current.ts';
import { clearThrottles, type PartitionMove, throttleDirectories, throttleMoves } from './reassign-throttles.ts';
import { findDirectoryMoves } from './reassign-verify.ts';

const RETRY_MS = 100;

export interface ExecuteOptions {
  readonly isAdditional: boolean;
  /** Bytes per second; below 0: none. */
  readonly brokerThrottle: number;
  readonly directoryThrottle: number;
  readonly timeoutMs: number;
  readonly allowReplicationFactorChange: boolean;
}

type Under = Awaited<ReturnType<Admin['listPartitionReassignments']>>;

export async function execute(io: ToolIo, admin: Admin, json: string, how: ExecuteOptions): Promise<void> {
  const { partitions, directories } = parseExecuted(json);
  const underWay = await admin.listPartitionReassignments();
  if (!how.isAdditional && underWay.length > 0) {
    throw new TerseError(
      'Cannot execute because there is an existing partition assignment.  Use --additional to override this and create a new partition assignment in addition to the existing one. The --additional flag can also be used to change the throttle by resubmitting the current reassignment.',
    );
  }
  await checkBrokers(admin, partitions);
  const current = await currentOf(admin, partitions);
  print(
    io,
    `Current partition replica assignment\n\n${await currentText(admin, current)}\n\nSave this to use as the --reassignment-json-file option during rollback`,
  );
  await throttle(io, admin, how, { partitions, directories, underWay, current });
  const { allowReplicationFactorChange } = how;
  const outcomes = await admin.alterPartitionReassignments(hashOrderOfPlaces(partitions), {
    allowReplicationFactorChange,
  });
  const failures = failuresIn(outcomes);
  if (failures.length > 0) throw new TerseError(`Error reassigning partition(s):\n${failures.join('\n')}`);
  const names = [...partitions].sort(comparePlaces).map(placeText);
  print(io, `Successfully started partition reassignment${names.length === 1 ? '' : 's'} for ${names.join(',')}`);
  if (directories.length > 0) await moveDirectories(io, admin, directories, how.timeoutMs);
}

async function checkBrokers(admin: Admin, partitions: readonly WantedPartition[]): Promise<void> {
  const { nodes } = await admin.describeCluster();
  const known = new Set(nodes.map(({ id }) => id));
  const unknown = partitions.flatMap(({ replicas }) => replicas).find((id) => !known.has(id));
  if (unknown !== undefined) throw failedCommand(`Unknown broker id ${unknown}`);
}

async function currentOf(admin: Admin, partitions: readonly WantedPartition[]): Promise<WantedPartition[]> {
  const wanted = new Set(partitions.map(placeText));
  const all = await currentReplicas(admin, [...new Set(partitions.map(({ topic }) => topic))]);
  const found = all.filter((place) => wanted.has(placeText(place)));
  const missing = partitions.filter((place) => !found.some((one) => placeText(one) === placeText(place)));
  if (missing.length === 0) return found;
  throw unknownPlace(`Unable to find partition: ${hashOrderOfPlaces(missing).map(placeText).join(', ')}`);
}

interface Planned {
  readonly partitions: readonly WantedPartition[];
  readonly directories: readonly WantedDirectory[];
  readonly underWay: Under;
  readonly current: readonly WantedPartition[];
}

async function throttle(io: ToolIo, admin: Admin, how: ExecuteOptions, planned: Planned): Promise<void> {
  const { brokerThrottle, directoryThrottle } = how;
  if (brokerThrottle < 0 && directoryThrottle < 0) return;
  print(
    io,
    'Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.',
  );
  if (brokerThrottle >= 0) await throttleMoves(io, admin, movesOf(planned), brokerThrottle);
  if (directoryThrottle < 0) return;
  const brokers = [...new Set(planned.directories.map(({ brokerId }) => brokerId))];
  await throttleDirectories(io, admin, brokers, directoryThrottle);
}

/** What is under way already, and what comes. */
function movesOf({ partitions, underWay, current }: Planned): PartitionMove[] {
  const moves = new Map<string, PartitionMove>();
  for (const { topic, partition, replicas, addingReplicas } of underWay) {
    const sources = replicas.filter((id) => !addingReplicas.includes(id));
    moves.set(placeText({ topic, partition }), { topic, partition, sources, destinations: addingReplicas });
  }
  for (const { topic, partition, replicas } of partitions) {
    const name = placeText({ topic, partition });
    const now = current.find((one) => placeText(one) === name);
    const sources = moves.get(name)?.sources ?? now?.replicas ?? [];
    moves.set(name, { topic, partition, sources, destinations: replicas.filter((id) => !sources.includes(id)) });
  }
  return [...moves.values()];
}

function failuresIn(outcomes: readonly OutcomeFor<Place, undefined>[]): string[] {
  const failed = outcomes.filter(({ result }) => result !== undefined).sort(comparePlaces);
  return failed.map(({ topic, partition, result }) => `${placeText({ topic, partition })}: ${thrown(result).message}`);
}

/** A replica that is still on its way to the broker is asked for again until it is there. */
async function moveDirectories(
  io: ToolIo,
  admin: Admin,
  directories: readonly WantedDirectory[],
  timeoutMs: number,
): Promise<void> {
  const { clock } = io.runtime;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let pending = [...directories].sort((a, b) => a.brokerId - b.brokerId || comparePlaces(a, b));
  while (true) {
    const outcomes = await admin.alterReplicaLogDirs(pending.map(({ path, ...place }) => ({ ...place, logDir: path })));
    const fatal = outcomes.find(
      ({ result }) => result instanceof ClientError && result.code !== 'REPLICA_NOT_AVAILABLE',
    );
    if (fatal !== undefined) throw failedCommand(`Failed to alter dir for ${replicaText(fatal)}`);
    pending.forEach((one, index) => {
      if (outcomes[index]?.result !== undefined) return;
      print(
        io,
        `Successfully started moving log directory to ${one.path} for replica ${placeText(one)} with broker ${one.brokerId} `,
      );
    });
    pending = pending.filter((_, index) => outcomes[index]?.result !== undefined);
    if (pending.length === 0) return;
    if (clock.monotonicMs() >= deadlineMs) {
      const names = pending.map(replicaText).join(',');
      throw new TerseError(
        `Timed out before log directory move${pending.length === 1 ? '' : 's'} could be started for: ${names}`,
      );
    }
    await delay(clock, RETRY_MS);
  }
}

/** As TopicPartitionReplica.toString() has it. */
const replicaText = ({ topic, partition, brokerId }: Place & { readonly brokerId: number }): string =>
  `${topic}-${partition}-${brokerId}`;

export async function cancel(
  io: ToolIo,
  admin: Admin,
  json: string,
  how: { readonly preservesThrottles: boolean; readonly timeoutMs: number },
): Promise<void> {
  const { partitions, directories } = parseReassignment(json);
  const underWay = await admin.listPartitionReassignments(partitions);
  const active = underWay.filter(
    ({ addingReplicas, removingReplicas }) => addingReplicas.length > 0 || removingReplicas.length > 0,
  );
  if (active.length === 0) print(io, 'None of the specified partition reassignments are active.');
  else await cancelPartitions(io, admin, active);
  const moves = await findDirectoryMoves(admin, directories);
  const moving = moves.filter(({ state }) => state === 'active');
  if (moving.length === 0) io.stdout.write('None of the specified partition moves are active.');
  else {
    await moveDirectories(
      io,
      admin,
      moving.map((move) => ({ ...move.wanted, path: move.current ?? '' })),
      how.timeoutMs,
    );
  }
  if (!how.preservesThrottles) await clearThrottles(io, admin, partitions);
}

async function cancelPartitions(io: ToolIo, admin: Admin, active: Under): Promise<void> {
  const wanted = active.map(({ topic, partition }) => ({ topic, partition, replicas: null }));
  const failures = failuresIn(await admin.alterPartitionReassignments(wanted));
  const plural = active.length === 1 ? '' : 's';
  if (failures.length > 0) {
    throw new TerseError(
      `Error cancelling partition reassignment${failures.length === 1 ? '' : 's'} for:\n${failures.join('\n')}`,
    );
  }
  const names = [...active].sort(comparePlaces).map(placeText).join(',');
  print(io, `Successfully cancelled partition reassignment${plural} for: ${names}`);
}
