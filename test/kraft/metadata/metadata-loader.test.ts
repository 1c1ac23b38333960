import { expect } from 'chai';
import type { CommittedBatch } from '../../../src/kraft/committed/index.ts';
import {
  MetadataDelta,
  type MetadataImage,
  MetadataLoader,
  type MetadataPublisher,
  type MetadataRecord,
  snapshotRecords,
} from '../../../src/kraft/metadata/index.ts';
import { runAtOnce } from '../../../src/log/sliced-work.ts';
import { AssertionFailure, silentLogger } from '../../../src/runtime/index.ts';

const zero = 'AAAAAAAAAAAAAAAAAAAAAA';
const idOf = (name: string): string => name.padEnd(22, 'A');
const topic = (name: string): MetadataRecord => ({ type: 'TopicRecord', version: 0, name, topicId: idOf(name) });
const begin: MetadataRecord = { type: 'BeginTransactionRecord', version: 0, name: null };
const end: MetadataRecord = { type: 'EndTransactionRecord', version: 0 };
const abort: MetadataRecord = { type: 'AbortTransactionRecord', version: 0, reason: null };
const partition = (name: string, partitionId: number): MetadataRecord => ({
  type: 'PartitionRecord',
  version: 2,
  partitionId,
  topicId: idOf(name),
  replicas: [1],
  isr: [1],
  removingReplicas: [],
  addingReplicas: [],
  leader: 1,
  leaderRecoveryState: 0,
  leaderEpoch: 0,
  partitionEpoch: 0,
  directories: [zero],
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
});

const config = (resourceName: string, name: string, value: string): MetadataRecord => ({
  type: 'ConfigRecord',
  version: 0,
  resourceType: 2,
  resourceName,
  name,
  value,
});
const controller = (controllerId: number): MetadataRecord => ({
  type: 'RegisterControllerRecord',
  version: 0,
  controllerId,
  incarnationId: idOf('incarnation'),
  zkMigrationReady: false,
  endPoints: [],
  features: [],
});
const LEVEL: MetadataRecord = { type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 30 };

class Log {
  #next = 0;
  batch(...records: MetadataRecord[]): CommittedBatch<MetadataRecord> {
    const baseOffset = this.#next;
    this.#next += Math.max(1, records.length);
    return { baseOffset, lastOffset: this.#next - 1, epoch: 1, appendTimestamp: 5, sizeInBytes: 100, records };
  }
}

class Recorder implements MetadataPublisher {
  readonly name: string;
  readonly seen: {
    readonly topics: string[];
    readonly changed: string[];
    readonly offset: number;
    readonly isBatchAligned: boolean;
  }[] = [];
  constructor(name = 'recorder') {
    this.name = name;
  }
  publish(delta: MetadataDelta, image: MetadataImage): void {
    this.seen.push({
      topics: [...image.topics.byName.keys()].sort(),
      changed: [...delta.changedTopics.values()].map((change) => change.name).sort(),
      offset: image.offset,
      isBatchAligned: image.provenance.isBatchAligned,
    });
  }
}

describe('the metadata loader', () => {
  it('publishes once for what is committed at once, in the order in which publishers were installed', async () => {
    const loader = new MetadataLoader(silentLogger);
    const log = new Log();
    const order: string[] = [];
    const named = (name: string): MetadataPublisher => ({ name, publish: () => void order.push(name) });
    await loader.install([named('one'), named('two')]);
    await loader.install([named('three')]);
    order.length = 0;
    loader.handleCommit([log.batch(topic('a')), log.batch(topic('b'))]);
    expect(order).to.deep.equal(['one', 'two', 'three']);
    expect(loader.lastAppliedOffset).to.equal(1);
  });

  it('brings late publishers up to date in one step from nothing', async () => {
    const loader = new MetadataLoader(silentLogger);
    const log = new Log();
    loader.handleCommit([log.batch(topic('a'), partition('a', 0)), log.batch(topic('b'))]);
    const recorder = new Recorder();
    await loader.install([recorder]);
    expect(recorder.seen).to.deep.equal([{ topics: ['a', 'b'], changed: ['a', 'b'], offset: 2, isBatchAligned: true }]);
    loader.handleCommit([log.batch(topic('c'))]);
    expect(recorder.seen[1]).to.deep.include({ topics: ['a', 'b', 'c'], changed: ['c'], offset: 3 });
  });

  it('shows nothing of a transaction before its end, and nothing at all of an aborted one', async () => {
    const loader = new MetadataLoader(silentLogger);
    const log = new Log();
    const recorder = new Recorder();
    await loader.install([recorder]);
    recorder.seen.length = 0;
    loader.handleCommit([log.batch(topic('before'), begin, topic('inside'))]);
    expect(loader.isInTransaction).to.equal(true);
    loader.handleCommit([log.batch(topic('more'))]);
    expect(recorder.seen).to.deep.equal([
      { topics: ['before'], changed: ['before'], offset: 0, isBatchAligned: false },
    ]);
    loader.handleCommit([log.batch(end, topic('after'))]);
    expect(recorder.seen[1]).to.deep.include({
      topics: ['after', 'before', 'inside', 'more'],
      offset: 5,
      isBatchAligned: true,
    });
    loader.handleCommit([log.batch(begin, topic('gone')), log.batch(abort, topic('stays'))]);
    expect(recorder.seen[2]?.topics).to.deep.equal(['after', 'before', 'inside', 'more', 'stays']);
    expect(loader.isInTransaction).to.equal(false);
  });

  it('shows what was committed before a transaction that is aborted, whichever batches come at once', async () => {
    const loader = new MetadataLoader(silentLogger);
    const log = new Log();
    const recorder = new Recorder();
    await loader.install([recorder]);
    recorder.seen.length = 0;
    loader.handleCommit([log.batch(topic('before')), log.batch(begin, topic('gone')), log.batch(abort)]);
    expect(recorder.seen.map(({ topics, offset }) => [topics, offset])).to.deep.equal([
      [['before'], 0],
      [['before'], 3],
    ]);
  });

  it('takes a snapshot later: publishers hear what is new, what differs and what is no more', async () => {
    const loader = new MetadataLoader(silentLogger);
    const log = new Log();
    const deltas: MetadataDelta[] = [];
    const recorder = new Recorder();
    const listening: MetadataPublisher = { name: 'deltas', publish: (delta) => void deltas.push(delta) };
    await loader.install([recorder, listening]);
    loader.handleCommit([
      log.batch(
        LEVEL,
        topic('same'),
        partition('same', 0),
        topic('gone'),
        partition('gone', 0),
        topic('other'),
        partition('other', 0),
        config('same', 'a', '1'),
        config('same', 'b', '2'),
        config('other', 'a', '1'),
        controller(1),
        controller(2),
      ),
    ]);
    loader.handleCommit([log.batch(begin, topic('half'))]);
    recorder.seen.length = 0;
    deltas.length = 0;
    const anew = 'anew'.padEnd(22, 'B');
    const records: MetadataRecord[] = [
      LEVEL,
      topic('same'),
      { ...partition('same', 0), leaderEpoch: 4, partitionEpoch: 9 } as MetadataRecord,
      partition('same', 1),
      { type: 'TopicRecord', version: 0, name: 'other', topicId: anew },
      { ...partition('other', 0), topicId: anew } as MetadataRecord,
      config('same', 'a', '1'),
      config('other', 'a', '1'),
      controller(2),
    ];
    const provenance = { offset: 99, epoch: 7, appendTimeMs: 5, isBatchAligned: true };
    const snapshot = [{ baseOffset: 0, lastOffset: 99, epoch: 7, appendTimestamp: 5, sizeInBytes: 1, records }];
    runAtOnce(loader.handleSnapshot(provenance, snapshot));
    const [delta] = deltas as [MetadataDelta];
    expect(loader.isInTransaction).to.equal(false);
    expect(loader.lastAppliedOffset).to.equal(99);
    expect(recorder.seen).to.deep.equal([
      { topics: ['other', 'same'], changed: ['other', 'same'], offset: 99, isBatchAligned: true },
    ]);
    expect([...delta.deletedTopics.values()].map(({ name }) => name).sort()).to.deep.equal(['gone', 'other']);
    expect([...(delta.changedTopics.get(idOf('same'))?.changedPartitions.keys() ?? [])]).to.deep.equal([0, 1]);
    const fresh = new MetadataLoader(silentLogger);
    runAtOnce(fresh.handleSnapshot(provenance, snapshot));
    const stateOf = (image: MetadataImage) => [...snapshotRecords(image)];
    expect(stateOf(loader.image)).to.deep.equal(stateOf(fresh.image));
    // And what the publishers were told adds up to it.
    expect(stateOf(delta.apply(provenance))).to.have.deep.members(stateOf(fresh.image));
    expect([...loader.image.cluster.controllers.keys()]).to.deep.equal([2]);
  });

  it('takes a large snapshot in steps, and nothing of it is seen before the last', () => {
    const loader = new MetadataLoader(silentLogger);
    const records = [
      LEVEL,
      topic('wide'),
      ...Array.from({ length: 3_000 }, (_, index) => partition('wide', index)),
      ...Array.from({ length: 5 }, (_, index) => topic(`narrow-${index}`)),
    ];
    const provenance = { offset: 99, epoch: 7, appendTimeMs: 5, isBatchAligned: true };
    const batch = { baseOffset: 0, lastOffset: 99, epoch: 7, appendTimestamp: 5, sizeInBytes: 1, records };
    const work = loader.handleSnapshot(provenance, [batch]);
    let steps = 0;
    for (; work.next().done !== true; steps += 1) {
      expect(loader.image.topics.byName.size).to.equal(0);
      expect(loader.lastAppliedOffset).to.equal(-1);
    }
    expect(steps).to.equal(3);
    expect(loader.image.topics.byName.get('wide')?.partitions).to.have.length(3_000);
    // Another one later, which is compared with what is known.
    runAtOnce(loader.handleSnapshot({ ...provenance, offset: 120 }, [{ ...batch, records: records.slice(0, 2_000) }]));
    expect(loader.image.topics.byName.get('wide')?.partitions).to.have.length(1_998);
  });

  it('goes on when a publisher fails, and waits for one that takes its time', async () => {
    const lines: string[] = [];
    const logger = { log: (_level: string, message: string) => void lines.push(message), child: () => logger };
    const loader = new MetadataLoader(logger);
    const log = new Log();
    const recorder = new Recorder();
    let release: () => void = () => undefined;
    const slow: MetadataPublisher = { name: 'slow', publish: () => new Promise((resolve) => (release = resolve)) };
    const broken: MetadataPublisher = {
      name: 'broken',
      publish: () => {
        throw new Error('broken');
      },
    };
    const installed = loader.install([broken, slow, recorder]);
    release();
    await installed;
    loader.handleCommit([log.batch(topic('a'))]);
    expect(loader.image.topics.byName.size).to.equal(1);
    let isPublished = false;
    const waiting = loader.published(0).then(() => (isPublished = true));
    await Promise.resolve();
    expect(isPublished).to.equal(false);
    expect(recorder.seen).to.have.length(1);
    release();
    await waiting;
    expect(recorder.seen).to.have.length(2);
    expect(lines).to.deep.equal(['a metadata publisher failed', 'a metadata publisher failed']);
  });

  it('tells those who wait when it closes', async () => {
    const loader = new MetadataLoader(silentLogger);
    const waiting = loader.published(5).then(
      () => 'published',
      () => 'closed',
    );
    await loader.close();
    expect(await waiting).to.equal('closed');
  });

  it('does not take records that cannot follow what is there', () => {
    const impossible: MetadataRecord[] = [
      partition('a', 0),
      { type: 'RemoveTopicRecord', version: 0, topicId: idOf('a') },
      {
        type: 'BrokerRegistrationChangeRecord',
        version: 0,
        brokerId: 1,
        brokerEpoch: 1,
        fenced: 1,
        inControlledShutdown: 0,
        logDirs: [],
        cordonedLogDirs: null,
      },
      { type: 'ClearElrRecord', version: 0, topicName: 'a' },
      { type: 'FenceBrokerRecord', version: 0, id: 1, epoch: 1 },
      end,
      abort,
    ];
    for (const record of impossible) {
      const loader = new MetadataLoader(silentLogger);
      expect(() => loader.handleCommit([new Log().batch(record)]), record.type).to.throw(AssertionFailure);
    }
    const loader = new MetadataLoader(silentLogger);
    expect(() => loader.handleCommit([new Log().batch(begin, begin)])).to.throw(AssertionFailure);
    expect(() =>
      new MetadataLoader(silentLogger).handleCommit([new Log().batch(topic('a'), partition('a', 1))]),
    ).to.throw(AssertionFailure, /lacks partition 0/);
  });
});

describe('a metadata image', () => {
  const build = (...records: MetadataRecord[]): MetadataImage => {
    const loader = new MetadataLoader(silentLogger);
    loader.handleCommit([new Log().batch(...records)]);
    return loader.image;
  };
  const change = (fields: object): MetadataRecord => ({
    type: 'PartitionChangeRecord',
    version: 2,
    partitionId: 0,
    topicId: idOf('a'),
    isr: null,
    leader: -2,
    replicas: null,
    removingReplicas: null,
    addingReplicas: null,
    leaderRecoveryState: -1,
    directories: null,
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
    ...fields,
  });
  const first = (image: MetadataImage) => image.topics.byName.get('a')?.partitions[0];

  it('raises the partition epoch with every change, the leader epoch when a leader is named', () => {
    const base = [topic('a'), partition('a', 0)];
    expect(first(build(...base, change({ isr: [] })))).to.deep.include({
      leaderEpoch: 0,
      partitionEpoch: 1,
      leader: 1,
      isr: [],
    });
    expect(first(build(...base, change({ leader: 1 })))).to.deep.include({
      leaderEpoch: 1,
      partitionEpoch: 1,
      leader: 1,
    });
    expect(first(build(...base, change({ leader: -1, lastKnownElr: [1] })))).to.deep.include({
      leaderEpoch: 1,
      leader: -1,
      lastKnownElr: [1],
    });
  });

  it('forgets eligible replicas of one topic or of all when the log says so', () => {
    const base = [
      topic('a'),
      partition('a', 0),
      topic('b'),
      partition('b', 0),
      change({ isr: [], eligibleLeaderReplicas: [1], lastKnownElr: [1] }),
    ];
    for (const topicName of ['a', '']) {
      const image = build(...base, { type: 'ClearElrRecord', version: 0, topicName });
      expect(first(image)).to.deep.include({ elr: [], lastKnownElr: [], partitionEpoch: 2, leaderEpoch: 0 });
      expect(image.topics.byName.get('b')?.partitions[0]?.partitionEpoch).to.equal(0);
    }
    expect(first(build(...base, { type: 'ClearElrRecord', version: 0, topicName: 'b' }))?.elr).to.deep.equal([1]);
  });

  it('shares what has not changed with the image before', () => {
    const before = build(topic('a'), partition('a', 0), partition('a', 1), topic('b'), partition('b', 0));
    const delta = new MetadataDelta(before);
    delta.replay(change({ leader: 1 }));
    const after = delta.apply({ ...before.provenance, offset: 99 });
    expect(after.topics.byName.get('b')).to.equal(before.topics.byName.get('b'));
    expect(after.topics.byName.get('a')?.partitions[1]).to.equal(before.topics.byName.get('a')?.partitions[1]);
    expect(after.configs.resourceCount).to.equal(0);
    expect(after.cluster).to.equal(before.cluster);
    expect(before.topics.byName.get('a')?.partitions[0]?.leaderEpoch).to.equal(0);
  });

  it('lets a topic go and come back under the same name within one change', () => {
    const before = build(topic('a'), partition('a', 0));
    const delta = new MetadataDelta(before);
    delta.replay({ type: 'ConfigRecord', version: 0, resourceType: 2, resourceName: 'a', name: 'k', value: 'v' });
    delta.replay({ type: 'RemoveTopicRecord', version: 0, topicId: idOf('a') });
    delta.replay({ type: 'TopicRecord', version: 0, name: 'a', topicId: idOf('a2') });
    const after = delta.apply(before.provenance);
    expect(delta.deletedTopics.get(idOf('a'))?.name).to.equal('a');
    expect(after.topics.byName.get('a')?.id).to.equal(idOf('a2'));
    expect(after.topics.byId.has(idOf('a'))).to.equal(false);
    expect(after.configs.get(2, 'a').size).to.equal(0);
    expect([...snapshotRecords(after)]).to.have.length(1);
  });
});
