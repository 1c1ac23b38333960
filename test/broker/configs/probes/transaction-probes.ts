// Configs of the transaction coordinator: its topic, time-outs, the age of transactional ids, and the patience of Produce.
import { Produce } from '../../../../src/protocol/messages/00-produce.ts';
import { InitProducerId } from '../../../../src/protocol/messages/22-init-producer-id.ts';
import { AddPartitionsToTxn } from '../../../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { EndTxn } from '../../../../src/protocol/messages/26-end-txn.ts';
import { DescribeTransactions } from '../../../../src/protocol/messages/65-describe-transactions.ts';
import { buildBatch } from '../../../../src/protocol/records/index.ts';
import { requestOf } from '../../raw-client.ts';
import { addSilentBroker, createFollowed, PATIENT } from './cluster-probes.ts';
import { config, partitions, replicas, topicOf } from './group-probes.ts';
import { DATA, type ProbedBroker } from './probed-broker.ts';
import type { Probes } from './probe.ts';

const TRANSACTION = { kind: 1, key: 'g', topic: '__transaction_state' };
const AT_ONCE = {
  'ottla.coordinator.topic.wait': 'true',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  ...PATIENT,
};
const TIMEOUT_MS = 60_000;

async function init({ client }: ProbedBroker, transactionTimeoutMs = TIMEOUT_MS) {
  return client.ask(InitProducerId, 4, { transactionalId: 'x', transactionTimeoutMs });
}

/** A transaction in which a partition of `topic` is. */
async function begin(broker: ProbedBroker, topic: string) {
  await topicOf(broker, TRANSACTION);
  const { producerId, producerEpoch } = await init(broker);
  await broker.client.ask(AddPartitionsToTxn, 3, {
    v3AndBelowTransactionalId: 'x',
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [{ name: topic, partitions: [0] }],
  });
  return { producerId, producerEpoch };
}

async function stateOf({ client }: ProbedBroker): Promise<string | number | undefined> {
  const { transactionStates } = await client.ask(DescribeTransactions, 0, { transactionalIds: ['x'] });
  const [state] = transactionStates;
  return state?.errorCode === 0 ? state.transactionState : state?.errorCode;
}

async function openAfterItsTime(broker: ProbedBroker) {
  await broker.createTopic('t');
  await begin(broker, 't');
  for (let turn = 0; turn < 5; turn++) await broker.wait(20_000);
  return stateOf(broker);
}

async function unusedFor(broker: ProbedBroker, waitMs: number) {
  await topicOf(broker, TRANSACTION);
  await init(broker);
  for (let turn = 0; turn < 3; turn++) await broker.wait(waitMs);
  return stateOf(broker);
}

async function loadsInSmallReads(broker: ProbedBroker): Promise<boolean> {
  await topicOf(broker, TRANSACTION);
  for (let at = 0; at < 30; at++) await init(broker);
  await broker.restart();
  broker.disk.reads.length = 0;
  for (let turn = 0; turn < 10; turn++) await stateOf(broker);
  return broker.disk.reads.filter(({ path }) => path.startsWith(`${DATA}/__transaction_state-0/`)).length > 20;
}

/** Whether Produce is answered after a fifth of a second, while a marker waits for a follower that does not come. */
async function produceIsGivenUp(broker: ProbedBroker): Promise<boolean> {
  await broker.createTopic('t');
  await topicOf(broker, TRANSACTION);
  await addSilentBroker(broker);
  await createFollowed(broker, 'followed');
  const producer = await begin(broker, 'followed');
  await broker.client.ask(EndTxn, 5, { transactionalId: 'x', ...producer, committed: true });
  const client = await broker.connect();
  const batch = { ...producer, producerEpoch: producer.producerEpoch + 1, baseSequence: 0, isTransactional: true };
  const records = buildBatch([{ value: Buffer.from('v'), timestamp: 0 }], batch);
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
  client.send(requestOf(Produce, 12, { transactionalId: 'x', acks: 1, timeoutMs: 1000, topicData }));
  for (let turn = 0; turn < 10; turn++) await broker.settle();
  for (let turn = 0; turn < 40; turn++) await broker.wait(20);
  const isAnswered = client.receivedBytes > 0;
  for (let turn = 0; turn < 3; turn++) await broker.wait(60_000);
  client.destroy();
  return isAnswered;
}

/** What a producer is told of whose transaction nobody knows. */
async function strangerIsTold(broker: ProbedBroker): Promise<number | undefined> {
  await broker.createTopic('t');
  const batch = { producerId: 5, producerEpoch: 0, baseSequence: 0, isTransactional: true };
  const records = buildBatch([{ value: Buffer.from('v'), timestamp: 0 }], batch);
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
  const answer = await broker.client.ask(Produce, 9, { transactionalId: 'x', acks: 1, timeoutMs: 1000, topicData });
  return answer.responses[0]?.partitionResponses[0]?.errorCode;
}

export const transactionProbes: Probes = {
  'add.partitions.to.txn.retry.backoff.ms': {
    values: ['20', '50000'],
    sees: [true, false],
    look: produceIsGivenUp,
    beside: { ...AT_ONCE, 'broker.session.timeout.ms': '1000000' },
  },
  'add.partitions.to.txn.retry.backoff.max.ms': {
    values: ['100', '50000'],
    sees: [true, false],
    look: produceIsGivenUp,
    beside: { ...AT_ONCE, 'broker.session.timeout.ms': '1000000' },
  },
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': {
    values: ['10000000', '10000'],
    sees: ['Ongoing', 'CompleteAbort'],
    look: openAfterItsTime,
    beside: AT_ONCE,
  },
  'transaction.max.timeout.ms': {
    values: ['900000', '500'],
    sees: [false, true],
    look: async (broker) => (await init(broker, 1000)).errorCode === 50,
  },
  'transaction.partition.verification.enable': {
    values: ['true', 'false'],
    // NOT_ENOUGH_REPLICAS: there is no coordinator to ask, which such clients are told in this way.
    sees: [19, 0],
    look: strangerIsTold,
  },
  'transaction.remove.expired.transaction.cleanup.interval.ms': {
    values: ['3600000', '10000'],
    sees: ['Empty', 105],
    look: (broker) => unusedFor(broker, 20_000),
    beside: { ...AT_ONCE, 'transactional.id.expiration.ms': '1000' },
  },
  'transaction.state.log.load.buffer.size': {
    values: ['5242880', '100'],
    sees: [false, true],
    look: loadsInSmallReads,
    beside: AT_ONCE,
  },
  'transaction.state.log.min.isr': config(TRANSACTION, 'min.insync.replicas', '1', '2'),
  'transaction.state.log.num.partitions': partitions(TRANSACTION),
  'transaction.state.log.replication.factor': replicas(TRANSACTION),
  'transaction.state.log.segment.bytes': config(TRANSACTION, 'segment.bytes', '104857600', '2000000'),
  'transactional.id.expiration.ms': {
    values: ['604800000', '1000'],
    sees: ['Empty', 105],
    look: (broker) => unusedFor(broker, 20_000),
    beside: { ...AT_ONCE, 'transaction.remove.expired.transaction.cleanup.interval.ms': '10000' },
  },
};
