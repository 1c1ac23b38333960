// Members of a streams group that join, beat, give up tasks slowly, die and come back, while standbys are wanted and not, answers
// are lost, the log fails and the coordinator is loaded again: no active task has two owners among those who are in the group, no process has a task
// twice, all of it comes to rest, and what is loaded from the log equals what was living.
import { expect } from 'chai';
import fc from 'fast-check';
import { Errors } from '../../../src/protocol/index.ts';
import { propertyRuns } from '../../property-runs.ts';
import {
  type DescribedStreamsGroup,
  type HeartbeatResponse,
  StreamsBench,
  subtopology,
  topic,
  topologyOf,
} from './streams-bench.ts';

const MEMBERS = ['a', 'b', 'c', 'd', 'e'];
/** Two members share a process. */
const processOf = (member: string): string => (member === 'b' ? 'pa' : `p${member}`);
const TOPOLOGY = topologyOf(
  subtopology('0', { sourceTopics: ['input'], repartitionSinkTopics: ['g-r-repartition'] }),
  subtopology('1', {
    repartitionSourceTopics: [topic('g-r-repartition')],
    stateChangelogTopics: [topic('g-s-changelog')],
  }),
);

type Rows = NonNullable<HeartbeatResponse['activeTasks']>;
type Owned = Record<'activeTasks' | 'standbyTasks', Rows>;

const TRANSIENT = new Set<number>([
  Errors.NOT_COORDINATOR,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
]);

const tasksOf = (rows: Rows): string[] =>
  rows.flatMap(({ subtopologyId, partitions }) => partitions.map((partition) => `${subtopologyId}_${partition}`));

/** A client as Kafka Streams is one: it has what it was told to have, and what it has not given up yet. */
class Client {
  readonly #bench: StreamsBench;
  readonly memberId: string;
  epoch = -1;
  told: Owned = { activeTasks: [], standbyTasks: [] };
  /** Tasks that it was told to give up and still has. */
  closing = new Set<string>();
  /** An answer was lost: the next heartbeat says all. */
  #mustReport = false;

  constructor(bench: StreamsBench, memberId: string) {
    this.#bench = bench;
    this.memberId = memberId;
  }
  get active(): Set<string> {
    return new Set([...tasksOf(this.told.activeTasks), ...this.closing]);
  }

  async join(): Promise<void> {
    this.#abandon();
    this.epoch = 0;
    const answer = await this.#bench.join(this.memberId, processOf(this.memberId), TOPOLOGY);
    if (!this.#isLost(answer)) this.#hear(answer);
  }
  /** `reports`: it says what it has; while it still closes tasks it does not, as Kafka Streams. */
  async beat(reports: boolean, isAnswerLost = false): Promise<void> {
    if (this.epoch < 0) return;
    if (this.epoch === 0) return this.join();
    const owned = this.#mustReport || (reports && this.closing.size === 0) ? this.#owned() : {};
    const answer = await this.#bench.beat(this.memberId, this.epoch, owned);
    this.#bench.createAsked();
    this.#mustReport = isAnswerLost;
    if (!isAnswerLost && !this.#isLost(answer)) this.#hear(answer);
  }
  close(): void {
    this.closing.clear();
  }
  async leave(): Promise<void> {
    if (this.epoch > 0) await this.#bench.beat(this.memberId, -1);
    this.die();
  }
  die(): void {
    this.#abandon();
    this.epoch = -1;
  }

  #owned() {
    const activeTasks = [...this.active].map((task) => {
      const [subtopologyId = '', partition] = task.split('_');
      return { subtopologyId, partitions: [Number(partition)] };
    });
    return { activeTasks, standbyTasks: this.told.standbyTasks, warmupTasks: [] };
  }

  #abandon(): void {
    this.told = { activeTasks: [], standbyTasks: [] };
    this.closing.clear();
  }

  /** The coordinator is not to be had: nobody knows what has become of the heartbeat. */
  #isLost({ errorCode }: HeartbeatResponse): boolean {
    if (!TRANSIENT.has(errorCode)) return false;
    this.#mustReport = true;
    return true;
  }

  #hear({ errorCode, errorMessage, memberEpoch, activeTasks, standbyTasks }: HeartbeatResponse): void {
    if (errorCode === Errors.UNKNOWN_MEMBER_ID || errorCode === Errors.FENCED_MEMBER_EPOCH) return this.die();
    if (errorCode === Errors.GROUP_ID_NOT_FOUND) return this.die();
    expect([errorCode, errorMessage]).to.deep.equal([Errors.NONE, null]);
    this.epoch = memberEpoch;
    if (activeTasks === null || standbyTasks === null) return;
    const kept = new Set(tasksOf(activeTasks));
    for (const task of tasksOf(this.told.activeTasks)) if (!kept.has(task)) this.closing.add(task);
    for (const task of kept) this.closing.delete(task);
    this.told = { activeTasks, standbyTasks };
  }
}

/** Once the coordinator is to be had. */
async function described(bench: StreamsBench): Promise<DescribedStreamsGroup> {
  let group = await bench.describe();
  for (let waited = 0; TRANSIENT.has(group.errorCode); waited++) {
    expect(waited).to.be.below(60);
    await bench.wait(1_000);
    group = await bench.describe();
  }
  return group;
}

async function check(bench: StreamsBench, clients: readonly Client[]): Promise<void> {
  const group = await described(bench);
  const known = new Set(group.members.map(({ memberId }) => memberId));
  const owners = new Map<string, string>();
  for (const client of clients) {
    if (!known.has(client.memberId)) continue;
    for (const task of client.active) {
      expect(owners.get(task), `${task} of ${client.memberId}`).to.equal(undefined);
      owners.set(task, client.memberId);
    }
  }
  const inProcess = new Set<string>();
  for (const { processId, assignment } of group.members) {
    for (const task of [...tasksOf(assignment.activeTasks), ...tasksOf(assignment.standbyTasks)]) {
      const place = `${processId} ${task}`;
      expect(inProcess.has(place), place).to.equal(false);
      inProcess.add(place);
    }
  }
}

async function comesToRest(bench: StreamsBench, clients: readonly Client[]): Promise<void> {
  bench.writer.failNext = undefined;
  await described(bench);
  for (const client of clients) if (client.epoch < 0) await client.join();
  for (let round = 0; round < 12; round++) {
    for (const client of clients) {
      client.close();
      await client.beat(true);
      if (client.epoch < 0) await client.join();
    }
    await check(bench, clients);
  }
  const { groupState, members } = await described(bench);
  expect(groupState).to.equal('Stable');
  for (const client of clients) {
    const known = members.find(({ memberId }) => memberId === client.memberId);
    expect([...client.active].sort()).to.deep.equal(tasksOf(known?.assignment.activeTasks ?? []).sort());
  }
  const active = members.flatMap(({ assignment }) => tasksOf(assignment.activeTasks));
  const count = bench.metadata.image.topics.byName.get('input')?.partitions.length ?? 0;
  expect(active.length).to.equal(2 * count);
}

const action = fc.record({
  kind: fc.constantFrom(
    'join',
    'beat',
    'beat',
    'beat',
    'report',
    'report',
    'close',
    'lost',
    'leave',
    'die',
    'wait',
    'standbys',
    'restart',
    'fault',
  ),
  who: fc.nat({ max: MEMBERS.length - 1 }),
});

const runs = propertyRuns(25);

describe('Streams groups whatever happens', function () {
  this.timeout(Math.max(180_000, runs.numRuns * 1_000));

  it('give a task to one at a time, come to rest, and are the same when they are loaded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        async (actions, partitions) => {
          const bench = new StreamsBench();
          bench.createTopic('input', partitions);
          const clients = MEMBERS.map((memberId) => new Client(bench, memberId));
          await clients[0]?.join();
          for (const { kind, who } of actions) {
            const client = clients[who] as Client;
            if (kind === 'join') await client.join();
            else if (kind === 'beat') await client.beat(false);
            else if (kind === 'report') await client.beat(true);
            else if (kind === 'lost') await client.beat(true, true);
            else if (kind === 'fault') {
              bench.writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: who % 2 === 0 };
            } else if (kind === 'close') client.close();
            else if (kind === 'leave') await client.leave();
            else if (kind === 'die') client.die();
            else if (kind === 'wait') await bench.wait(8_000);
            else if (kind === 'standbys') bench.setGroupConfig('streams.num.standby.replicas', String(who % 3));
            else await reload(bench);
            await check(bench, clients);
          }
          await comesToRest(bench, clients);
        },
      ),
      runs,
    );
  });
});

/** Topics are held against the topology by the next heartbeat; all else is as it was. */
async function reload(bench: StreamsBench): Promise<void> {
  const { topology: _before, ...living } = await described(bench);
  await bench.restart();
  const { topology: _after, ...loaded } = await described(bench);
  const byId = (group: typeof living) => ({
    ...group,
    members: [...group.members].sort((one, other) => (one.memberId < other.memberId ? -1 : 1)),
  });
  expect(byId(loaded)).to.deep.equal(byId(living));
}
