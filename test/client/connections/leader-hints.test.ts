// A broker that does not lead a partition any more says who does (KIP-951): producers and consumers go there without asking for the
// metadata again.
import { expect } from 'chai';
import { ClusterClient, type ClusterClient as Client } from '../../../src/client/index.ts';
import { buildBatch, codecOf, Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { ShareGroupHeartbeat } from '../../../src/protocol/messages/76-share-group-heartbeat.ts';
import { ShareFetch } from '../../../src/protocol/messages/78-share-fetch.ts';
import { ShareAcknowledge } from '../../../src/protocol/messages/79-share-acknowledge.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { simulate, type Simulation } from '../../../src/runtime/sim/index.ts';
import { type PeerRequest, ScriptedPeer } from '../../protocol/scripted-peer.ts';

const PORT = 9092;
const ID = 'AAAAAAAAAAAAAAAAAAAABQ';
const NODES = [1, 2].map((nodeId) => ({ nodeId, host: `node-${nodeId}`, port: PORT, rack: null }));
const VERSIONS = [
  { apiKey: Produce.key, minVersion: 3, maxVersion: 13 },
  { apiKey: Fetch.key, minVersion: 4, maxVersion: 17 },
  { apiKey: Metadata.key, minVersion: 0, maxVersion: 12 },
  { apiKey: FindCoordinator.key, minVersion: 0, maxVersion: 6 },
  { apiKey: ShareGroupHeartbeat.key, minVersion: 1, maxVersion: 1 },
  { apiKey: ShareFetch.key, minVersion: 1, maxVersion: 2 },
  { apiKey: ShareAcknowledge.key, minVersion: 1, maxVersion: 2 },
];

/** What a broker that does not lead the partition says of who does. */
interface Hint {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  /** Whether the address comes with it. */
  readonly hasEndpoint?: boolean;
}

/** Two brokers: the metadata names the first as leader in epoch 4 until that one has refused, then the second in epoch 5. */
class World {
  readonly client: Client;
  /** Who was asked what, in order. */
  readonly asked: string[] = [];
  /** Brokers that the metadata tells of. */
  known = [1, 2];
  hint: Hint = { leaderId: 2, leaderEpoch: 5, hasEndpoint: true };
  #hasRefused = false;
  #isShared = false;

  constructor(simulation: Simulation) {
    const { clock, random, network, logger } = simulation.machine('own').runtime;
    const limits = { firstBackoffMs: 10_000, longestBackoffMs: 10_000 };
    this.client = new ClusterClient({
      brokers: [{ host: 'node-1', port: PORT }],
      runtime: { clock, random, network, logger },
      limits,
    });
  }

  async listen(simulation: Simulation): Promise<void> {
    for (const { nodeId, host } of NODES) {
      const peer = new ScriptedPeer(simulation.machine(host).network, PORT);
      peer.versions = VERSIONS;
      peer.script = (request) => this.#answer(nodeId, request);
      await peer.listen();
    }
  }

  #answer(nodeId: number, request: PeerRequest): void {
    if (this.#answerGroup(request)) return undefined;
    const api = [Produce, Fetch, Metadata, ShareFetch].find(({ key }) => key === request.apiKey);
    this.asked.push(`${api?.name} ${nodeId}`);
    if (api === Metadata) return request.connection.answer(Metadata, request, this.#metadata());
    const isLed = nodeId === 2;
    this.#hasRefused ||= !isLed;
    const { leaderId, leaderEpoch, hasEndpoint } = this.hint;
    const errorCode = isLed ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER;
    const currentLeader = isLed ? {} : { leaderId, leaderEpoch };
    const nodeEndpoints = isLed || hasEndpoint !== true ? [] : NODES.slice(1);
    if (api === Produce) {
      const partitionResponses = [{ index: 0, errorCode, baseOffset: isLed ? 7 : -1, recordErrors: [], currentLeader }];
      const responses = [{ name: 't', topicId: ID, partitionResponses }];
      return request.connection.answer(Produce, request, { responses, throttleTimeMs: 0, nodeEndpoints });
    }
    if (api === ShareFetch) {
      const leader = isLed ? { leaderId: -1, leaderEpoch: -1 } : { leaderId, leaderEpoch };
      const answer = shared({ errorCode, currentLeader: leader, isRead: this.#isShared, nodeEndpoints });
      if (isLed) this.#isShared = true;
      return request.connection.answer(ShareFetch, request, answer);
    }
    return request.connection.answer(
      Fetch,
      request,
      this.#fetched(request, { errorCode, currentLeader, nodeEndpoints }),
    );
  }

  /** The group of a share consumer: the partition is its one member's. Whether it was a request of that kind. */
  #answerGroup(request: PeerRequest): boolean {
    const { connection, apiKey } = request;
    const none = { throttleTimeMs: 0, errorCode: 0 };
    if (apiKey === FindCoordinator.key) {
      const coordinator = { key: 'group', nodeId: 1, host: 'node-1', port: PORT, errorCode: 0, errorMessage: null };
      connection.answer(FindCoordinator, request, { throttleTimeMs: 0, coordinators: [coordinator] });
    } else if (apiKey === ShareGroupHeartbeat.key) {
      const assignment = { topicPartitions: [{ topicId: ID, partitions: [0] }] };
      const member = { memberId: 'member', memberEpoch: 1, heartbeatIntervalMs: 60_000 };
      connection.answer(ShareGroupHeartbeat, request, { ...none, ...member, assignment });
    } else if (apiKey === ShareAcknowledge.key) {
      const times = { acquisitionLockTimeoutMs: 30_000, responses: [], nodeEndpoints: [] };
      connection.answer(ShareAcknowledge, request, { ...none, ...times });
    } else return false;
    return true;
  }

  #metadata(): object {
    const leader = this.#hasRefused ? { leaderId: 2, leaderEpoch: 5 } : { leaderId: 1, leaderEpoch: 4 };
    const replicas = { replicaNodes: [1, 2], isrNodes: [1, 2], offlineReplicas: [] };
    const partitions = [{ errorCode: 0, partitionIndex: 0, ...leader, ...replicas }];
    return {
      throttleTimeMs: 0,
      brokers: NODES.filter(({ nodeId }) => this.known.includes(nodeId)),
      controllerId: 1,
      topics: [{ errorCode: 0, name: 't', topicId: ID, partitions }],
    };
  }

  #fetched(request: PeerRequest, said: { errorCode: number; currentLeader: object; nodeEndpoints: object[] }): object {
    const { topics } = codecOf(Fetch.request, request.version).decode(request.reader);
    const isRead = said.errorCode !== Errors.NONE || topics[0]?.partitions[0]?.fetchOffset !== 3;
    const records = isRead
      ? null
      : Buffer.from(buildBatch([{ key: null, value: Buffer.from('found'), timestamp: 1 }], { baseOffset: 3 }));
    const partition = {
      partitionIndex: 0,
      errorCode: said.errorCode,
      highWatermark: 4,
      abortedTransactions: null,
      records,
      currentLeader: said.currentLeader,
    };
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      responses: [{ topic: 't', topicId: ID, partitions: [partition] }],
      nodeEndpoints: said.nodeEndpoints,
    };
  }
}

interface SharedAnswer {
  readonly errorCode: number;
  readonly currentLeader: object;
  readonly isRead: boolean;
  readonly nodeEndpoints: readonly object[];
}

/** One record, which is handed out once. */
function shared({ errorCode, currentLeader, isRead, nodeEndpoints }: SharedAnswer): object {
  const isEmpty = isRead || errorCode !== Errors.NONE;
  const batch = buildBatch([{ key: null, value: Buffer.from('found'), timestamp: 1 }], { baseOffset: 3 });
  const partition = {
    partitionIndex: 0,
    errorCode,
    acknowledgeErrorCode: 0,
    currentLeader,
    records: isEmpty ? Buffer.alloc(0) : Buffer.from(batch),
    acquiredRecords: isEmpty ? [] : [{ firstOffset: 3, lastOffset: 3, deliveryCount: 1 }],
  };
  const responses = [{ topicId: ID, partitions: [partition] }];
  return { throttleTimeMs: 0, errorCode: 0, acquisitionLockTimeoutMs: 30_000, responses, nodeEndpoints };
}

function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  return simulate({ seed: 951, nextTurn }, async (simulation) => {
    const world = new World(simulation);
    await world.listen(simulation);
    await body(world);
    await world.client.close();
  });
}

async function produced(world: World): Promise<void> {
  const producer = world.client.producer({ idempotent: false, acks: 1 });
  const { offset } = await producer.send('t', { value: 'one', partition: 0 });
  expect(offset).to.equal(7);
  await producer.close();
}

async function read(world: World): Promise<void> {
  const consumer = world.client.consumer({ maxWaitMs: 50 });
  consumer.assign([{ topic: 't', partition: 0, offset: 3 }]);
  const records: unknown[] = [];
  while (records.length === 0) records.push(...(await consumer.poll(1000)).map(({ value }) => String(value)));
  expect(records).to.deep.equal(['found']);
  await consumer.close();
}

describe('A leader that another broker names', () => {
  it('is where a producer sends the batch at once', () =>
    inWorld(async (world) => {
      const startMs = world.client.clock.monotonicMs();
      await produced(world);
      expect(world.asked).to.deep.equal(['Metadata 1', 'Produce 1', 'Produce 2']);
      // A pause before another try takes ten seconds here.
      expect(world.client.clock.monotonicMs() - startMs).to.be.lessThan(8000);
    }));

  it('may be a broker that nobody has heard of, when its address comes with it', () =>
    inWorld(async (world) => {
      world.known = [1];
      await produced(world);
      expect(world.asked).to.deep.equal(['Metadata 1', 'Produce 1', 'Produce 2']);
    }));

  it('is where a consumer goes on reading', () =>
    inWorld(async (world) => {
      await read(world);
      expect(world.asked.slice(0, 3)).to.deep.equal(['Metadata 1', 'Fetch 1', 'Fetch 2']);
      expect(world.asked.filter((one) => one.startsWith('Metadata'))).to.have.length(1);
    }));

  it('is where a member of a share group goes on', () =>
    inWorld(async (world) => {
      const consumer = world.client.shareConsumer({ group: 'group', topics: ['t'], maxWaitMs: 50 });
      const records: unknown[] = [];
      while (records.length === 0) records.push(...(await consumer.poll(1000)).map(({ value }) => String(value)));
      expect(records).to.deep.equal(['found']);
      await consumer.close();
      const fetches = world.asked.filter((one) => one.startsWith('ShareFetch'));
      expect(fetches.slice(0, 2)).to.deep.equal(['ShareFetch 1', 'ShareFetch 2']);
      const behind = world.asked.slice(world.asked.indexOf('ShareFetch 1'));
      expect(behind.filter((one) => one.startsWith('Metadata'))).to.deep.equal([]);
    }));

  const doubtful: [string, Hint, number[]][] = [
    ['in an older epoch', { leaderId: 2, leaderEpoch: 3, hasEndpoint: true }, [1, 2]],
    ['that is the broker that was asked', { leaderId: 1, leaderEpoch: 9, hasEndpoint: true }, [1, 2]],
    ['whom nobody can reach', { leaderId: 2, leaderEpoch: 5 }, [1]],
    ['by no name', { leaderId: -1, leaderEpoch: -1 }, [1, 2]],
  ];
  for (const [what, hint, known] of doubtful) {
    it(`${what} is not believed: the metadata is asked`, () =>
      inWorld(async (world) => {
        world.hint = hint;
        world.known = known;
        const done = produced(world);
        // Later on the metadata tells of both.
        if (known.length === 1) void world.client.clock.schedule(5000, () => (world.known = [1, 2]));
        await done;
        expect(world.asked.filter((one) => one.startsWith('Metadata')).length).to.be.greaterThan(1);
        expect(world.asked.at(-1)).to.equal('Produce 2');
      }));
  }
});
