// Records that cannot be decoded go on to a topic of their own, as they are, with headers that tell where they come from and what was
// wrong: those of Kafka Connect's dead letter queue (DeadLetterQueueReporter), which tools know.
import type { ClusterClient } from '../connections/cluster-client.ts';
import { Producer } from '../producer/producer.ts';
import type { RawRecord } from './consumed-record.ts';

const PREFIX = '__connect.errors.';

export class DeadLetterTopic {
  readonly #topic: string;
  readonly #client: ClusterClient;
  readonly #name: string;
  #producer: Producer | undefined;

  /** `name`: of the consumer's group or client, told as the connector's. */
  constructor(client: ClusterClient, topic: string, name: string) {
    this.#client = client;
    this.#topic = topic;
    this.#name = name;
  }

  /** Rejects with ClientError when the record could not be delivered. */
  async write(record: RawRecord, error: unknown, stage: 'key' | 'value'): Promise<void> {
    this.#producer ??= new Producer({ client: this.#client });
    const { key, value, headers } = record;
    await this.#producer.send(this.#topic, { key, value, headers: [...headers, ...this.#told(record, error, stage)] });
  }

  async close(): Promise<void> {
    await this.#producer?.close();
  }

  #told({ topic, partition, offset }: RawRecord, error: unknown, stage: 'key' | 'value') {
    const cause = error instanceof Error ? error : new Error(String(error));
    const facts: Record<string, string> = {
      topic,
      partition: String(partition),
      offset: String(offset),
      'connector.name': this.#name,
      'task.id': '0',
      stage: stage === 'key' ? 'KEY_CONVERTER' : 'VALUE_CONVERTER',
      'class.name': 'ottla.client.Consumer',
      'exception.class.name': cause.name,
      'exception.message': cause.message,
      'exception.stacktrace': cause.stack ?? '',
    };
    return Object.entries(facts).map(([name, text]) => ({ key: `${PREFIX}${name}`, value: Buffer.from(text) }));
  }
}
