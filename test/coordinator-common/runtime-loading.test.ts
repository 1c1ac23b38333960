import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { buildBatch } from '../../src/protocol/records/index.ts';
import { MetadataBench } from '../api-handlers/metadata-bench.ts';
import { oldMessage, oldWrapper } from '../log/old-messages.ts';
import { codeOf, watched, world } from './word-coordinator.ts';

describe('The coordinator runtime, as it loads a partition,', () => {
  it('loads what was written before Kafka 0.11', async () => {
    const { clock, writer, runtime, shards } = world();
    const key = (offset: number) => ({ offset, key: Buffer.from(`old ${offset}`) });
    const plain = oldMessage({ magic: 0, ...key(0) });
    const packed = oldWrapper({ magic: 1, codec: 1, messages: [1, 2, 3].map(key) });
    const log = writer.log(0);
    log.batches.push({ bytes: plain, baseOffset: 0, endOffset: 1 }, { bytes: packed, baseOffset: 1, endOffset: 4 });
    log.committed = 4;
    runtime.load(0, 0);
    await clock.settle();
    expect(shards[0]?.words).to.include.members(['old 0', 'old 1', 'old 2', 'old 3']);
    expect(runtime.isHosted(0)).to.equal(true);
  });

  it('is loading until the log is replayed, in slices, and skips what it does not know', async () => {
    const first = world();
    first.runtime.load(0, 0);
    for (let word = 0; word < 50; word++) {
      watched(first.say(word === 7 ? 'unknown' : `w${word}`));
      if (word % 5 === 0) await first.clock.settle();
    }
    await first.clock.settle();
    const { clock, writer, runtime, shards, say } = world();
    writer.logs.set(0, first.writer.log(0));
    let open!: () => void;
    writer.readGate = new Promise((resolve) => (open = resolve));
    runtime.load(0, 0);
    expect(codeOf(() => say('a'))).to.equal(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    await clock.settle();
    expect(runtime.isActive(0)).to.equal(false);
    open();
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards[0]?.words).to.have.length(50);
    expect(shards[0]?.words.at(-1)).to.equal('loaded 49');
  });

  it('does not believe a batch that does not match its checksum', async () => {
    const first = world();
    first.runtime.load(0, 0);
    watched(first.say('right'));
    await first.clock.settle();
    const { clock, writer, runtime } = world();
    writer.logs.set(0, first.writer.log(0));
    const bytes = writer.log(0).batches[0]?.bytes as Buffer;
    bytes.writeInt8(bytes.readInt8(bytes.length - 2) ^ 1, bytes.length - 2);
    runtime.load(0, 0);
    for (let turn = 0; turn < 50; turn++) await clock.settle();
    expect(runtime.isActive(0)).to.equal(false);
  });

  it('drops the shard when somebody else has written to its partition', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    watched(say('a'));
    await clock.settle();
    writer.commit(0);
    writer.append(0, buildBatch([{ key: Buffer.from('theirs'), value: null }]));
    writer.commit(0);
    const lost = watched(say('b'));
    await clock.advance(500);
    expect(lost.code).to.equal(Errors.NOT_COORDINATOR);
    expect(shards.at(-1)?.words.slice(0, 2)).to.deep.equal(['a', 'theirs']);
  });

  it('tells new metadata as soon as a partition is loaded, and again when what came of it was lost', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    watched(say('a'));
    await clock.settle();
    writer.commit(0);
    await clock.settle();
    runtime.unload(0);
    let open!: () => void;
    writer.readGate = new Promise((resolve) => (open = resolve));
    runtime.load(0, 1);
    await clock.settle();
    const metadata = new MetadataBench();
    const topicId = metadata.createTopic('topic');
    runtime.onMetadata(metadata.image, metadata.createdTopic);
    const delta = metadata.replay([{ type: 'RemoveTopicRecord', version: 0, topicId }]);
    runtime.onMetadata(metadata.image, delta);
    const told = () => shards.at(-1)?.heard;
    expect(told()).to.deep.equal([]);
    open();
    writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: true };
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards.at(-1)?.words).to.deep.equal(['a', 'loaded 1', 'topic is gone']);
    expect(told()).to.deep.equal(['', 'topic', '']);
    await clock.advance(200);
    expect(shards).to.have.length(3);
    expect(told()).to.deep.equal(['topic', '']);
    writer.commit(0);
    await clock.settle();
    runtime.unload(0);
    runtime.load(0, 2);
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards.at(-1)?.words).to.deep.equal(['a', 'topic is gone', 'loaded 2']);
    expect(told()).to.deep.equal(['']);
  });

  it('gives up a load when the partition is led elsewhere, and answers nobody from it', async () => {
    const { clock, writer, runtime, shards, say } = world();
    writer.append(0, buildBatch([{ key: Buffer.from('a'), value: null }]));
    writer.commit(0);
    let open!: () => void;
    writer.readGate = new Promise((resolve) => (open = resolve));
    runtime.load(0, 1);
    await clock.settle();
    runtime.unload(0, 2);
    runtime.load(0, 3);
    open();
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards.map(({ words }) => words)).to.deep.equal([[], ['a', 'loaded 1']]);
    expect(codeOf(() => say('b'))).to.equal(0);
  });

  it('tries a partition that rests at once when it is led on in a newer epoch', async () => {
    const { clock, writer, runtime, say } = world();
    runtime.load(0, 0);
    writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: false };
    watched(say('lost'));
    await clock.settle();
    expect(codeOf(() => say('a'))).to.equal(Errors.NOT_COORDINATOR);
    runtime.load(0, 1);
    await clock.settle();
    expect(runtime.isActive(0)).to.equal(true);
    await clock.advance(500);
    expect(runtime.isActive(0), 'the pause that was is over').to.equal(true);
  });

  it('acts on nothing that it has loaded from above the high watermark until that is committed', async () => {
    const { clock, writer, runtime } = world();
    writer.append(0, buildBatch([{ key: Buffer.from('not committed'), value: null }]));
    const acted: string[] = [];
    runtime.load(0, 1);
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    const read = watched(
      runtime.ask(0, (shard, effects) => {
        effects.afterCommit('act');
        shard.onCommitted = () => void acted.push('acted');
        return shard.words.length;
      }),
    );
    await clock.advance(900);
    expect([acted, read]).to.deep.equal([[], {}]);
    writer.commit(0);
    await clock.settle();
    expect([acted, read.value]).to.deep.equal([['acted'], 2]);
  });

  it('loads again what somebody has written to between the end of the load and its own beginning', async () => {
    const { clock, writer, runtime, shards } = world();
    writer.append(0, buildBatch([{ key: Buffer.from('a'), value: null }]));
    writer.commit(0);
    const reader = writer.reader.bind(writer);
    let asked = 0;
    writer.reader = (partition) => {
      const real = reader(partition);
      return {
        ...real,
        read: real.read.bind(real),
        committedOffset: 1,
        get endOffset() {
          // The third time everything has been read.
          if (++asked === 3) {
            queueMicrotask(() => writer.append(0, buildBatch([{ key: Buffer.from('late'), value: null }])));
          }
          return real.endOffset;
        },
      };
    };
    runtime.load(0, 0);
    await clock.advance(500);
    writer.commit(0);
    expect(shards.at(-1)?.words).to.deep.equal(['a', 'late', 'loaded 2']);
  });
});
