// --generate of kafka-reassign-partitions: a plan that spreads the partitions of topics over brokers, and over racks where they have
// some. As with the original the first broker is drawn by lot; nothing is moved.
import type { Admin, DescribedNode } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { JavaError } from './java-error.ts';
import {
  duplicates,
  failedCommand,
  failedOperation,
  parseTopics,
  reassignmentText,
  type WantedPartition,
} from './reassign-json.ts';
import { currentReplicas, currentText } from './reassign-current.ts';

export async function generate(
  io: ToolIo,
  admin: Admin,
  json: string,
  brokerList: string,
  knowsRacks: boolean,
): Promise<void> {
  const brokers = brokerList.split(',').map(brokerId);
  const repeated = duplicates(brokers);
  if (repeated.length > 0) throw failedCommand(`Broker list contains duplicate entries: [${repeated.join(', ')}]`);
  const topics = parseTopics(json);
  const twice = duplicates(topics);
  if (twice.length > 0)
    throw failedCommand(`List of topics to reassign contains duplicate entries: [${twice.join(', ')}]`);
  const current = await currentReplicas(admin, topics);
  const usable = await usableBrokers(admin, brokers, knowsRacks);
  const proposed = topics.flatMap((topic) =>
    spread(
      io,
      current.filter((one) => one.topic === topic),
      usable,
      knowsRacks,
    ),
  );
  print(io, `Current partition replica assignment\n${await currentText(admin, current)}\n`);
  print(io, `Proposed partition reassignment configuration\n${reassignmentText(proposed)}`);
}

function brokerId(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  throw new JavaError('java.lang.NumberFormatException', `For input string: "${text}"`);
}

async function usableBrokers(
  admin: Admin,
  brokers: readonly number[],
  knowsRacks: boolean,
): Promise<readonly DescribedNode[]> {
  const { nodes } = await admin.describeCluster();
  const usable = nodes.filter(({ id }) => brokers.includes(id));
  const rackless = usable.filter(({ rack }) => rack === undefined).length;
  if (knowsRacks && rackless !== 0 && rackless !== usable.length) {
    throw failedOperation(
      'Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.',
    );
  }
  return usable;
}

/** Partition after partition one broker further; the replicas of one stand in different racks as long as there are any. */
function spread(
  io: ToolIo,
  partitions: readonly WantedPartition[],
  brokers: readonly DescribedNode[],
  knowsRacks: boolean,
): WantedPartition[] {
  const factor = partitions[0]?.replicas.length ?? 0;
  if (factor > brokers.length) {
    throw new JavaError(
      'org.apache.kafka.common.errors.InvalidReplicationFactorException',
      `The target replication factor of ${factor} cannot be reached because only ${brokers.length} broker(s) are registered.`,
    );
  }
  const ring = knowsRacks ? alternatingRacks(brokers) : [...brokers];
  const start = Math.trunc(io.runtime.random.next() * ring.length);
  return [...partitions]
    .sort((a, b) => a.partition - b.partition)
    .map(({ topic, partition }, index) => {
      const replicas = Array.from(
        { length: factor },
        (_, step) => ring[(start + index + step) % ring.length]?.id ?? -1,
      );
      return { topic, partition, replicas };
    });
}

/** One broker of each rack, then the next of each. */
function alternatingRacks(brokers: readonly DescribedNode[]): DescribedNode[] {
  const racks = new Map<string, DescribedNode[]>();
  for (const broker of brokers) racks.set(broker.rack ?? '', [...(racks.get(broker.rack ?? '') ?? []), broker]);
  const ring: DescribedNode[] = [];
  for (let turn = 0; ring.length < brokers.length; turn++) {
    for (const members of racks.values()) {
      const broker = members[turn];
      if (broker !== undefined) ring.push(broker);
    }
  }
  return ring;
}
