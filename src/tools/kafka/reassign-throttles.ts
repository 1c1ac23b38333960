// Throttles of a reassignment: the rates of the brokers that take part, and which replicas of which topics they hold for.
import { type Admin, ClientError, type ConfigChange } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { hashOrderOfNumbers, hashOrderOfTexts } from './java-order.ts';
import type { WantedPartition } from './reassign-json.ts';

const LEADER_RATE = 'leader.replication.throttled.rate';
const FOLLOWER_RATE = 'follower.replication.throttled.rate';
const DIRECTORY_RATE = 'replica.alter.log.dirs.io.max.bytes.per.second';
const LEADER_REPLICAS = 'leader.replication.throttled.replicas';
const FOLLOWER_REPLICAS = 'follower.replication.throttled.replicas';

export interface PartitionMove {
  readonly topic: string;
  readonly partition: number;
  readonly sources: readonly number[];
  readonly destinations: readonly number[];
}

async function alter(
  admin: Admin,
  type: 'BROKER' | 'TOPIC',
  names: readonly string[],
  changesOf: (name: string) => readonly ConfigChange[],
): Promise<void> {
  if (names.length === 0) return;
  const resources = names.map((name) => ({ type, name, changes: changesOf(name) }));
  for (const { result } of await admin.incrementalAlterConfigs(resources)) {
    if (result instanceof ClientError) throw result;
  }
}

const set = (name: string, value: string): ConfigChange => ({ name, operation: 'SET', value });
const remove = (name: string): ConfigChange => ({ name, operation: 'DELETE' });

/** Replicas that read are throttled where they lead, those that are new where they follow. */
export async function throttleMoves(
  io: ToolIo,
  admin: Admin,
  moves: readonly PartitionMove[],
  bytesPerSecond: number,
): Promise<void> {
  const topics = [...new Set(moves.map(({ topic }) => topic))];
  const replicasOf = (topic: string, side: 'sources' | 'destinations'): string => {
    const own = moves.filter((move) => move.topic === topic);
    const pairs = own.flatMap((move) => {
      const chosen = side === 'sources' ? move.sources : move.destinations.filter((id) => !move.sources.includes(id));
      return chosen.map((id) => `${move.partition}:${id}`);
    });
    return [...new Set(pairs)].sort().join(',');
  };
  await alter(admin, 'TOPIC', topics, (topic) => [
    set(LEADER_REPLICAS, replicasOf(topic, 'sources')),
    set(FOLLOWER_REPLICAS, replicasOf(topic, 'destinations')),
  ]);
  const brokers = [...new Set(moves.flatMap(({ sources, destinations }) => [...sources, ...destinations]))];
  const rate = String(bytesPerSecond);
  await alter(admin, 'BROKER', brokers.map(String), () => [set(LEADER_RATE, rate), set(FOLLOWER_RATE, rate)]);
  print(io, `The inter-broker throttle limit was set to ${bytesPerSecond} B/s`);
}

export async function throttleDirectories(
  io: ToolIo,
  admin: Admin,
  brokers: readonly number[],
  bytesPerSecond: number,
): Promise<void> {
  await alter(admin, 'BROKER', brokers.map(String), () => [set(DIRECTORY_RATE, String(bytesPerSecond))]);
  print(io, `The replica-alter-dir throttle limit was set to ${bytesPerSecond} B/s`);
}

/** Of all brokers: nobody knows which of them took part. */
export async function clearThrottles(io: ToolIo, admin: Admin, targets: readonly WantedPartition[]): Promise<void> {
  const { nodes } = await admin.describeCluster();
  const brokers = hashOrderOfNumbers(
    new Set([...nodes.map(({ id }) => id), ...targets.flatMap(({ replicas }) => replicas)]),
  );
  print(io, `Clearing broker-level throttles on broker${brokers.length === 1 ? '' : 's'} ${brokers.join(',')}`);
  await alter(admin, 'BROKER', brokers.map(String), () => [LEADER_RATE, FOLLOWER_RATE, DIRECTORY_RATE].map(remove));
  const topics = hashOrderOfTexts(new Set(targets.map(({ topic }) => topic)));
  print(io, `Clearing topic-level throttles on topic${topics.length === 1 ? '' : 's'} ${topics.join(',')}`);
  await alter(admin, 'TOPIC', topics, () => [LEADER_REPLICAS, FOLLOWER_REPLICAS].map(remove));
}
