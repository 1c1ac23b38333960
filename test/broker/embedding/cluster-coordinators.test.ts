// Groups and transactions on three nodes, by kafkajs over real sockets, while their coordinators move, nodes are killed and start
// again, and all are restarted one after the other. What was answered as committed is there, once; what was aborted is not; no
// offset goes back.
import { expect } from 'chai';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { type Cluster, startCluster } from '../../../src/index.ts';
import { partitionForId } from '../../../src/protocol/index.ts';

const TOPIC = 'out';
const INPUT = 'in';
const PARTITIONS = 2;
const COORDINATOR_PARTITIONS = 2;
const GROUP = 'group';
/** A consumer of kafkajs sleeps so long for each node that leads none of its partitions, also when it is to end. */
const SLEEP_MS = 100;

type Fate = 'committed' | 'aborted' | 'unknown';

const clientOf = (cluster: Cluster): Kafka =>
  new Kafka({
    brokers: cluster.bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 15 },
  });

/** Transactions one after the other, each of a record in every partition and an offset; it knows what it was told of each. */
class Transactions {
  readonly fates: Fate[] = [];
  readonly #kafka: Kafka;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  start(): void {
    this.#running = this.#run();
  }
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    // A commit is told before its markers are written; whoever takes the id over waits for them.
    const next = this.#producer();
    await next.connect();
    await (await next.transaction()).abort();
    await next.disconnect();
  }

  #producer(): Producer {
    return this.#kafka.producer({
      transactionalId: 'moving',
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: 20_000,
    });
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const producer = this.#producer();
      try {
        await producer.connect();
        while (!this.#isOver) await this.#one(producer);
      } catch {
        // The next incarnation takes over.
      }
      await producer.disconnect().catch(() => undefined);
    }
  }

  async #one(producer: Producer): Promise<void> {
    const number = this.fates.length;
    this.fates[number] = 'aborted';
    const transaction = await producer.transaction();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await transaction.send({ topic: TOPIC, messages: [{ partition, value: String(number) }] });
    }
    const offsets = [{ partition: 0, offset: String(number) }];
    await transaction.sendOffsets({ consumerGroupId: GROUP, topics: [{ topic: INPUT, partitions: offsets }] });
    if (number % 5 === 4) return transaction.abort();
    this.fates[number] = 'unknown';
    await transaction.commit();
    this.fates[number] = 'committed';
  }

  get committed(): number {
    return this.fates.filter((fate) => fate === 'committed').length;
  }
}

/** What a consumer of committed records finds in each partition. */
async function readAll(kafka: Kafka, groupId: string): Promise<string[][]> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map((await admin.fetchTopicOffsets(TOPIC)).map(({ partition, high }) => [partition, Number(high)]));
  await admin.disconnect();
  const found: string[][] = Array.from({ length: PARTITIONS }, () => []);
  const consumer = kafka.consumer({ groupId, readUncommitted: false, maxWaitTimeInMs: SLEEP_MS });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  const reached = new Set<number>();
  await new Promise<void>((resolve) => {
    consumer.on('consumer.end_batch_process', ({ payload }) => {
      // The last offset is that of a marker.
      if (Number(payload.lastOffset) >= (ends.get(payload.partition) ?? 0) - 2) reached.add(payload.partition);
      if (reached.size === PARTITIONS) resolve();
    });
    void consumer.run({
      eachMessage: async ({ partition, message }) => {
        found[partition]?.push(String(message.value));
      },
    });
  });
  await consumer.disconnect();
  return found;
}

async function committedOffset(kafka: Kafka): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const [topic] = await admin.fetchOffsets({ groupId: GROUP, topics: [INPUT] });
  await admin.disconnect();
  return Number(topic?.partitions.find(({ partition }) => partition === 0)?.offset ?? -1);
}

describe('Coordinators of a cluster', function () {
  this.timeout(180_000);
  let cluster: Cluster;
  let kafka: Kafka;

  beforeEach(async () => {
    cluster = await startCluster({
      nodes: 3,
      config: {
        'group.initial.rebalance.delay.ms': 0,
        'offsets.topic.num.partitions': COORDINATOR_PARTITIONS,
        'transaction.state.log.num.partitions': COORDINATOR_PARTITIONS,
        'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
        'min.insync.replicas': 2,
      },
      topics: { [TOPIC]: { partitions: PARTITIONS }, [INPUT]: { partitions: 1 } },
    });
    kafka = clientOf(cluster);
  });

  afterEach(() => cluster.close());

  const everywhere = async (topic: string, count: number): Promise<void> => {
    for (let partition = 0; partition < count; partition++) await cluster.awaitIsr(topic, partition, [1, 2, 3], 60_000);
  };

  /** Has `work` running while `trouble` happens, and looks at what came of it. */
  async function under(trouble: (transactions: Transactions) => Promise<void>): Promise<void> {
    const transactions = new Transactions(kafka);
    transactions.start();
    const more = async (count: number): Promise<void> => {
      const wanted = transactions.committed + count;
      while (transactions.committed < wanted) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await more(3);
    await trouble(transactions);
    await more(3);
    await transactions.stop();
    const { fates } = transactions;
    const seen = await readAll(kafka, 'reader');
    for (const values of seen) {
      const numbers = values.map(Number);
      expect(numbers, 'in order, each once').to.deep.equal([...new Set(numbers)].sort((one, other) => one - other));
      expect(numbers.filter((number) => fates[number] === 'aborted')).to.deep.equal([]);
      const missing = fates.flatMap((fate, number) =>
        fate === 'committed' && !numbers.includes(number) ? number : [],
      );
      expect(missing).to.deep.equal([]);
    }
    expect(seen[0], 'whole or not at all').to.deep.equal(seen[1]);
    expect(await committedOffset(kafka), 'the offset of the last that was committed').to.equal(Number(seen[0]?.at(-1)));
  }

  it('move while transactions go on', async () => {
    const coordinator = partitionForId('moving', COORDINATOR_PARTITIONS);
    await under(async (transactions) => {
      await everywhere('__transaction_state', COORDINATOR_PARTITIONS);
      for (let round = 0; round < 4; round++) {
        const before = transactions.committed;
        for (const [topic, index] of [
          ['__transaction_state', coordinator],
          ['__consumer_offsets', partitionForId(GROUP, COORDINATOR_PARTITIONS)],
          [TOPIC, round % PARTITIONS],
        ] as const) {
          const leader = cluster.leaderOf(topic, index) ?? 0;
          await cluster.moveLeader(topic, index, (leader % 3) + 1);
        }
        while (transactions.committed < before + 2) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
  });

  it('are found again when the node that they run on is killed', async () => {
    await under(async () => {
      await everywhere('__transaction_state', COORDINATOR_PARTITIONS);
      await everywhere('__consumer_offsets', COORDINATOR_PARTITIONS);
      for (const topic of ['__transaction_state', '__consumer_offsets']) {
        const id = topic === '__transaction_state' ? 'moving' : GROUP;
        const index = partitionForId(id, COORDINATOR_PARTITIONS);
        const victim = cluster.leaderOf(topic, index) ?? 1;
        await cluster.kill(victim);
        while (cluster.leaderOf(topic, index) === victim) await new Promise((resolve) => setTimeout(resolve, 20));
        await cluster.restart(victim);
        await everywhere(topic, COORDINATOR_PARTITIONS);
      }
    });
  });

  it('lose nothing when all nodes are restarted, one after the other, and members of a group go on', async () => {
    const consumer = kafka.consumer({
      groupId: 'members',
      sessionTimeout: 10_000,
      heartbeatInterval: 500,
      maxWaitTimeInMs: SLEEP_MS,
    });
    const consumed = new Set<string>();
    await under(async (transactions) => {
      await consumer.connect();
      await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => {
          consumed.add(String(message.value));
        },
      });
      for (const id of [1, 2, 3]) {
        await everywhere('__transaction_state', COORDINATOR_PARTITIONS);
        await everywhere('__consumer_offsets', COORDINATOR_PARTITIONS);
        await everywhere(TOPIC, PARTITIONS);
        await cluster.restart(id);
      }
      const last = transactions.fates.lastIndexOf('committed');
      while (!consumed.has(String(last))) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await consumer.disconnect();
  });
});
