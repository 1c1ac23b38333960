// --verify of kafka-reassign-partitions: what has come of each partition and of each move between directories.
import { type Admin, ClientError } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { placeText } from './java-order.ts';
import { comparePlaces, parseReassignment, type WantedDirectory, type WantedPartition } from './reassign-json.ts';
import { clearThrottles } from './reassign-throttles.ts';

export async function verify(io: ToolIo, admin: Admin, json: string, preservesThrottles: boolean): Promise<void> {
  const { partitions, directories } = parseReassignment(json);
  const underWay = await admin.listPartitionReassignments();
  const active = new Set(underWay.map(placeText));
  const current = await replicasNow(
    admin,
    partitions.filter((one) => !active.has(placeText(one))),
  );
  const unique = new Map(partitions.map((one) => [placeText(one), one]));
  const lines = [...unique.values()].sort(comparePlaces).map((one) => partitionLine(one, active, current));
  print(io, ['Status of partition reassignment:', ...lines].join('\n'));
  const moves = await findDirectoryMoves(admin, directories);
  const sorted = [...moves].sort((a, b) => a.wanted.brokerId - b.wanted.brokerId || comparePlaces(a.wanted, b.wanted));
  print(io, sorted.map(moveLine).join('\n'));
  const isMoving = moves.some(({ state }) => state === 'active');
  if (underWay.length === 0 && !isMoving && !preservesThrottles) await clearThrottles(io, admin, partitions);
}

/** Replicas by partition; none of what is not there. */
async function replicasNow(
  admin: Admin,
  partitions: readonly WantedPartition[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const found = new Map<string, readonly number[]>();
  for (const described of (await admin.describeTopics(topics)).values()) {
    if (described instanceof ClientError) {
      if (described.code !== 'UNKNOWN_TOPIC_OR_PARTITION') throw described;
      continue;
    }
    for (const { partition, replicas } of described.partitions) {
      found.set(placeText({ topic: described.name, partition }), replicas);
    }
  }
  return found;
}

function partitionLine(
  wanted: WantedPartition,
  active: ReadonlySet<string>,
  current: ReadonlyMap<string, readonly number[]>,
): string {
  const name = placeText(wanted);
  if (active.has(name)) return `Reassignment of partition ${name} is still in progress.`;
  const [now, target] = [(current.get(name) ?? []).join(','), wanted.replicas.join(',')];
  if (now === target) return `Reassignment of partition ${name} is completed.`;
  return `There is no active reassignment of partition ${name}, but replica set is ${now} rather than ${target}.`;
}

export interface DirectoryMove {
  readonly wanted: WantedDirectory;
  readonly state: 'missing replica' | 'missing directory' | 'active' | 'cancelled' | 'completed';
  readonly current?: string | undefined;
  readonly future?: string | undefined;
}

export async function findDirectoryMoves(
  admin: Admin,
  directories: readonly WantedDirectory[],
): Promise<DirectoryMove[]> {
  if (directories.length === 0) return [];
  const found = await admin.describeReplicaLogDirs(directories);
  return found.map(({ result }, index): DirectoryMove => {
    const wanted = directories[index] as WantedDirectory;
    if (result instanceof ClientError) return { wanted, state: 'missing replica' };
    const { currentLogDir: current, futureLogDir: future } = result;
    if (current === undefined) return { wanted, state: 'missing directory' };
    if (future !== undefined) return { wanted, state: 'active', current, future };
    return { wanted, state: current === wanted.path ? 'completed' : 'cancelled', current };
  });
}

function moveLine({ wanted, state, current, future }: DirectoryMove): string {
  const { brokerId, path } = wanted;
  const name = placeText(wanted);
  switch (state) {
    case 'missing directory':
      return `Partition ${name} is not found in any live log dir on broker ${brokerId}. There is likely an offline log directory on the broker.`;
    case 'missing replica':
      return `Partition ${name} cannot be found in any live log directory on broker ${brokerId}.`;
    case 'active':
      return path === future
        ? `Reassignment of replica ${name}-${brokerId} is still in progress.`
        : `Partition ${name} on broker ${brokerId} is being moved to log dir ${future} instead of ${path}.`;
    case 'cancelled':
      return `Partition ${name} on broker ${brokerId} is not being moved from log dir ${current} to ${path}.`;
    case 'completed':
      return `Reassignment of replica ${name}-${brokerId} completed successfully.`;
  }
}
