// An idempotent producer that does not let go: five requests in flight, and what was not answered goes out again with
// the sequence numbers it had, on a new connection, for as long as it takes. What the kill loop drives.

import { buildBatch } from './wire/record-batch.ts';
import { WireConnection } from './wire/connection.ts';
import { initProducerId, produce } from './wire/requests.ts';

const IN_FLIGHT = 5;
const RECONNECT_MS = 10;
const DUPLICATE_SEQUENCE_NUMBER = 46;
/** Told to try again: LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION, timeouts and the like. */
const RETRIABLE = new Set([3, 5, 6, 7, 13, 14, 15, 16, 19, 20, 56]);

export interface ProducerTask {
  readonly bootstrap: string;
  readonly topic: string;
  readonly partition: number;
  readonly acks: number;
  readonly recordsPerBatch: number;
  readonly valueBytes: number;
}

interface Sent {
  readonly firstRecord: number;
  readonly bytes: Buffer;
}

/** Record n of partition p has the value `p:n:` and padding: gaps and duplicates show in the numbers alone. */
export class IdempotentProducer {
  /** Records below this number were acknowledged. */
  acknowledged = 0;
  /** Answers that said what an honest broker does not say. */
  readonly faults: string[] = [];
  readonly #task: ProducerTask;
  readonly #unanswered: Sent[] = [];
  #producerId = -1;
  #producerEpoch = -1;
  #nextRecord = 0;
  #isStopping = false;
  readonly #done: Promise<void>;

  constructor(task: ProducerTask) {
    this.#task = task;
    this.#done = this.#run();
  }

  /** Everything that was sent is acknowledged when this resolves. */
  stop(): Promise<void> {
    this.#isStopping = true;
    return this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping || this.#unanswered.length > 0) {
      try {
        const connection = await WireConnection.open(this.#task.bootstrap, 1_000);
        await this.#session(connection).finally(() => connection.close());
      } catch {
        // Nobody there, or gone in the middle: what a kill looks like from here.
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  }

  /** Until the connection breaks or there is nothing left to do. */
  async #session(connection: WireConnection): Promise<void> {
    if (this.#producerId < 0) {
      const given = await initProducerId(connection);
      if (given.errorCode !== 0) throw new Error(`InitProducerId ${given.errorCode}`);
      [this.#producerId, this.#producerEpoch] = [given.producerId, given.producerEpoch];
    }
    const answers = this.#unanswered.map((sent) => this.#send(connection, sent));
    while (answers.length > 0 || !this.#isStopping) {
      while (!this.#isStopping && answers.length < IN_FLIGHT) answers.push(this.#send(connection, this.#nextBatch()));
      const answer = answers.shift();
      if (answer === undefined) return;
      await answer.catch((error: unknown) => {
        // The others fail of the same cause; nobody else would hear them.
        for (const other of answers) other.catch(() => undefined);
        throw error;
      });
    }
  }

  #nextBatch(): Sent {
    const { recordsPerBatch, partition, valueBytes } = this.#task;
    const firstRecord = this.#nextRecord;
    this.#nextRecord += recordsPerBatch;
    const records = Array.from({ length: recordsPerBatch }, (_, i) => ({
      key: null,
      value: Buffer.from(`${partition}:${firstRecord + i}:`.padEnd(valueBytes, 'x')),
    }));
    const bytes = buildBatch({
      records,
      timestamp: Date.now(),
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: firstRecord,
    });
    const sent = { firstRecord, bytes };
    this.#unanswered.push(sent);
    return sent;
  }

  async #send(connection: WireConnection, sent: Sent): Promise<void> {
    const { errorCode } = await produce(connection, this.#task, sent.bytes, 20_000);
    if (errorCode === 0 || errorCode === DUPLICATE_SEQUENCE_NUMBER) {
      this.#unanswered.splice(this.#unanswered.indexOf(sent), 1);
      this.acknowledged = Math.max(this.acknowledged, sent.firstRecord + this.#task.recordsPerBatch);
      return;
    }
    // A sequence that is out of order here says that the broker forgot a batch that it had acknowledged, unless the
    // batch in front of it was refused in the same breath.
    if (!RETRIABLE.has(errorCode) && this.#unanswered[0] === sent) {
      this.faults.push(`error ${errorCode} for records from ${sent.firstRecord}`);
      if (this.faults.length > 100) this.#isStopping = true;
    }
    throw new Error(`error ${errorCode}`);
  }
}
