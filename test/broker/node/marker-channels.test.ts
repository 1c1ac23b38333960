// Markers for partitions that other brokers lead: gathered, one request under way to each broker, and each told what became of it.
import { expect } from 'chai';
import { ClusterMarkers, loadMarkerChannels } from '../../../src/broker/node/cluster-markers.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import type { MarkerToWrite } from '../../../src/transaction-coordinator/index.ts';
import { MetadataBench, NODE_ID } from '../../api-handlers/metadata-bench.ts';
import { FakePeers } from './fake-peers.ts';

const MARKER: MarkerToWrite = {
  producerId: 7,
  producerEpoch: 1,
  coordinatorEpoch: 4,
  isCommit: true,
  transactionVersion: 2,
};

describe('Markers for the partitions of a cluster', () => {
  let clock: SimClock;
  let peers: FakePeers;
  let markers: ClusterMarkers;
  let local: [string, number][];

  before(loadMarkerChannels);

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    peers = new FakePeers();
    local = [];
    const metadata = new MetadataBench();
    for (const id of [2, 3]) metadata.addBroker(id);
    metadata.createTopic('here', 2, [NODE_ID, 2]);
    metadata.createTopic('there', 3, [2, NODE_ID]);
    metadata.createTopic('elsewhere', 1, [3]);
    metadata.createTopic('nowhere', 1, [3], -1);
    markers = new ClusterMarkers({
      nodeId: NODE_ID,
      image: () => metadata.image,
      local: {
        write: (topic, partition) => {
          local.push([topic, partition]);
          return Promise.resolve(Errors.NONE);
        },
      },
      peers: peers.peers,
      clock,
      logger: silentLogger,
    });
  });

  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await clock.settle();
  };
  const asked = (question: { request: object }): string =>
    JSON.stringify(
      (question.request as { markers: { producerId: unknown; topics: unknown }[] }).markers.map(
        ({ producerId, topics }) => [producerId, topics],
      ),
    );
  const row = (name: string, ...codes: [number, number][]) => ({
    name,
    partitions: codes.map(([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })),
  });

  it('are written here where the partition is led here, or is not there, and nobody is asked about one without a leader', async () => {
    expect(await markers.write('here', 1, MARKER)).to.equal(Errors.NONE);
    expect(await markers.write('gone', 0, MARKER)).to.equal(Errors.NONE);
    expect(local).to.deep.equal([
      ['here', 1],
      ['gone', 0],
    ]);
    expect(await markers.write('nowhere', 0, MARKER)).to.equal(Errors.LEADER_NOT_AVAILABLE);
    expect(peers.questions).to.deep.equal([]);
  });

  it('go to each leader in one request, and the next one takes all that came meanwhile', async () => {
    const first = [0, 1].map((index) => markers.write('there', index, MARKER));
    const other = markers.write('elsewhere', 0, MARKER);
    await settled();
    expect(peers.questions.map(({ nodeId }) => nodeId)).to.deep.equal([2, 3]);
    const later = [markers.write('there', 2, MARKER), markers.write('there', 2, { ...MARKER, producerId: 8 })];
    await settled();
    const [one, two] = [peers.take(), peers.take()];
    expect(peers.questions, 'one request is under way').to.deep.equal([]);
    expect(asked(one)).to.equal('[[7,[{"name":"there","partitionIndexes":[0,1]}]]]');
    one.answer({
      markers: [{ producerId: 7, topics: [row('there', [0, Errors.NONE], [1, Errors.NOT_LEADER_OR_FOLLOWER])] }],
    });
    two.answer({
      markers: [{ producerId: 7, topics: [row('elsewhere', [0, Errors.TRANSACTION_COORDINATOR_FENCED])] }],
    });
    expect(await Promise.all(first)).to.deep.equal([Errors.NONE, Errors.NOT_LEADER_OR_FOLLOWER]);
    expect(await other).to.equal(Errors.TRANSACTION_COORDINATOR_FENCED);
    await settled();
    const next = peers.take();
    expect(asked(next)).to.equal(
      '[[7,[{"name":"there","partitionIndexes":[2]}]],[8,[{"name":"there","partitionIndexes":[2]}]]]',
    );
    // What an answer leaves out has failed.
    next.answer({ markers: [{ producerId: 8, topics: [row('there', [2, Errors.NONE])] }] });
    expect(await Promise.all(later)).to.deep.equal([Errors.UNKNOWN_SERVER_ERROR, Errors.NONE]);
  });

  it('of one producer that differ do not share a request, since its answer could not tell them apart', async () => {
    const both = [markers.write('there', 0, MARKER), markers.write('there', 0, { ...MARKER, producerEpoch: 2 })];
    await settled();
    peers.take().answer({ markers: [{ producerId: 7, topics: [row('there', [0, Errors.INVALID_PRODUCER_EPOCH])] }] });
    await settled();
    peers.take().answer({ markers: [{ producerId: 7, topics: [row('there', [0, Errors.NONE])] }] });
    expect(await Promise.all(both)).to.deep.equal([Errors.INVALID_PRODUCER_EPOCH, Errors.NONE]);
  });

  it('are told why there is no answer, and later ones are sent', async () => {
    const lost = markers.write('there', 0, MARKER);
    await settled();
    peers.take().fail(new KafkaError(Errors.NETWORK_EXCEPTION));
    expect(await lost).to.equal(Errors.NETWORK_EXCEPTION);
    peers.unknown.add(2);
    expect(await clock.run(markers.write('there', 0, MARKER))).to.equal(Errors.BROKER_NOT_AVAILABLE);
    peers.unknown.clear();
    const again = markers.write('there', 0, MARKER);
    await settled();
    peers.take().answer({ markers: [{ producerId: 7, topics: [row('there', [0, Errors.NONE])] }] });
    expect(await again).to.equal(Errors.NONE);
  });

  it('are spread over requests of a bounded size', async () => {
    const many = Array.from({ length: 4_500 }, (_, index) =>
      markers.write('there', index % 3, { ...MARKER, producerId: index }),
    );
    await settled();
    const sizes: number[] = [];
    while (peers.questions.length > 0) {
      const question = peers.take();
      sizes.push((question.request as { markers: unknown[] }).markers.length);
      question.fail(new KafkaError(Errors.REQUEST_TIMED_OUT));
      await settled();
    }
    expect(sizes).to.deep.equal([2_000, 2_000, 500]);
    expect(new Set(await Promise.all(many))).to.deep.equal(new Set([Errors.REQUEST_TIMED_OUT]));
  });
});
