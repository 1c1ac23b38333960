// The registry's memory: what the topic says, followed record by record, and a way to add to it. A write is there when it has been
// read again, so that nobody is told of what the topic does not have. Confluent's KafkaStore and KafkaStoreReaderThread.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { Logger } from '../../runtime/index.ts';
import { storeFailed, timedOut, tooLarge } from '../schemas/registry-error.ts';
import { keyText, type RegistryKey } from '../records/keys.ts';
import type { Kernel } from './kernel.ts';
import { isGone, PartitionLog } from './partition-log.ts';
import { RegistryState } from './registry-state.ts';
import { ensureTopic } from './schemas-topic.ts';

export interface RegistryStoreOptions {
  readonly client: Kernel;
  readonly topic: string;
  readonly replicationFactor: number;
  /** How long a write may take until it has been read again. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

interface Waiting {
  readonly offset: number;
  resolve(): void;
  reject(error: unknown): void;
}

const MAX_WAIT_MS = 500;
const NOOP: RegistryKey = { keytype: 'NOOP' };

export class RegistryStore {
  readonly #options: RegistryStoreOptions;
  readonly #client: Kernel;
  readonly #reader: PartitionLog;
  readonly #writer: PartitionLog;
  #state = new RegistryState();
  #nextOffset = 0;
  /** Of our last write; -1: somebody else may have written since. */
  #lastWritten = -1;
  #waiting: Waiting[] = [];
  /** Goes up when the topic turns out to be another one: whoever has decided on the old one must not write. */
  #epoch = 0;
  #taskEpoch = 0;
  #isClosed = false;
  #following: Promise<void> | undefined;
  /** One write after the other: each decides on what the one before has left. */
  #lastTask: Promise<unknown> = Promise.resolve();

  constructor(options: RegistryStoreOptions) {
    this.#options = options;
    this.#client = options.client.apart();
    this.#reader = new PartitionLog(this.#client.apart(), options.topic, 0);
    this.#writer = new PartitionLog(this.#client, options.topic, 0);
  }

  get state(): RegistryState {
    return this.#state;
  }
  get client(): Kernel {
    return this.#client;
  }

  /** Resolves when all that the topic had has been read. Rejects with SchemasTopicError or KafkaError. */
  async open(): Promise<void> {
    await ensureTopic({ ...this.#options, client: this.#client });
    const end = await this.#writer.bound('latest');
    this.#nextOffset = await this.#writer.bound('earliest');
    this.#following = this.#follow();
    await this.#reached(end - 1, this.#client.deadlineIn(this.#client.limits.apiTimeoutMs));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rejectAll(storeFailed('The registry is closed'));
    await this.#client.close();
    await this.#following;
  }

  /** Somebody else may have written: the next task reads up to the end first. */
  doubt(): void {
    this.#lastWritten = -1;
  }

  /** Runs one after the other, each on what the topic says by then. Rejects with what the task does, or RegistryError 50001, 50002. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#lastTask.then(async () => {
      this.#taskEpoch = this.#epoch;
      if (this.#lastWritten < 0) await this.catchUp();
      return task();
    });
    this.#lastTask = run.catch(() => undefined);
    return run;
  }

  /** Writes a record that says nothing, and reads up to it. Rejects with RegistryError. */
  async catchUp(): Promise<void> {
    await this.#append(keyText(NOOP), null);
  }

  /** Resolves when the record has been read again. Within a task. Rejects with RegistryError 50001, 50002, 42209. */
  async put(key: RegistryKey, value: string | null): Promise<void> {
    // Compaction would keep what stands under other bytes of the same key, and bring it back.
    for (const form of this.#state.otherFormsOf(key)) await this.#append(form, null);
    await this.#append(keyText(key), value);
  }

  async #append(key: string, value: string | null): Promise<void> {
    const deadlineMs = this.#client.deadlineIn(this.#options.timeoutMs);
    if (this.#taskEpoch !== this.#epoch)
      throw storeFailed('The topic of the registry was made anew meanwhile: try again');
    try {
      const bytes = value === null ? null : Buffer.from(value);
      const offset = await this.#client.retrying(deadlineMs, () =>
        this.#writer.append(Buffer.from(key), bytes, deadlineMs),
      );
      this.#lastWritten = offset;
      await this.#reached(offset, deadlineMs);
    } catch (error) {
      this.#lastWritten = -1;
      throw asRegistryError(error);
    }
  }

  /** Resolves when the record at `offset` has been read. */
  #reached(offset: number, deadlineMs: number): Promise<void> {
    if (this.#nextOffset > offset) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(storeFailed('The registry is closed'));
    return new Promise((resolve, reject) => {
      const restMs = Math.max(0, deadlineMs - this.#client.clock.monotonicMs());
      const timer = this.#client.clock.schedule(restMs, () =>
        waiting.reject(timedOut('Reading the topic took too long')),
      );
      const end = (): void => {
        timer.cancel();
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
      };
      const waiting: Waiting = {
        offset,
        resolve: () => (end(), resolve()),
        reject: (error) => (end(), reject(error as Error)),
      };
      this.#waiting.push(waiting);
    });
  }

  #rejectAll(error: unknown): void {
    this.#waiting.slice().forEach((waiting) => waiting.reject(error));
  }

  async #follow(): Promise<void> {
    for (let failures = 0; !this.#isClosed; ) {
      try {
        await this.#readOn();
        failures = 0;
      } catch (error) {
        if (this.#isClosed) return;
        await this.#recover(error, failures === 0);
        await this.#client.pause(++failures);
      }
    }
  }

  async #readOn(): Promise<void> {
    const { records, nextOffset } = await this.#reader.read(this.#nextOffset, MAX_WAIT_MS);
    for (const { offset, timestampMs, key, value } of records) {
      const text = { key: textOf(key) ?? '', value: textOf(value) };
      const fault = this.#state.apply({ offset, timestampMs, ...text });
      if (fault !== undefined) this.#options.logger.log('warn', `A record is left out: ${fault}`, { offset });
    }
    this.#nextOffset = nextOffset;
    for (const waiting of this.#waiting.filter(({ offset }) => offset < nextOffset)) waiting.resolve();
  }

  /** Of a row of failures the first one is told of. */
  async #recover(error: unknown, isFirst: boolean): Promise<void> {
    const { logger, topic } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    const isCut = error instanceof KafkaError && error.code === Errors.OFFSET_OUT_OF_RANGE;
    if (!isCut && !isGone(error)) {
      if (isFirst) logger.log('warn', 'The registry cannot read its topic, and tries again', { topic, error: message });
      return;
    }
    try {
      const earliest = isCut ? await this.#writer.bound('earliest') : 0;
      // Compaction does not move the start: records before it have been deleted.
      if (isCut && earliest > this.#nextOffset)
        logger.log('error', 'Records of the topic were deleted unread', { topic });
      else logger.log('error', 'The topic of the registry is another one now: what it says counts', { topic });
      if (!isCut) await ensureTopic({ ...this.#options, client: this.#client });
      for (const log of [this.#reader, this.#writer]) log.forget();
      this.#state = new RegistryState();
      this.#epoch++;
      this.#nextOffset = earliest;
      this.#lastWritten = -1;
    } catch (failure) {
      if (isFirst)
        logger.log('warn', 'The registry cannot find its topic, and tries again', { topic, error: String(failure) });
    }
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

function asRegistryError(error: unknown): unknown {
  if (!(error instanceof KafkaError)) return error;
  if (error.code === Errors.MESSAGE_TOO_LARGE || error.code === Errors.RECORD_LIST_TOO_LARGE) return tooLarge();
  if (error.code === Errors.REQUEST_TIMED_OUT) return timedOut(`Write to the Kafka store timed out: ${error.message}`);
  return storeFailed(`Error while writing to the Kafka store: ${error.message}`);
}
