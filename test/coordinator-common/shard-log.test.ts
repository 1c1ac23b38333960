import { expect } from 'chai';
import type { AppendResult, CommitWaiter } from '../../src/coordinator-common/index.ts';
import { ShardLog } from '../../src/coordinator-common/shard-log.ts';
import { Effects } from '../../src/coordinator-common/shard.ts';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { AssertionFailure } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';
import { MemoryWriter } from './memory-writer.ts';

const PARTITION = 0;

/** A log whose commits are told by the test, to whom it likes. */
class TellingWriter extends MemoryWriter {
  readonly waiters: CommitWaiter[] = [];
  override awaitCommitted(_partition: number, _endOffset: number, waiter: CommitWaiter): void {
    this.waiters.push(waiter);
  }
}

/** Tells that it has appended, without an offset given. */
class IdleWriter extends MemoryWriter {
  override append(): AppendResult {
    return { errorCode: Errors.NONE, firstOffset: 0, endOffset: 0 };
  }
}

describe('the log of a shard', () => {
  const clock = new SimClock({ nextTurn });
  const lost: string[] = [];

  const open = (writer: MemoryWriter): ShardLog<string> => {
    lost.length = 0;
    const log = new ShardLog<string>({
      partition: PARTITION,
      serde: { encode: (record) => ({ key: Buffer.from(record), value: null }), decode: (key) => String(key) },
      writer,
      clock,
      codec: 0,
      baseSequence: 0,
      commitTimeoutMs: 1000,
      markerAppended: () => undefined,
      lost: (reason) => lost.push(reason),
      progressed: () => undefined,
    });
    log.start(0, true);
    return log;
  };

  const write = (log: ShardLog<string>, record: string): void => {
    const effects = new Effects<string, never>(0);
    effects.append(record);
    log.gather(effects, false);
  };

  it('has its batches committed in the order of their offsets', () => {
    const writer = new TellingWriter(clock);
    const log = open(writer);
    write(log, 'one');
    log.flush();
    write(log, 'two');
    log.flush();
    const [first, second] = writer.waiters as [CommitWaiter, CommitWaiter];
    expect(() => second.committed(Errors.NONE)).to.throw(AssertionFailure, 'in the order of their offsets');
    first.committed(Errors.NONE);
    second.committed(Errors.NONE);
    expect(log.last).to.equal(undefined);
    expect(() => second.committed(Errors.NONE)).to.throw(AssertionFailure);
  });

  it('takes no append for one that was given no offsets', () => {
    const log = open(new IdleWriter(clock));
    write(log, 'one');
    expect(() => log.flush()).to.throw(AssertionFailure, 'what was appended has offsets');
  });

  it('starts once, and writes nothing once it was dropped', () => {
    const log = open(new MemoryWriter(clock));
    expect(() => log.start(0, true)).to.throw(AssertionFailure, 'starts once');
    log.drop(new KafkaError(Errors.NOT_COORDINATOR));
    expect(() => write(log, 'one')).to.throw(AssertionFailure, 'a dropped shard writes nothing');
  });

  it('is lost when the log gives it other offsets than its own', () => {
    const writer = new MemoryWriter(clock);
    const log = open(writer);
    write(log, 'one');
    log.flush();
    writer.log(PARTITION).batches.pop();
    write(log, 'two');
    log.flush();
    expect(lost).to.deep.equal(['an append went to 0 and not to 1']);
  });
});
