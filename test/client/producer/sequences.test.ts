// Sequences of an idempotent producer when brokers do not agree with them: what Kafka's TransactionManager does (KIP-98, KIP-360).
import { expect } from 'chai';
import { BatchWriter } from '../../../src/client/producer/batch-writer.ts';
import { ProducerBatch } from '../../../src/client/producer/producer-batch.ts';
import { Sequences } from '../../../src/client/producer/sequences.ts';
import { Errors } from '../../../src/protocol/index.ts';

function batchOf(count: number): ProducerBatch {
  const place = { topic: 't', partition: 0, createdMs: 0, deadlineMs: 0 };
  const batch = new ProducerBatch(place, new BatchWriter(Buffer.alloc(100), 10_000));
  for (let index = 0; index < count; index++) batch.writer.append(null, 'x', [], 0);
  return batch;
}

function begun(isTransactional: boolean, counts: readonly number[]) {
  const sequences = new Sequences(isTransactional);
  sequences.follow({ producerId: 1, epoch: 0 });
  const batches = counts.map(batchOf);
  for (const batch of batches) {
    expect(sequences.maySend(batch)).to.equal(true);
    sequences.leaving(batch);
  }
  return { sequences, batches };
}

const placesOf = (batches: readonly ProducerBatch[]) => batches.map((one) => [one.identity?.epoch, one.baseSequence]);
const OUT_OF_ORDER = { code: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, logStartOffset: -1 };

describe('The sequences of a producer', () => {
  it('count records, several batches at a time; what is sent again waits until it is the first', () => {
    const { sequences, batches } = begun(false, [3, 2, 4]);
    const [first, second] = batches as [ProducerBatch, ProducerBatch];
    expect(placesOf(batches)).to.deep.equal([
      [0, 0],
      [0, 3],
      [0, 5],
    ]);
    expect([sequences.maySend(first), sequences.maySend(second)]).to.deep.equal([true, false]);
    sequences.acknowledged(first, 100);
    expect(sequences.maySend(second)).to.equal(true);
  });

  it('out of order: tried again behind another that is missing, in a new epoch where it is the next', () => {
    const { sequences, batches } = begun(false, [3, 2]);
    const [first, second] = batches as [ProducerBatch, ProducerBatch];
    expect(sequences.canRetry(second, OUT_OF_ORDER)).to.equal(true);
    sequences.settle();
    expect(sequences.identity?.epoch).to.equal(0);
    expect(sequences.canRetry(first, OUT_OF_ORDER)).to.equal(true);
    sequences.settle();
    expect(placesOf(batches)).to.deep.equal([
      [1, 0],
      [1, 3],
    ]);
    const broken = begun(true, [3]);
    expect(broken.sequences.canRetry(broken.batches[0] as ProducerBatch, OUT_OF_ORDER)).to.equal(false);
  });

  it('a producer that the broker has forgotten begins anew where its records have gone', () => {
    const { sequences, batches } = begun(true, [3, 2]);
    const [first, second] = batches as [ProducerBatch, ProducerBatch];
    sequences.acknowledged(first, 10);
    const forgotten = { code: Errors.UNKNOWN_PRODUCER_ID, logStartOffset: 13 };
    expect(sequences.canRetry(second, forgotten)).to.equal(true);
    expect(placesOf([second])).to.deep.equal([[0, 0]]);
    expect(sequences.canRetry(second, { ...forgotten, logStartOffset: 5 })).to.equal(true);
    const other = begun(true, [3]);
    const [lost] = other.batches as [ProducerBatch];
    other.sequences.acknowledged(lost, 10);
    const next = batchOf(1);
    other.sequences.leaving(next);
    expect(other.sequences.canRetry(next, { ...forgotten, logStartOffset: 5 })).to.equal(false);
  });

  it('behind one that was given up nothing leaves until it is known what became of it', () => {
    const { sequences, batches } = begun(false, [3, 2]);
    const [first, second] = batches as [ProducerBatch, ProducerBatch];
    sequences.givenUp(first);
    expect(sequences.maySend(batchOf(1))).to.equal(false);
    sequences.settle();
    expect(sequences.identity?.epoch).to.equal(0);
    sequences.acknowledged(second, 50);
    sequences.settle();
    // The one behind it was taken: so the first one is in the log.
    expect(sequences.identity?.epoch).to.equal(0);
    expect(sequences.maySend(batchOf(1))).to.equal(true);
    const next = batchOf(1);
    sequences.leaving(next);
    sequences.givenUp(next);
    sequences.settle();
    expect(sequences.identity?.epoch).to.equal(1);
    const broken = begun(true, [1]);
    broken.sequences.givenUp(broken.batches[0] as ProducerBatch);
    expect(broken.sequences.settle()).to.equal(true);
  });

  it('a batch that was refused leaves no gap', () => {
    const { sequences, batches } = begun(true, [3, 2]);
    const [first, second] = batches as [ProducerBatch, ProducerBatch];
    sequences.refused(first, Errors.MESSAGE_TOO_LARGE, false);
    expect(placesOf([second])).to.deep.equal([[0, 0]]);
    const idempotent = begun(false, [3, 2]);
    idempotent.sequences.refused(idempotent.batches[0] as ProducerBatch, Errors.MESSAGE_TOO_LARGE, false);
    idempotent.sequences.settle();
    expect(placesOf([idempotent.batches[1] as ProducerBatch])).to.deep.equal([[1, 0]]);
  });

  it('asks for another id when its epochs are used up', () => {
    const { sequences, batches } = begun(false, [1]);
    sequences.follow({ producerId: 1, epoch: 32_767 });
    sequences.refused(batches[0] as ProducerBatch, Errors.MESSAGE_TOO_LARGE, false);
    sequences.settle();
    expect(sequences.identity).to.equal(undefined);
  });
});
