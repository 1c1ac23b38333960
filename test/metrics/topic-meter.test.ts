// What is counted by topic: what was taken, not what was refused; and nothing that there is not.
import { expect } from 'chai';
import { CLOSE, NO_RESPONSE, type Outcome } from '../../src/api-handlers/index.ts';
import { TopicMeter } from '../../src/metrics/topic-meter.ts';
import { ErrorCounts } from '../../src/metrics/transfers.ts';
import { buildBatch, Errors } from '../../src/protocol/index.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAZQ';
const batch = buildBatch([{ value: Buffer.from('a') }, { value: Buffer.from('b') }]);

describe('traffic by topic', () => {
  const newMeter = (most = 10): TopicMeter =>
    new TopicMeter(most, {
      has: (topic) => topic === 'orders' || topic === 'other',
      nameOf: (id) => (id === ID ? 'orders' : undefined),
    });

  function produce(meter: TopicMeter, name: string, outcome: number | Outcome<object>): ErrorCounts {
    const errors = new ErrorCounts();
    const topicId = name === '' ? ID : '';
    const topicData = [{ name, topicId, partitionData: [{ index: 0, records: batch }] }];
    const answer =
      typeof outcome === 'number'
        ? { responses: [{ name, topicId, partitionResponses: [{ index: 0, errorCode: outcome }] }] }
        : outcome;
    meter.leave(0, { topicData }, answer, errors);
    return errors;
  }

  function fetch(meter: TopicMeter, topicId: string, replicaId: number, errorCode = 0): void {
    const responses = [{ topic: '', topicId, partitions: [{ errorCode, records: [batch, batch] }] }];
    meter.leave(1, { replicaId: -1, replicaState: { replicaId } }, { errorCode: 0, responses }, new ErrorCounts());
  }

  it('counts records and bytes that were taken, by name and by id', () => {
    const meter = newMeter();
    produce(meter, 'orders', Errors.NONE);
    produce(meter, '', Errors.NONE);
    expect(meter.of('orders')).to.include({ messagesIn: 4, bytesIn: 2 * batch.length, produceRequests: 2 });
    expect(meter.all).to.include({ messagesIn: 4, bytesIn: 2 * batch.length, failedProduceRequests: 0 });
  });

  it('counts what nobody answers (acks=0), and not what closes the connection', () => {
    const meter = newMeter();
    produce(meter, 'orders', NO_RESPONSE);
    produce(meter, 'orders', CLOSE);
    expect(meter.of('orders')).to.include({ messagesIn: 2, produceRequests: 1 });
  });

  it('tells refusals that are part of the work from failures', () => {
    const meter = newMeter();
    expect([...produce(meter, 'orders', Errors.NOT_LEADER_OR_FOLLOWER)]).to.deep.equal([
      [Errors.NONE, 0],
      [Errors.NOT_LEADER_OR_FOLLOWER, 1],
    ]);
    expect(meter.of('orders')).to.include({ messagesIn: 0, failedProduceRequests: 0 });
    produce(meter, 'orders', Errors.MESSAGE_TOO_LARGE);
    expect(meter.of('orders')).to.include({ bytesRejected: batch.length, failedProduceRequests: 0 });
    produce(meter, 'orders', Errors.NOT_ENOUGH_REPLICAS);
    expect(meter.of('orders')).to.include({ bytesIn: 0, failedProduceRequests: 1, produceRequests: 3 });
  });

  it('counts what followers fetch as replication', () => {
    const meter = newMeter();
    fetch(meter, ID, 2);
    expect([meter.replicationBytesOut, meter.all.bytesOut]).to.deep.equal([2 * batch.length, 0]);
    fetch(meter, ID, -1);
    fetch(meter, ID, -1, Errors.UNKNOWN_SERVER_ERROR);
    expect(meter.of('orders')).to.include({ bytesOut: 4 * batch.length, fetchRequests: 2, failedFetchRequests: 1 });
  });

  it('keeps nothing of topics that there are not, nor of more than it may', () => {
    const meter = newMeter(1);
    produce(meter, 'invented', Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(meter.of('invented')).to.equal(undefined);
    produce(meter, 'orders', Errors.NONE);
    produce(meter, 'other', Errors.NONE);
    expect(meter.of('other')).to.equal(undefined);
    expect(meter.all.messagesIn).to.equal(4);
  });

  it('forgets topics that are deleted', () => {
    let exists = true;
    const meter = new TopicMeter(10, { has: () => exists, nameOf: () => undefined });
    produce(meter, 'orders', Errors.NONE);
    exists = false;
    meter.forgetDeleted();
    expect(meter.of('orders')).to.equal(undefined);
    produce(meter, 'orders', Errors.NONE);
    expect(meter.of('orders')).to.equal(undefined);
    expect(meter.all.messagesIn, 'of all that was ever written').to.equal(4);
  });

  it('counts a topic by name as soon as it is there', () => {
    let exists = false;
    const meter = new TopicMeter(10, { has: () => exists, nameOf: () => undefined });
    produce(meter, 'orders', Errors.UNKNOWN_TOPIC_OR_PARTITION);
    exists = true;
    produce(meter, 'orders', Errors.NONE);
    expect(meter.of('orders')).to.include({ messagesIn: 2, produceRequests: 1 });
    expect(meter.all).to.include({ messagesIn: 2, produceRequests: 2 });
  });
});
