// kafka-verifiable-share-consumer: reads a topic as a member of a share group, and tells each step as an event
// (org.apache.kafka.tools.VerifiableShareConsumer).
import { type AcknowledgedPartition, Admin, ShareConsumer, type ShareRecord, valueOf } from '../../client/index.ts';
import { complain, type ToolIo } from '../tool-io.ts';
import { clientConfig, type Properties } from './client-config.ts';
import { thrownText } from './java-error.ts';
import { logError } from './log-line.ts';
import type { ArgparseValues } from './options/argparse.ts';
import { tool } from './run-tool.ts';
import { SHARE_CONSUMER_PARSER } from './verifiable-arguments.ts';
import { byPartition, tellEvent } from './verifiable-events.ts';
import { enumConstant, verifiableCall } from './verifiable-options.ts';

type BytesRecord = ShareRecord<Uint8Array | null, Uint8Array | null>;

const LOGGER = 'org.apache.kafka.tools.VerifiableShareConsumer';
const MODES = 'org.apache.kafka.tools.VerifiableShareConsumer.AcknowledgementMode';
const POLL_MS = 5000;

export const verifiableShareConsumer = tool(async (args, io) => {
  const { values, properties } = verifiableCall(io, SHARE_CONSUMER_PARSER, args);
  enumConstant(MODES, ['auto', 'sync', 'async'], values.get('acknowledgementMode') as string);
  await new Run(io, values, properties).run();
});

class Run {
  readonly #io: ToolIo;
  readonly #values: ArgparseValues;
  readonly #properties: Properties;
  readonly #most: number;
  /** Of each partition what was handed out and is not acknowledged yet. */
  readonly #given = new Map<string, number[]>();
  #acknowledged = 0;

  constructor(io: ToolIo, values: ArgparseValues, properties: Properties) {
    this.#io = io;
    this.#values = values;
    this.#properties = properties;
    const most = values.get('maxMessages') as number;
    this.#most = most < 0 ? Number.POSITIVE_INFINITY : most;
  }

  async run(): Promise<void> {
    const io = this.#io;
    tellEvent(io, 'startup_complete');
    const consumer = this.#consumer();
    try {
      await this.#setStrategy();
      while (this.#acknowledged < this.#most && !io.signal.aborted) {
        const records = await consumer.poll(POLL_MS);
        if (records.length === 0) continue;
        this.#tell(records);
        // In every mode the next question, or this one, says that all of them are accepted.
        await consumer.commit();
      }
    } catch (error) {
      logError(io, LOGGER, 'Error during processing, terminating share consumer process: ');
      complain(io, thrownText(error));
    } finally {
      await consumer.close();
      tellEvent(io, 'shutdown_complete');
    }
  }

  get #config() {
    return clientConfig(this.#io, this.#values.get('bootstrapServer') as string, this.#properties);
  }

  #consumer(): ShareConsumer {
    return new ShareConsumer({
      ...this.#config,
      group: this.#values.get('groupId') as string,
      topics: [this.#values.get('topic') as string],
      onAcknowledged: (outcomes) => outcomes.forEach((outcome) => this.#told(outcome)),
    });
  }

  /** Rejects with ClientError. */
  async #setStrategy(): Promise<void> {
    const offsetResetStrategy = this.#values.get('offsetResetStrategy') as string;
    if (offsetResetStrategy === '') return;
    await using admin = new Admin(this.#config);
    const change = { name: 'share.auto.offset.reset', operation: 'SET', value: offsetResetStrategy } as const;
    const name = this.#values.get('groupId') as string;
    const [outcome] = await admin.incrementalAlterConfigs([{ type: 'GROUP', name, changes: [change] }]);
    if (outcome !== undefined) valueOf(outcome.result);
    tellEvent(this.#io, 'offset_reset_strategy_set', { offsetResetStrategy });
  }

  #tell(records: readonly BytesRecord[]): void {
    const partitions = byPartition(records).map((group) => {
      const { topic, partition } = group[0] as BytesRecord;
      const offsets = group.map(({ offset }) => offset);
      this.#given.set(`${topic}-${partition}`, offsets);
      return { topic, partition, count: group.length, offsets };
    });
    if (this.#values.get('verbose') === true) for (const record of records) this.#tellRecord(record);
    tellEvent(this.#io, 'records_consumed', { count: records.length, partitions });
  }

  #tellRecord({ key, value, topic, partition, offset }: BytesRecord): void {
    const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());
    tellEvent(this.#io, 'record_data', { key: text(key), value: text(value), topic, partition, offset });
  }

  #told({ topic, partition, records, error }: AcknowledgedPartition): void {
    const offsets = this.#given.get(`${topic}-${partition}`) ?? [];
    this.#given.delete(`${topic}-${partition}`);
    if (error === undefined) this.#acknowledged += records;
    const partitions = [{ topic, partition, count: records, offsets }];
    const outcome = error === undefined ? { success: true } : { success: false, error: error.message };
    tellEvent(this.#io, 'offsets_acknowledged', { count: records, partitions, ...outcome });
  }
}
