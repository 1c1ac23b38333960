// kafka-verifiable-consumer: reads a topic as a member of a group, and tells each step as an event
// (org.apache.kafka.tools.VerifiableConsumer).
import { ClientError, type ConsumedRecord, Consumer, type Deserializer, type Place } from '../../client/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { clientConfig, type Properties } from './client-config.ts';
import type { ArgparseValues } from './options/argparse.ts';
import { tool } from './run-tool.ts';
import { CONSUMER_PARSER } from './verifiable-arguments.ts';
import { byPartition, tellEvent } from './verifiable-events.ts';
import { enumConstant, invalidConfig, verifiableCall } from './verifiable-options.ts';

const POLL_MS = 1000;

const TEXT: Deserializer<string | null> = {
  deserialize: (bytes) => (bytes === null ? null : Buffer.from(bytes).toString()),
};

export const verifiableConsumer = tool(async (args, io) => {
  const { values, properties } = verifiableCall(io, CONSUMER_PARSER, args, '--consumer.config');
  await new Run(io, values, consumerSettings(values, properties)).run();
});

/** Kafka's keys: what the command line says wins over the file. Throws JavaError. */
function consumerSettings(values: ArgparseValues, properties: Properties): Properties {
  const protocol = enumConstant(
    'org.apache.kafka.clients.consumer.GroupProtocol',
    ['classic', 'consumer'],
    values.get('groupProtocol') as string,
  );
  const resetPolicy = values.get('resetPolicy') as string;
  if (!['earliest', 'latest', 'none'].includes(resetPolicy)) {
    const why = `Invalid value \`${resetPolicy}\` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.`;
    throw invalidConfig('auto.offset.reset', resetPolicy, why);
  }
  const given = (key: string, dest: string): Record<string, string> => {
    const value = values.get(dest) as string | number | undefined;
    return value === undefined ? {} : { [key]: String(value) };
  };
  return {
    ...properties,
    'group.protocol': protocol,
    ...(protocol === 'consumer'
      ? given('group.remote.assignor', 'groupRemoteAssignor')
      : {
          ...given('partition.assignment.strategy', 'assignmentStrategy'),
          ...given('session.timeout.ms', 'sessionTimeout'),
        }),
    ...given('group.instance.id', 'groupInstanceId'),
    'auto.offset.reset': resetPolicy,
  };
}

class Run {
  readonly #io: ToolIo;
  readonly #values: ArgparseValues;
  readonly #most: number;
  readonly #properties: Properties;
  #consumed = 0;

  constructor(io: ToolIo, values: ArgparseValues, properties: Properties) {
    this.#io = io;
    this.#values = values;
    this.#properties = properties;
    const given = values.get('maxMessages') as number;
    this.#most = given < 0 ? Infinity : given;
  }

  async run(): Promise<void> {
    const consumer = this.#consumer();
    tellEvent(this.#io, 'startup_complete');
    try {
      while (this.#consumed < this.#most && !this.#io.signal.aborted) {
        const records = await consumer.poll(POLL_MS);
        if (records.length === 0) continue;
        const offsets = this.#take(records);
        if (this.#values.get('useAutoCommit') !== true) await this.#commit(consumer, offsets);
      }
    } finally {
      await consumer.close();
      tellEvent(this.#io, 'shutdown_complete');
    }
  }

  #consumer(): Consumer<string | null, string | null> {
    const values = this.#values;
    const tell = (name: string) => (places: readonly Place[]) => {
      const partitions = places.map(({ topic, partition }) => ({ topic, partition }));
      tellEvent(this.#io, name, { partitions });
    };
    return new Consumer({
      ...clientConfig(this.#io, values.get('bootstrapServer') as string, this.#properties),
      group: values.get('groupId') as string,
      topics: [values.get('topic') as string],
      autoCommit: values.get('useAutoCommit') === true,
      onAssigned: tell('partitions_assigned'),
      onRevoked: tell('partitions_revoked'),
      deserializers: { key: TEXT, value: TEXT },
    });
  }

  /** Where each partition is to go on. */
  #take(records: readonly ConsumedRecord<string | null, string | null>[]): (Place & { readonly offset: number })[] {
    const offsets: (Place & { readonly offset: number })[] = [];
    const partitions: object[] = [];
    for (const group of byPartition(records)) {
      const wanted = group.slice(0, this.#most - this.#consumed);
      const [first, last] = [wanted[0], wanted.at(-1)];
      if (first === undefined || last === undefined) continue;
      const { topic, partition } = first;
      offsets.push({ topic, partition, offset: last.offset + 1 });
      partitions.push({ topic, partition, count: wanted.length, minOffset: first.offset, maxOffset: last.offset });
      if (this.#values.get('verbose') === true) for (const record of wanted) this.#tellRecord(record);
      this.#consumed += wanted.length;
    }
    tellEvent(this.#io, 'records_consumed', { count: records.length, partitions });
    return offsets;
  }

  #tellRecord({ topic, partition, offset, key, value }: ConsumedRecord<string | null, string | null>): void {
    tellEvent(this.#io, 'record_data', { key, value, topic, partition, offset });
  }

  async #commit(
    consumer: Consumer<string | null, string | null>,
    offsets: readonly (Place & { readonly offset: number })[],
  ): Promise<void> {
    try {
      await consumer.commit(offsets);
      tellEvent(this.#io, 'offsets_committed', { offsets, success: true });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      tellEvent(this.#io, 'offsets_committed', { offsets, error: error.message, success: false });
    }
  }
}
