// Configs of replication: another broker leads, and notes how this one fetches from it; or it follows, and is seen to be fetched
// from.
import { apiVersions } from '../../../../src/api-handlers/18-api-versions.ts';
import type { Handler } from '../../../../src/api-handlers/handler.ts';
import { Fetch, type FetchRequest, type FetchResponse } from '../../../../src/protocol/messages/01-fetch.ts';
import { silentLogger } from '../../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../../src/runtime/node/index.ts';
import { NodeConnection } from '../../../simulation/replication/node-server.ts';
import { addSilentBroker, createFollowed, PATIENT, propose } from './cluster-probes.ts';
import { BROKER, type ProbedBroker, TOPIC } from './probed-broker.ts';
import type { Probes } from './probe.ts';

/** By then every client has come. */
const MANY_REQUESTS = 60;
/** One for each topic, as the second one does not wait for the first. */
const UNANSWERED = 2;
const QUIET = { 'broker.session.timeout.ms': '2000000', ...PATIENT };

/** What is asked of a leader that has nothing; `isMute`: that never answers. */
class NotedLeader {
  readonly fetches: FetchRequest[] = [];
  readonly clientIds = new Set<string | null>();
  readonly #isMute: boolean;
  #seen: () => void = () => undefined;
  close: () => Promise<void> = async () => undefined;

  constructor(isMute: boolean) {
    this.#isMute = isMute;
  }

  async listen(): Promise<number> {
    const features = () => ({ supported: [], finalized: new Map<string, number>(), epoch: -1 });
    const fetch = {
      api: Fetch,
      handle: (request: FetchRequest, { clientId }: { clientId: string | null }) => this.#fetched(request, clientId),
    };
    const handlers = [apiVersions(() => [1, 18], features), fetch] as unknown as Handler[];
    const { network } = nodeRuntime({ logger: silentLogger });
    const accept = (connection: ConstructorParameters<typeof NodeConnection>[0]) =>
      new NodeConnection(connection, handlers);
    const listener = await network.listen({ host: '127.0.0.1', port: 0 }, accept);
    this.close = () => listener.close();
    return listener.port;
  }

  #fetched(request: FetchRequest, clientId: string | null): Promise<FetchResponse> {
    this.fetches.push(request);
    this.clientIds.add(clientId);
    this.#seen();
    // Whoever is answered at once asks again at once.
    return new Promise((resolve) => {
      if (!this.#isMute) setTimeout(() => resolve({ errorCode: 0, sessionId: 1, responses: [] }), 5);
    });
  }

  /** Resolves when so many clients have come, or so many requests. */
  async untilClients(clients: number, requests: number): Promise<void> {
    while (this.clientIds.size < clients && this.fetches.length < requests) {
      await new Promise<void>((resolve) => (this.#seen = resolve));
    }
  }
}

/** What this broker asks of the other, which leads two partitions. */
const asLeader =
  (look: (leader: NotedLeader, broker: ProbedBroker) => unknown, isMute = false) =>
  async (broker: ProbedBroker): Promise<unknown> => {
    const leader = new NotedLeader(isMute);
    await addSilentBroker(broker, { port: await leader.listen() });
    await createFollowed(broker, 'a', [2, 1]);
    await createFollowed(broker, 'b', [2, 1]);
    try {
      await leader.untilClients(1, 1);
      return await look(leader, broker);
    } finally {
      await leader.close();
    }
  };
const firstFetch = (look: (request: FetchRequest) => unknown) =>
  asLeader(({ fetches }) => look(fetches[0] as FetchRequest));

/** A fetch of the silent broker, or of a consumer. */
async function fetchAs(broker: ProbedBroker, replicaId: number, topic: string, rackId = '') {
  const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 };
  const request = { replicaId, maxWaitMs: 0, minBytes: 1, topics: [{ topic, partitions: [partition] }], rackId };
  const { responses } = await broker.client.ask(Fetch, 11, { ...request, forgottenTopicsData: [] });
  return responses[0]?.partitions[0];
}

async function inSyncAfter(broker: ProbedBroker, ms: number): Promise<number | undefined> {
  await addSilentBroker(broker);
  await createFollowed(broker, 'followed');
  await broker.pass(ms);
  return broker.node.image.topics.byName.get('followed')?.partitions[0]?.isr.length;
}

async function readReplica(broker: ProbedBroker): Promise<number | undefined> {
  await addSilentBroker(broker, { rack: 'near' });
  await createFollowed(broker, 'followed');
  await fetchAs(broker, 2, 'followed');
  return (await fetchAs(broker, -1, 'followed', 'near'))?.preferredReadReplica;
}

/** Whether a throttled follower that has had five times the rate is given more, after `ms`. */
const isGivenMore = (ms: number) => async (broker: ProbedBroker) => {
  await addSilentBroker(broker);
  await createFollowed(broker, 'followed');
  await propose(broker, 'followed', [1, broker.node.image.cluster.brokers.get(1)?.epoch ?? -1], [1]);
  await broker.set(TOPIC, 'followed', { 'leader.replication.throttled.replicas': '*' });
  await broker.set(BROKER, '1', { 'leader.replication.throttled.rate': '1000' });
  await broker.produce('followed', [{ value: Buffer.alloc(5000) }]);
  await fetchAs(broker, 2, 'followed');
  await broker.pass(ms);
  return ((await fetchAs(broker, 2, 'followed'))?.records?.length ?? 0) > 0;
};

export const replicationProbes: Probes = {
  'replica.fetch.min.bytes': { values: [undefined, '7'], sees: [1, 7], look: firstFetch(({ minBytes }) => minBytes) },
  'replica.fetch.wait.max.ms': {
    values: [undefined, '70'],
    sees: [500, 70],
    look: firstFetch(({ maxWaitMs }) => maxWaitMs),
  },
  'replica.fetch.max.bytes': {
    values: [undefined, '7000'],
    sees: [1_048_576, 7000],
    look: firstFetch(({ topics }) => topics[0]?.partitions[0]?.partitionMaxBytes),
  },
  'replica.fetch.response.max.bytes': {
    values: [undefined, '70000'],
    sees: [10_485_760, 70_000],
    look: firstFetch(({ maxBytes }) => maxBytes),
  },
  'num.replica.fetchers': {
    values: [undefined, '2'],
    sees: [1, 2],
    look: asLeader(async (leader) => {
      await leader.untilClients(2, MANY_REQUESTS);
      return leader.clientIds.size;
    }),
  },
  'replica.socket.timeout.ms': {
    values: [undefined, '1000'],
    sees: [false, true],
    look: asLeader(async (leader, broker) => {
      await broker.pass(1100);
      for (let turn = 0; turn < 20 && leader.fetches.length <= UNANSWERED; turn++) await broker.wait(100);
      return leader.fetches.length > UNANSWERED;
    }, true),
    beside: QUIET,
  },
  'replica.lag.time.max.ms': {
    values: [undefined, '5000'],
    sees: [2, 1],
    look: (broker) => inSyncAfter(broker, 10_000),
    beside: QUIET,
  },
  'replica.selector.class': {
    values: [undefined, 'org.apache.kafka.common.replica.RackAwareReplicaSelector'],
    sees: [-1, 2],
    look: readReplica,
  },
  'replication.quota.window.num': {
    values: [undefined, '1'],
    sees: [false, true],
    look: isGivenMore(3000),
    beside: QUIET,
  },
  'replication.quota.window.size.seconds': {
    values: [undefined, '10'],
    sees: [false, true],
    look: isGivenMore(0),
    beside: QUIET,
  },
};
