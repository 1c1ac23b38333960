// Classic groups over sockets: how soon one of 200 members is stable, what the heartbeats of 1,000 groups cost the broker,
// and how soon a coordinator that was killed answers for a million commits.

import { join } from 'node:path';
import type { RunningBroker, Target } from '../conformance/targets/target.ts';
import { inTurn, later, type LoneContender, type LoneTools, targetOf } from './alone.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { commitOffsets, fetchOffsets, findCoordinator, isCoordinatorAway } from '../conformance/wire/group-requests.ts';
import { createTopics } from '../conformance/wire/requests.ts';
import { GroupMember } from './group-member.ts';
import { cpuSeconds } from './process-cost.ts';

export interface GroupFigures {
  readonly contender: LoneContender;
  /** From the last member's first JoinGroup until all have an assignment of the same generation. */
  readonly largeGroupMs: number;
  /** Of one core, by the broker process, at a heartbeat per member every three seconds. */
  readonly heartbeatShare: number;
  readonly commitsPerSecond: number;
  /** From the start of the process after SIGKILL until it has answered for every group. */
  readonly reloadMs: number;
  readonly lostCommits: number;
}

const LARGE = { members: 200, partitions: 400, heartbeatMs: 500 };
const MANY = { groups: 1_000, members: 5, heartbeatMs: 3_000, rounds: 3, settlingHeartbeatMs: 100 };
const COMMITS = { groups: 1_000, rounds: 50, partitions: 20, connections: 8, inFlight: 40 };
const TICK_MS = 10;
const PROPERTIES = {
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.replication.factor': '1',
};

/** A string says why the contender is left out. */
export async function groupFigures(
  contender: LoneContender,
  directory: string,
  tools: LoneTools,
): Promise<GroupFigures | string> {
  const target = targetOf(contender, tools);
  if (typeof target === 'string') return target;
  const start = {
    dataDirectory: join(directory, `groups-${contender}`),
    bare: true,
    properties: contender === 'apache' ? { ...PROPERTIES, 'node.id': '1' } : PROPERTIES,
  };
  const broker = await target.start(start);
  await prepare(broker.bootstrap);
  const largeGroupMs = await largeGroup(broker.bootstrap);
  const heartbeatShare = await heartbeatsOfMany(broker);
  const committed = await commitMany(broker.bootstrap);
  await broker.kill();
  const reloaded = await reload(target, start);
  return { contender, largeGroupMs, heartbeatShare, commitsPerSecond: committed, ...reloaded };
}

/** The topics, and the coordinator's own. */
async function prepare(bootstrap: string): Promise<void> {
  const connection = await WireConnection.open(bootstrap);
  await createTopics(connection, [
    { name: 'large', partitions: LARGE.partitions },
    { name: 'many', partitions: MANY.members },
    { name: 'commits', partitions: COMMITS.partitions },
  ]);
  while ((await findCoordinator(connection, 'large')) !== 0) await later(50);
  await connection.close();
}

async function largeGroup(bootstrap: string): Promise<number> {
  const membership = { groupId: 'large', topic: 'large', partitions: LARGE.partitions };
  const members = await inTurn(LARGE.members, () => GroupMember.open(bootstrap, membership));
  const stableMs = await untilStable(members, LARGE.heartbeatMs);
  const owned = members.reduce((sum, { assignedPartitions }) => sum + assignedPartitions, 0);
  if (owned !== LARGE.partitions) throw new Error(`the members own ${owned} partitions`);
  await Promise.all(members.map((member) => member.close()));
  return Math.round(stableMs);
}

/** All join at once; milliseconds from the last one's first JoinGroup until all have an assignment of one generation. */
async function untilStable(members: readonly GroupMember[], heartbeatMs: number): Promise<number> {
  let stableAt: number | undefined;
  const live = async (member: GroupMember): Promise<void> => {
    while (stableAt === undefined) {
      await member.join();
      const { generation } = member;
      if (members.every((one) => one.generation === generation)) stableAt = performance.now();
      // Who came late has set off another rebalance, which the others learn from their heartbeats.
      do await later(heartbeatMs);
      while (stableAt === undefined && (await member.beat()));
    }
  };
  const lives = members.map(live);
  const joinedAt = performance.now();
  await Promise.all(lives);
  return (stableAt as unknown as number) - joinedAt;
}

async function heartbeatsOfMany(broker: RunningBroker): Promise<number> {
  const groups = await inTurn(MANY.groups, (index) => stableGroup(broker.bootstrap, `many-${index}`));
  const members = groups.flat();
  const perTick = (members.length * TICK_MS) / MANY.heartbeatMs;
  const total = members.length * MANY.rounds;
  const startedAt = performance.now();
  const cpuBefore = cpuSeconds(broker.pid);
  const answers: Promise<boolean>[] = [];
  while (answers.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / TICK_MS + 1) * perTick));
    while (answers.length < due) answers.push((members[answers.length % members.length] as GroupMember).beat());
    await later(TICK_MS);
  }
  const alive = await Promise.all(answers);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  if (!alive.every(Boolean)) throw new Error('a stable group was told to rebalance');
  await Promise.all(members.map((member) => member.close()));
  return cpu / seconds;
}

async function stableGroup(bootstrap: string, groupId: string): Promise<GroupMember[]> {
  const membership = { groupId, topic: 'many', partitions: MANY.members };
  const members = await Promise.all(
    Array.from({ length: MANY.members }, () => GroupMember.open(bootstrap, membership)),
  );
  await untilStable(members, MANY.settlingHeartbeatMs);
  return members;
}

/** The last offset of round `round` for every partition of a group. */
const offsetsOf = (round: number): Map<number, number> =>
  new Map(Array.from({ length: COMMITS.partitions }, (_, partition) => [partition, round * 100 + partition]));

/** Committed offsets a second. Every commit has been acknowledged when this resolves. */
async function commitMany(bootstrap: string): Promise<number> {
  const connections = await inTurn(COMMITS.connections, () => WireConnection.open(bootstrap));
  const startedAt = performance.now();
  for (let round = 1; round <= COMMITS.rounds; round++) {
    const offsets = offsetsOf(round);
    let next = 0;
    const sender = async (index: number): Promise<void> => {
      const connection = connections[index % connections.length] as WireConnection;
      for (let group = next++; group < COMMITS.groups; group = next++) {
        const errorCode = await commitOffsets(connection, `commits-${group}`, 'commits', offsets);
        if (errorCode !== 0) throw new Error(`OffsetCommit: error ${errorCode}`);
      }
    };
    await Promise.all(Array.from({ length: COMMITS.inFlight }, (_, index) => sender(index)));
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await Promise.all(connections.map((connection) => connection.close()));
  return Math.round((COMMITS.groups * COMMITS.rounds * COMMITS.partitions) / seconds);
}

async function reload(
  target: Target,
  start: Parameters<Target['start']>[0],
): Promise<Pick<GroupFigures, 'reloadMs' | 'lostCommits'>> {
  const startedAt = performance.now();
  const broker = await target.start(start);
  const connection = await WireConnection.open(broker.bootstrap);
  const expected = offsetsOf(COMMITS.rounds);
  const found = await inTurn(COMMITS.groups, async (index) => {
    for (;;) {
      const answer = await fetchOffsets(connection, `commits-${index}`, 'commits');
      if (answer.errorCode === 0) return answer.offsets;
      if (!isCoordinatorAway(answer.errorCode)) throw new Error(`OffsetFetch: error ${answer.errorCode}`);
      await later(10);
    }
  });
  const reloadMs = Math.round(performance.now() - startedAt);
  let lostCommits = 0;
  for (const offsets of found) {
    for (const [partition, offset] of expected) if (offsets.get(partition) !== offset) lostCommits++;
  }
  await connection.close();
  await broker.stop();
  return { reloadMs, lostCommits };
}
