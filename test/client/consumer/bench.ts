// A broker of our own with consumers on it, for the tests of this folder.
import { ClusterClient, type Consumer, type ConsumedRecord, type ConsumerOptions } from '../../../src/client/index.ts';
import { startBroker } from '../../../src/index.ts';
import { QUICK_MEMBERS } from '../../quick-members.ts';

export class Bench {
  readonly broker: Awaited<ReturnType<typeof startBroker>>;
  readonly client: ClusterClient;
  readonly #consumers: Consumer<never, never>[] = [];
  #made = 0;

  private constructor(broker: Awaited<ReturnType<typeof startBroker>>) {
    this.broker = broker;
    const limits = { firstBackoffMs: 5, longestBackoffMs: 50, apiTimeoutMs: 5000 };
    this.client = new ClusterClient({ brokers: broker.bootstrapServers, limits });
  }

  static async start(config: Record<string, string> = {}, options: { history?: true } = {}): Promise<Bench> {
    return new Bench(await startBroker({ port: 0, memory: true, config: { ...QUICK_MEMBERS, ...config }, ...options }));
  }

  async close(): Promise<void> {
    await this.closeConsumers();
    await this.client.close();
    await this.broker.close();
  }

  async closeConsumers(): Promise<void> {
    await Promise.all(this.#consumers.splice(0).map((consumer) => consumer.close({ timeoutMs: 2000 })));
  }

  /** A name that nobody has. */
  name(prefix = 'topic'): string {
    return `${prefix}-${this.#made++}`;
  }

  /** With `count` records of the values 0, 1, … in each of its partitions. */
  async topic(partitions = 1, count = 0): Promise<string> {
    const name = this.name();
    const admin = this.client.admin();
    await admin.createTopics([{ name, partitions, replicationFactor: 1 }]);
    for (let partition = 0; partition < partitions; partition++) await this.fill(name, partition, count);
    return name;
  }

  async fill(topic: string, partition: number, count: number, from = 0): Promise<void> {
    if (count === 0) return;
    const producer = this.client.producer();
    const records = Array.from({ length: count }, (_, index) => ({
      key: `k${index % 5}`,
      value: String(from + index),
      partition,
    }));
    await producer.send(topic, records);
    await producer.close();
  }

  consumer<K = Uint8Array | null, V = Uint8Array | null>(options: ConsumerOptions<K, V> = {}): Consumer<K, V> {
    const common = { autoOffsetReset: 'earliest', maxWaitMs: 50, heartbeatIntervalMs: 50 } as const;
    const consumer = this.client.consumer<K, V>({ ...common, ...options });
    this.#consumers.push(consumer as unknown as Consumer<never, never>);
    return consumer;
  }

  async committed(group: string, topic: string, partition = 0): Promise<number | undefined> {
    const consumer = this.client.consumer({ group });
    const [found] = await consumer.committed([{ topic, partition }]);
    await consumer.close();
    return found?.offset;
  }
}

export const text = (value: Uint8Array | null): string => Buffer.from(value ?? []).toString();

export const valuesOf = (records: readonly ConsumedRecord[]): string[] => records.map(({ value }) => text(value));

/** Polls until there are so many. */
export async function pollSome<K, V>(consumer: Consumer<K, V>, count: number): Promise<ConsumedRecord<K, V>[]> {
  const records: ConsumedRecord<K, V>[] = [];
  while (records.length < count) records.push(...(await consumer.poll(5000)));
  return records;
}

/** Looks until it is so; the test's own limit ends it otherwise. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
