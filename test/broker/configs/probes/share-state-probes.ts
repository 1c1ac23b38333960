// Configs of the share coordinator: how it writes and reads __share_group_state.
import { attributes, batchSizeAt, recordsOf } from '../../../../src/protocol/index.ts';
import { FindCoordinator } from '../../../../src/protocol/messages/10-find-coordinator.ts';
import { InitializeShareGroupState } from '../../../../src/protocol/messages/83-initialize-share-group-state.ts';
import { ReadShareGroupState } from '../../../../src/protocol/messages/84-read-share-group-state.ts';
import { WriteShareGroupState } from '../../../../src/protocol/messages/85-write-share-group-state.ts';
import { requestOf } from '../../raw-client.ts';
import { addSilentBroker, createFollowed, PATIENT } from './cluster-probes.ts';
import type { Probe, Probes } from './probe.ts';
import { DATA, type ProbedBroker } from './probed-broker.ts';

const CODEC_BITS = 7;
const TOPIC = '__share_group_state';
const BESIDE = {
  'ottla.coordinator.topic.wait': 'true',
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.state.topic.min.isr': '1',
  ...PATIENT,
};

/** A request about the only share partition. */
const about = async <A extends object>(broker: ProbedBroker, asked: A) => ({
  groupId: 'g',
  topics: [{ topicId: await broker.topicId('t'), partitions: [{ partition: 0, ...asked }] }],
});

async function initialized(broker: ProbedBroker): Promise<void> {
  await broker.createTopic('t');
  const coordinatorKeys = [`g:${await broker.topicId('t')}:0`];
  await broker.client.ask(FindCoordinator, 6, { keyType: 2, coordinatorKeys });
  for (let turn = 0; turn < 50; turn++) {
    const request = await about(broker, { stateEpoch: 0, startOffset: 0 });
    const { results } = await broker.client.ask(InitializeShareGroupState, 0, request);
    if (results[0]?.partitions[0]?.errorCode === 0) return;
    await broker.wait(1);
  }
}

const writeRequest = (broker: ProbedBroker, startOffset: number) =>
  about(broker, { stateEpoch: 0, leaderEpoch: 0, startOffset, deliveryCompleteCount: 0, stateBatches: [] });

/** Changes a share partition so often. */
async function written(broker: ProbedBroker, count: number): Promise<void> {
  await initialized(broker);
  for (let at = 1; at <= count; at++) {
    await broker.client.ask(WriteShareGroupState, 1, await writeRequest(broker, at));
  }
}

async function snapshots(broker: ProbedBroker): Promise<number> {
  await written(broker, 4);
  const { records } = await broker.fetch(TOPIC);
  let count = 0;
  for (let at = 0; at < records.length; at += batchSizeAt(records, at)) {
    for (const { key } of recordsOf(records, { at })) if (Buffer.from(key ?? []).readInt16BE(0) === 0) count++;
  }
  return count;
}

/** The codec of a change that is worth compressing, where the topic does not say otherwise, as it does when it is made for us. */
async function lastCodec(broker: ProbedBroker): Promise<number> {
  await broker.createTopic(TOPIC, { configs: { 'compression.type': 'producer' } });
  await initialized(broker);
  const stateBatches = Array.from({ length: 100 }, (_one, at) => ({
    firstOffset: at,
    lastOffset: at,
    deliveryState: at % 2 === 0 ? 0 : 2,
    deliveryCount: 1,
  }));
  const change = { stateEpoch: 0, leaderEpoch: 0, startOffset: 0, deliveryCompleteCount: 50, stateBatches };
  await broker.client.ask(WriteShareGroupState, 1, await about(broker, change));
  const { records } = await broker.fetch(TOPIC);
  return attributes(records, batchSizeAt(records, 0)) & CODEC_BITS;
}

/** Whether the log is longer when nothing has happened for some seconds. */
async function growsByItself(broker: ProbedBroker): Promise<boolean> {
  await written(broker, 1);
  const before = await broker.offset(TOPIC, -1);
  for (let turn = 0; turn < 3; turn++) await broker.wait(2_000);
  return (await broker.offset(TOPIC, -1)) > before;
}

async function beginsLater(broker: ProbedBroker): Promise<boolean> {
  await written(broker, 4);
  for (let turn = 0; turn < 3; turn++) await broker.wait(2_000);
  return (await broker.offset(TOPIC, -2)) > 0;
}

const read = async (broker: ProbedBroker) =>
  broker.client.ask(ReadShareGroupState, 0, await about(broker, { leaderEpoch: -1 }));

async function loadsInSmallReads(broker: ProbedBroker): Promise<boolean> {
  await written(broker, 30);
  await broker.restart();
  broker.disk.reads.length = 0;
  for (let turn = 0; turn < 10; turn++) await read(broker);
  return broker.disk.reads.filter(({ path }) => path.startsWith(`${DATA}/${TOPIC}-0/`)).length > 20;
}

/** Whether a change that no follower takes is given up after two seconds. */
async function isGivenUp(broker: ProbedBroker): Promise<boolean> {
  await addSilentBroker(broker);
  await createFollowed(broker, TOPIC);
  await broker.createTopic('t');
  await read(broker);
  const client = await broker.connect();
  const request = await about(broker, { stateEpoch: 0, startOffset: 0 });
  client.send(requestOf(InitializeShareGroupState, 0, request));
  // The handler, which nobody had asked for before, is loaded, and the change waits for its follower.
  for (let turn = 0; turn < 300; turn++) await broker.settle();
  await broker.wait(2_000);
  const isAnswered = client.receivedBytes > 0;
  await broker.wait(60_000);
  client.destroy();
  return isAnswered;
}

function probe(
  values: Probe['values'],
  sees: Probe['sees'],
  look: Probe['look'],
  beside: Readonly<Record<string, string>> = {},
): Probe {
  return { values, sees, look, beside: { ...BESIDE, ...beside } };
}

const SNAPSHOTS = { 'share.coordinator.snapshot.update.records.per.snapshot': '0' };

export const shareStateProbes: Probes = {
  'share.coordinator.snapshot.update.records.per.snapshot': probe(['500', '0'], [1, 5], snapshots),
  'share.coordinator.state.topic.compression.codec': probe(['0', '1'], [0, 1], lastCodec),
  'share.coordinator.cold.partition.snapshot.interval.ms': probe(['300000', '1000'], [false, true], growsByItself),
  'share.coordinator.state.topic.prune.interval.ms': probe(['300000', '1000'], [false, true], beginsLater, SNAPSHOTS),
  'share.coordinator.load.buffer.size': probe(['5242880', '100'], [false, true], loadsInSmallReads),
  'share.coordinator.write.timeout.ms': probe(['60000', '1000'], [false, true], isGivenUp, {
    'broker.session.timeout.ms': '100000',
  }),
};
