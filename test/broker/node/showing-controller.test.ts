// What clients of a broker change through a controller elsewhere is shown by that broker before they have their answer.
import { expect } from 'chai';
import { ShowingController } from '../../../src/broker/node/showing-controller.ts';
import { MetadataDelta, MetadataImage, type MetadataRecord } from '../../../src/kraft/metadata/index.ts';
import { type ApiSchema, Errors, ZERO_UUID } from '../../../src/protocol/index.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { CreatePartitions } from '../../../src/protocol/messages/37-create-partitions.ts';
import { AlterPartition } from '../../../src/protocol/messages/56-alter-partition.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAZQ';
const LONGEST_WAIT_MS = 1_000;

const TOPIC: MetadataRecord = { type: 'TopicRecord', version: 0, name: 'orders', topicId: TOPIC_ID };
const GONE: MetadataRecord = { type: 'RemoveTopicRecord', version: 0, topicId: TOPIC_ID };
const partition = (partitionId: number): MetadataRecord => ({
  type: 'PartitionRecord',
  version: 1,
  partitionId,
  topicId: TOPIC_ID,
  replicas: [1],
  isr: [1],
  removingReplicas: [],
  addingReplicas: [],
  leader: 1,
  leaderRecoveryState: 0,
  leaderEpoch: 0,
  partitionEpoch: 0,
  directories: ['AAAAAAAAAAAAAAAAAAAAZg'],
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
});

describe('The way to a controller elsewhere', () => {
  let clock: SimClock;
  let image: MetadataImage;
  let answer: object;
  let controller: ShowingController;

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    image = MetadataImage.empty;
    const ask = () => Promise.resolve(answer as never);
    controller = new ShowingController({ requests: { send: ask }, forwarding: { forward: ask }, clock });
  });

  /** This broker hears of these records. */
  function hears(...records: MetadataRecord[]): void {
    const delta = new MetadataDelta(image);
    for (const record of records) delta.replay(record);
    image = delta.apply({ offset: image.offset + records.length, epoch: 1, appendTimeMs: 0, isBatchAligned: true });
    controller.publish(delta, image);
  }

  /** Whether somebody who asks has the answer, as it stands now. */
  function asked(api: ApiSchema, request: object): { readonly isAnswered: () => Promise<boolean> } {
    let isAnswered = false;
    void controller.forward(api, request as never, { apiVersion: api.versions[1] }).then((given) => {
      expect(given).to.equal(answer);
      isAnswered = true;
    });
    return {
      isAnswered: async () => {
        await clock.settle();
        return isAnswered;
      },
    };
  }

  const creation = (validateOnly = false) => ({
    topics: [{ name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1,
    validateOnly,
  });
  const created = (errorCode: number) => ({ topics: [{ name: 'orders', topicId: TOPIC_ID, errorCode }] });

  it('answers that a topic was made when it is in the metadata of this broker', async () => {
    hears();
    answer = created(Errors.NONE);
    const first = asked(CreateTopics, creation());
    const own = controller.send(CreateTopics, creation());
    expect(await first.isAnswered()).to.equal(false);
    hears();
    expect(await first.isAnswered()).to.equal(false);
    hears(TOPIC, partition(0));
    expect(await first.isAnswered()).to.equal(true);
    expect(await own).to.equal(answer);
    expect(await asked(CreateTopics, creation()).isAnswered(), 'of what is shown').to.equal(true);
  });

  it('answers at once when nothing was made', async () => {
    hears();
    answer = created(Errors.TOPIC_ALREADY_EXISTS);
    expect(await asked(CreateTopics, creation()).isAnswered()).to.equal(true);
    answer = created(Errors.NONE);
    expect(await asked(CreateTopics, creation(true)).isAnswered()).to.equal(true);
    answer = { errorCode: Errors.NONE, topics: [] };
    expect(await asked(AlterPartition, {}).isAnswered()).to.equal(true);
  });

  it('answers that a topic was deleted when it is gone here, by id or by name', async () => {
    hears(TOPIC, partition(0));
    answer = { responses: [{ name: 'orders', topicId: TOPIC_ID, errorCode: Errors.NONE }] };
    const byId = asked(DeleteTopics, {});
    expect(await byId.isAnswered()).to.equal(false);
    answer = { responses: [{ name: 'orders', topicId: ZERO_UUID, errorCode: Errors.NONE }] };
    const byName = asked(DeleteTopics, {});
    expect(await byName.isAnswered()).to.equal(false);
    answer = { responses: [{ name: 'orders', topicId: ZERO_UUID, errorCode: Errors.TOPIC_DELETION_DISABLED }] };
    expect(await asked(DeleteTopics, {}).isAnswered()).to.equal(true);
  });

  it('lets those go who wait for a deletion when it has come', async () => {
    hears(TOPIC, partition(0));
    answer = { responses: [{ name: 'orders', topicId: TOPIC_ID, errorCode: Errors.NONE }] };
    const asking = asked(DeleteTopics, {});
    expect(await asking.isAnswered()).to.equal(false);
    hears(GONE);
    expect(await asking.isAnswered()).to.equal(true);
  });

  it('answers that partitions were added when they are there, or the topic is gone', async () => {
    const growth = { topics: [{ name: 'orders', count: 3, assignments: null }], timeoutMs: 1, validateOnly: false };
    hears(TOPIC, partition(0));
    answer = { results: [{ name: 'orders', errorCode: Errors.NONE }] };
    const asking = asked(CreatePartitions, growth);
    const other = asked(CreatePartitions, { ...growth, topics: [{ name: 'orders', count: 4, assignments: null }] });
    hears(partition(1));
    expect(await asking.isAnswered()).to.equal(false);
    hears(partition(2));
    expect(await asking.isAnswered()).to.equal(true);
    expect(await other.isAnswered()).to.equal(false);
    hears(GONE);
    expect(await other.isAnswered()).to.equal(true);
    expect(await asked(CreatePartitions, { ...growth, validateOnly: true }).isAnswered()).to.equal(true);
  });

  it('keeps nobody for long when the news does not come', async () => {
    hears();
    answer = created(Errors.NONE);
    const asking = asked(CreateTopics, creation());
    await clock.advance(LONGEST_WAIT_MS - 1);
    expect(await asking.isAnswered()).to.equal(false);
    await clock.advance(1);
    expect(await asking.isAnswered()).to.equal(true);
  });

  it('keeps nobody before there is metadata, nor when the node stops', async () => {
    answer = created(Errors.NONE);
    expect(await asked(CreateTopics, creation()).isAnswered(), 'before').to.equal(true);
    hears();
    const asking = asked(CreateTopics, creation());
    expect(await asking.isAnswered()).to.equal(false);
    controller.endWaits();
    expect(await asking.isAnswered()).to.equal(true);
    hears();
    expect(await asked(CreateTopics, creation()).isAnswered(), 'while it stops').to.equal(true);
  });
});
