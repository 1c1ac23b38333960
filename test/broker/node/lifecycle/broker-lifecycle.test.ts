// What a broker tells its controller before the next interval: a log directory has failed, or another broker waits to go.
import { expect } from 'chai';
import type { ControllerChannel } from '../../../../src/api-handlers/index.ts';
import { BrokerLifecycle } from '../../../../src/broker/node/lifecycle/broker-lifecycle.ts';
import { MetadataDelta, MetadataImage, type MetadataRecord } from '../../../../src/kraft/metadata/index.ts';
import { Errors, KafkaError, ZERO_UUID } from '../../../../src/protocol/index.ts';
import { delay, silentLogger } from '../../../../src/runtime/index.ts';
import { nextTurn } from '../../../../src/runtime/node/index.ts';
import { SimClock } from '../../../../src/runtime/sim/index.ts';

const LIMIT_MS = 5_000;

interface World {
  readonly clock: SimClock;
  readonly lifecycle: BrokerLifecycle;
  readonly told: readonly (readonly string[])[];
  readonly untold: readonly Error[];
  /** From now on no heartbeat is answered. */
  readonly cutOff: () => void;
  /** The metadata that this broker has read so far. */
  readonly read: (...records: readonly MetadataRecord[]) => void;
}

/** A broker that serves already. */
function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  return beforeServing(async (world) => {
    const unfenced = world.lifecycle.unfence();
    world.read(registered(3, 'i', false));
    await unfenced;
    await body(world);
  });
}

/** A broker that has registered, with its controller. */
async function beforeServing(body: (world: World) => Promise<void>): Promise<void> {
  const clock = new SimClock({ nextTurn });
  const told: string[][] = [];
  const untold: Error[] = [];
  let isCutOff = false;
  const answer = (api: { name: string }, request: unknown): Promise<unknown> => {
    if (api.name === 'BrokerRegistration') return Promise.resolve({ brokerEpoch: 7 });
    if (isCutOff) return Promise.reject(new KafkaError(Errors.NOT_CONTROLLER));
    told.push((request as { offlineLogDirs: string[] }).offlineLogDirs);
    return Promise.resolve({ isFenced: false, shouldShutDown: false });
  };
  const lifecycle = new BrokerLifecycle({
    controller: { send: answer, forward: answer } as unknown as ControllerChannel,
    facts: {
      nodeId: 3,
      clusterId: 'c',
      incarnationId: 'i',
      listeners: [],
      rack: null,
      previousBrokerEpoch: -1,
      logDirs: ['a', 'b'],
    },
    times: {
      heartbeatIntervalMs: 500,
      sessionTimeoutMs: 2_000,
      registrationTimeoutMs: 10_000,
      directoryFailureMs: LIMIT_MS,
    },
    untold: (error) => untold.push(error),
    image: () => MetadataImage.empty,
    appliedOffset: () => 1,
    isAlone: () => false,
    clock,
    logger: silentLogger,
  });
  let image = MetadataImage.empty;
  const read = (...records: readonly MetadataRecord[]): void => {
    const delta = new MetadataDelta(image);
    for (const record of records) delta.replay(record);
    image = delta.apply({ offset: image.offset + 1, epoch: 1, appendTimeMs: 0, isBatchAligned: true });
    lifecycle.publish(delta, image);
  };
  const story = async (): Promise<void> => {
    await lifecycle.register();
    await body({ clock, lifecycle, told, untold, cutOff: () => void (isCutOff = true), read });
    lifecycle.close();
  };
  await clock.run(story());
}

const registered = (brokerId: number, incarnationId: string, fenced: boolean): MetadataRecord => ({
  type: 'RegisterBrokerRecord',
  version: 4,
  brokerId,
  isMigratingZkBroker: false,
  incarnationId,
  brokerEpoch: 4,
  endPoints: [],
  features: [],
  rack: null,
  fenced,
  inControlledShutdown: false,
  logDirs: [],
  cordonedLogDirs: null,
});

describe('A broker that the controller has unfenced', () => {
  it('serves when its own metadata says so, of this process and not of the one before it', () =>
    beforeServing(async ({ clock, lifecycle, told, read }) => {
      let isServing = false;
      const unfenced = lifecycle.unfence().then(() => (isServing = true));
      const isServingAfter = async (...records: readonly MetadataRecord[]): Promise<boolean> => {
        read(...records);
        await delay(clock, 1_000);
        return isServing;
      };
      expect(await isServingAfter()).to.equal(false);
      expect(told.length, 'heartbeats that were answered').to.be.greaterThan(0);
      expect(await isServingAfter(registered(3, 'before', false))).to.equal(false);
      expect(await isServingAfter(registered(3, 'i', true))).to.equal(false);
      expect(await isServingAfter(registered(3, 'i', false))).to.equal(true);
      await unfenced;
    }));

  it('waits no longer when it is closed meanwhile, or was before', () =>
    beforeServing(async ({ lifecycle }) => {
      const isRefused = (waiting: Promise<void>): Promise<string> => waiting.then(() => 'done', String);
      const waiting = isRefused(lifecycle.unfence());
      lifecycle.close();
      expect(await waiting).to.include('the node is stopping');
      expect(await isRefused(lifecycle.unfence())).to.include('the node is stopping');
      expect(await isRefused(lifecycle.register())).to.include('the node is stopping');
    }));
});

describe('A broker whose log directory has failed', () => {
  it('tells the controller at once, and goes on', () =>
    inWorld(async ({ clock, lifecycle, told, untold }) => {
      lifecycle.directoriesFailed(['b']);
      await delay(clock, 100);
      expect(told.at(-1)).to.deep.equal(['b']);
      await delay(clock, 2 * LIMIT_MS);
      expect(untold).to.deep.equal([]);
    }));

  it('ends when the controller cannot be told for log.dir.failure.timeout.ms, also of a second one', () =>
    inWorld(async ({ clock, lifecycle, untold, cutOff }) => {
      lifecycle.directoriesFailed(['b']);
      await delay(clock, 1_000);
      cutOff();
      lifecycle.directoriesFailed(['b', 'a']);
      await delay(clock, LIMIT_MS - 100);
      expect(untold).to.deep.equal([]);
      await delay(clock, 200);
      expect(untold.map(({ message }) => message)).to.have.length(1);
      expect(untold[0]?.message).to.contain('node 3').and.to.contain('log.dir.failure.timeout.ms');
    }));

  it('that is on its way out says nothing of it', () =>
    inWorld(async ({ clock, lifecycle, untold, cutOff }) => {
      cutOff();
      lifecycle.directoriesFailed(['b']);
      lifecycle.close();
      await delay(clock, 2 * LIMIT_MS);
      expect(untold).to.deep.equal([]);
    }));
});

const TOPIC_ID = 'A'.repeat(21) + 'Q';
const topic: MetadataRecord = { type: 'TopicRecord', version: 0, name: 'moving', topicId: TOPIC_ID };
const neighbour = registered(2, ZERO_UUID, false);
const neighbourIs = (change: { readonly fenced: number; readonly inControlledShutdown: number }): MetadataRecord => ({
  type: 'BrokerRegistrationChangeRecord',
  version: 1,
  brokerId: 2,
  brokerEpoch: 4,
  logDirs: [],
  cordonedLogDirs: null,
  ...change,
});
const moved = (partitionId: number, leader: number): MetadataRecord => ({
  type: 'PartitionRecord',
  version: 1,
  partitionId,
  topicId: TOPIC_ID,
  replicas: [2, 3],
  isr: [leader],
  removingReplicas: [],
  addingReplicas: [],
  leader,
  leaderRecoveryState: 0,
  leaderEpoch: 0,
  partitionEpoch: 0,
  directories: [ZERO_UUID, ZERO_UUID],
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
});

describe('A broker that another one waits for', () => {
  it('says how far it has read with every publication, until the other has gone', () =>
    inWorld(async ({ clock, told, read }) => {
      /** How many heartbeats a publication brings about before the interval is over. */
      const publish = async (...records: readonly MetadataRecord[]): Promise<number> => {
        const before = told.length;
        read(...records);
        await delay(clock, 1);
        return told.length - before;
      };
      expect(await publish(neighbour, topic, moved(0, 2), moved(1, 2))).to.equal(0);
      expect(await publish(neighbourIs({ fenced: 0, inControlledShutdown: 1 }))).to.equal(1);
      expect(await publish(moved(0, 3))).to.equal(1);
      expect(await publish(moved(1, 3))).to.equal(1);
      expect(await publish(neighbourIs({ fenced: 1, inControlledShutdown: 0 }))).to.equal(0);
      expect(await publish(moved(2, 3))).to.equal(0);
    }));
});
