// What groups cost, without a network: `npx tsx test/group-coordinator/coordinator-bench.ts`. Loading a million commits,
// heartbeats of 1,000 groups with 5 members, and a group of 200.
import { NodeClock, nextTurn } from '../../src/runtime/node/index.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';
import { buildBatch } from '../../src/protocol/records/index.ts';
import { groupKinds } from '../../src/group-coordinator/groups.ts';
import { groupRecordSerdeOf } from '../../src/group-coordinator/record-types.ts';
import type { GroupCoordinator } from '../../src/group-coordinator/group-coordinator.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';
import {
  context,
  coordinatorOver,
  decoded,
  fetchRequest,
  type Joined,
  joinRequest,
  syncRequest,
} from './coordinator-under-test.ts';

const serde = groupRecordSerdeOf(groupKinds);
const clock = new NodeClock();
const random = new SeededRandom(1);

async function loading(commits: number, groups: number): Promise<void> {
  const writer = new MemoryWriter(clock);
  const log = writer.log(0);
  let batches: Buffer[] = [];
  let offset = 0;
  for (let made = 0; made < commits; ) {
    const records = [];
    for (let count = 0; count < 5; count++, made++) {
      const value = { offset: made, leaderEpoch: 3, metadata: '', commitTimestampMs: made, expireTimestampMs: -1 };
      const place = {
        groupId: `group-${made % groups}`,
        topic: 'some-topic',
        partition: Math.floor(made / groups) % 100,
      };
      records.push(serde.encode({ kind: 'offset', ...place, value }));
    }
    batches.push(buildBatch(records, { baseOffset: offset }));
    offset += records.length;
    if (batches.length < 900) continue;
    log.batches.push({ bytes: Buffer.concat(batches), baseOffset: offset - 4500, endOffset: offset });
    batches = [];
  }
  log.batches.push({ bytes: Buffer.concat(batches), baseOffset: 0, endOffset: offset });
  const all = log.batches;
  let next = 0;
  // One slice after the other, as a file gives them.
  writer.reader = () => ({
    startOffset: 0,
    endOffset: offset,
    committedOffset: offset,
    read: () => Promise.resolve(all[next++]?.bytes ?? Buffer.alloc(0)),
  });
  const start = process.cpuUsage();
  const coordinator = coordinatorOver(writer, clock, random);
  let answer = await coordinator.offsetFetch(fetchRequest('group-1'), context(9));
  while (answer.groups?.[0]?.errorCode !== 0) {
    await nextTurn();
    answer = await coordinator.offsetFetch(fetchRequest('group-1'), context(9));
  }
  console.log(`load of ${commits} commits: ${Math.round(process.cpuUsage(start).user / 1000)} ms of a core`);
  coordinator.close();
}

async function join(coordinator: GroupCoordinator, groupId: string, members: number): Promise<string[]> {
  const ids = Array.from({ length: members }, () => '');
  const member = async (index: number): Promise<void> => {
    for (;;) {
      const request = joinRequest(groupId, ids[index] as string, {
        sessionTimeoutMs: 45_000,
        rebalanceTimeoutMs: 60_000,
      });
      const joined = decoded<Joined>(await coordinator.joinGroup(request, context(9, `c${index}`)));
      ids[index] = joined.memberId;
      if (joined.errorCode !== 0) continue;
      const assignments = joined.members.map(({ memberId }) => ({ memberId, assignment: new Uint8Array(40) }));
      const synced = await coordinator.syncGroup(
        syncRequest(groupId, joined.memberId, joined.generationId, assignments),
        context(5),
      );
      if (synced.errorCode !== 0) continue;
      return;
    }
  };
  await Promise.all(ids.map((_, index) => member(index)));
  return ids;
}

async function heartbeats(groups: number, size: number): Promise<void> {
  const coordinator = coordinatorOver(new MemoryWriter(clock), clock, random, {
    configs: { 'group.initial.rebalance.delay.ms': '100' },
  });
  const members: { groupId: string; memberId: string }[] = [];
  const all = await Promise.all(Array.from({ length: groups }, (_, index) => join(coordinator, `g${index}`, size)));
  all.forEach((ids, index) => ids.forEach((memberId) => members.push({ groupId: `g${index}`, memberId })));
  const rounds = 40;
  let failed = 0;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    for (const { groupId, memberId } of members) {
      const answer = coordinator.heartbeat({ groupId, memberId, generationId: 1, groupInstanceId: null }, context(4));
      if (answer instanceof Promise || answer.errorCode !== 0) failed++;
    }
    await nextTurn();
  }
  const { user, system } = process.cpuUsage(before);
  const each = (user + system) / (rounds * members.length);
  // Every three seconds, as clients do by default.
  const share = (each * (members.length / 3)) / 1e6;
  console.log(`heartbeat: ${each.toFixed(2)} us each, ${(share * 100).toFixed(2)} % of a core, ${failed} failed`);
  coordinator.close();
}

async function large(size: number): Promise<void> {
  const coordinator = coordinatorOver(new MemoryWriter(clock), clock, random, {
    configs: { 'group.initial.rebalance.delay.ms': '0' },
  });
  const start = performance.now();
  await join(coordinator, 'large', size);
  console.log(`a group of ${size}: stable after ${Math.round(performance.now() - start)} ms`);
  coordinator.close();
}

// The clock's timers do not keep a process alive.
const alive = setInterval(() => undefined, 1_000);
await loading(1_000_000, 1_000);
await heartbeats(1_000, 5);
await large(200);
clearInterval(alive);
