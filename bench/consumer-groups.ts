// Groups of KIP-848 over sockets: what the heartbeats of 1,000 groups cost the broker, and how soon a group of 500 members
// over 1,000 partitions is stable after the last one has joined.

import { join } from 'node:path';
import type { RunningBroker } from '../conformance/targets/target.ts';
import { inTurn, later, type LoneContender, type LoneTools, targetOf } from './alone.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { findCoordinator } from '../conformance/wire/group-requests.ts';
import { apiVersions, createTopics } from '../conformance/wire/requests.ts';
import { ConsumerMember } from './consumer-member.ts';
import { cpuSeconds } from './process-cost.ts';

export interface ConsumerGroupFigures {
  readonly contender: LoneContender;
  /** From the last member's joining until all partitions are owned, by members of one epoch. */
  readonly stableMs: number;
  /** Of one core, by the broker process, at a heartbeat per member every five seconds. */
  readonly heartbeatShare: number;
}

const LARGE = { members: 500, partitions: 1_000, heartbeatMs: 100, limitMs: 120_000 };
const MANY = { groups: 1_000, members: 5, heartbeatMs: 5_000, rounds: 3 };
const TICK_MS = 10;
const HEARTBEAT_API = 68;
const PROPERTIES = { 'offsets.topic.replication.factor': '1' };

/** A string says why the contender is left out. */
export async function consumerGroupFigures(
  contender: LoneContender,
  directory: string,
  tools: LoneTools,
): Promise<ConsumerGroupFigures | string> {
  const target = targetOf(contender, tools);
  if (typeof target === 'string') return target;
  const broker = await target.start({
    dataDirectory: join(directory, `consumer-groups-${contender}`),
    bare: true,
    properties: contender === 'apache' ? { ...PROPERTIES, 'node.id': '1' } : PROPERTIES,
  });
  try {
    if (!(await prepare(broker.bootstrap))) return 'it serves no groups of KIP-848';
    const stableMs = await largeGroup(broker.bootstrap);
    return { contender, stableMs, heartbeatShare: await heartbeatsOfMany(broker) };
  } finally {
    await broker.stop();
  }
}

async function prepare(bootstrap: string): Promise<boolean> {
  const connection = await WireConnection.open(bootstrap);
  const isServed = (await apiVersions(connection)).has(HEARTBEAT_API);
  await createTopics(connection, [
    { name: 'large', partitions: LARGE.partitions },
    { name: 'many', partitions: MANY.members },
  ]);
  while ((await findCoordinator(connection, 'large')) !== 0) await later(50);
  await connection.close();
  return isServed;
}

async function largeGroup(bootstrap: string): Promise<number> {
  const members = await inTurn(LARGE.members, () => ConsumerMember.open(bootstrap, 'large', 'large'));
  let isStable = false;
  let lastJoinedAt = 0;
  const live = async (member: ConsumerMember): Promise<void> => {
    await member.beat();
    lastJoinedAt = performance.now();
    while (!isStable) {
      // Who has given something up says so at once, as consumers do.
      if (!(await member.beat())) await later(LARGE.heartbeatMs);
      const owned = members.reduce((sum, { ownedPartitions }) => sum + ownedPartitions, 0);
      isStable ||= owned === LARGE.partitions && members.every(({ memberEpoch }) => memberEpoch === member.memberEpoch);
      if (performance.now() - lastJoinedAt > LARGE.limitMs) throw new Error('the group of 500 does not become stable');
    }
  };
  await Promise.all(members.map(live));
  const stableMs = Math.round(performance.now() - lastJoinedAt);
  await Promise.all(members.map((member) => member.close()));
  return stableMs;
}

async function heartbeatsOfMany(broker: RunningBroker): Promise<number> {
  const members = await inTurn(MANY.groups * MANY.members, (index) =>
    ConsumerMember.open(broker.bootstrap, `many-${index % MANY.groups}`, 'many'),
  );
  await settle(members);
  const perTick = (members.length * TICK_MS) / MANY.heartbeatMs;
  const total = members.length * MANY.rounds;
  const startedAt = performance.now();
  const cpuBefore = cpuSeconds(broker.pid);
  const answers: Promise<boolean>[] = [];
  while (answers.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / TICK_MS + 1) * perTick));
    while (answers.length < due) answers.push((members[answers.length % members.length] as ConsumerMember).beat());
    await later(TICK_MS);
  }
  const changed = await Promise.all(answers);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  if (changed.some(Boolean)) throw new Error('a stable group was given another assignment');
  await Promise.all(members.map((member) => member.close()));
  return cpu / seconds;
}

/** Until nothing has changed for any member in three rounds, with the broker's assignment interval in between. */
async function settle(members: readonly ConsumerMember[]): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const changed = await inTurn(members.length, (index) => (members[index] as ConsumerMember).beat());
    quiet = changed.some(Boolean) ? 0 : quiet + 1;
    await later(700);
  }
}
