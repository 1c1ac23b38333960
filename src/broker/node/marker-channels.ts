// Transaction markers for partitions that other brokers lead: one queue and one line to each broker, one request under way,
// and in the next one all that came meanwhile (Kafka: TransactionMarkerChannelManager, TransactionMarkerRequestCompletionHandler).
import { type ErrorCode, Errors, type Int64, KafkaError, type Peers } from '../../protocol/index.ts';
import {
  WriteTxnMarkers,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
} from '../../protocol/messages/27-write-txn-markers.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { MarkerToWrite } from '../../transaction-coordinator/index.ts';
import { GatheredRequests, type SentRequest } from './gathered-requests.ts';

export interface MarkerForPartition {
  readonly topic: string;
  readonly partition: number;
  readonly marker: MarkerToWrite;
}

export interface MarkerChannelsOptions {
  readonly peers: Peers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Partitions in one request: what a broker writes in one run. */
const MOST_PARTITIONS = 2_000;
const LINE = 'transaction-markers';
/** A broker says within half a minute that a marker could not be replicated: its own answer is waited for. */
const ANSWER_TIMEOUT_MS = 40_000;

export class MarkerChannels {
  readonly #options: MarkerChannelsOptions;
  readonly #queues = new Map<number, MarkerQueue>();

  constructor(options: MarkerChannelsOptions) {
    this.#options = options;
  }

  /** What the broker answers; NETWORK_EXCEPTION, REQUEST_TIMED_OUT, BROKER_NOT_AVAILABLE when it does not. Never rejects. */
  write(brokerId: number, toWrite: MarkerForPartition): Promise<ErrorCode> {
    let queue = this.#queues.get(brokerId);
    if (queue === undefined) this.#queues.set(brokerId, (queue = new MarkerQueue(brokerId, this.#options)));
    return queue.add(toWrite);
  }
}

interface Waiting extends MarkerForPartition {
  readonly answer: (errorCode: ErrorCode) => void;
}

class MarkerQueue {
  readonly #brokerId: number;
  readonly #options: MarkerChannelsOptions;
  readonly #requests: GatheredRequests<Waiting>;

  constructor(brokerId: number, options: MarkerChannelsOptions) {
    this.#brokerId = brokerId;
    this.#options = options;
    this.#requests = new GatheredRequests(options.clock, (waiting) => this.#send(waiting));
  }

  add(toWrite: MarkerForPartition): Promise<ErrorCode> {
    return new Promise((answer) => this.#requests.add({ ...toWrite, answer }));
  }

  /** An answer has one row for each producer: of one with two markers, the second waits for the next request. */
  #send(waiting: readonly Waiting[]): SentRequest<Waiting> {
    const batch = new MarkerBatch();
    const left = waiting.filter((one) => batch.size >= MOST_PARTITIONS || !batch.add(one));
    return { left, answered: this.#ask(batch) };
  }

  async #ask(batch: MarkerBatch): Promise<void> {
    const channel = this.#options.peers.to(this.#brokerId, LINE);
    if (channel === undefined) return batch.fail(Errors.BROKER_NOT_AVAILABLE);
    try {
      batch.answered(await channel.ask(WriteTxnMarkers, batch.request, { timeoutMs: ANSWER_TIMEOUT_MS }));
    } catch (error) {
      const isExpected = error instanceof KafkaError;
      const fields = { broker: this.#brokerId, reason: String(error) };
      this.#options.logger.log(isExpected ? 'debug' : 'error', 'transaction markers were not answered', fields);
      batch.fail(isExpected ? error.code : Errors.UNKNOWN_SERVER_ERROR);
    }
  }
}

interface MarkerRow {
  readonly marker: MarkerToWrite;
  /** By topic, then by partition: all who wait for it. */
  readonly topics: Map<string, Map<number, Waiting[]>>;
}

/** The markers of one request, by producer. */
class MarkerBatch {
  readonly #rows = new Map<Int64, MarkerRow>();
  size = 0;

  /** False: the producer has another marker in here. */
  add(one: Waiting): boolean {
    const { marker, topic, partition } = one;
    let row = this.#rows.get(marker.producerId);
    if (row === undefined) this.#rows.set(marker.producerId, (row = { marker, topics: new Map() }));
    else if (!isSame(row.marker, marker)) return false;
    let partitions = row.topics.get(topic);
    if (partitions === undefined) row.topics.set(topic, (partitions = new Map()));
    const known = partitions.get(partition);
    if (known === undefined) partitions.set(partition, [one]);
    else known.push(one);
    this.size++;
    return true;
  }

  get request(): WriteTxnMarkersRequest {
    const markers = Array.from(this.#rows.values(), ({ marker, topics }) => ({
      producerId: marker.producerId,
      producerEpoch: marker.producerEpoch,
      transactionResult: marker.isCommit,
      topics: Array.from(topics, ([name, partitions]) => ({ name, partitionIndexes: [...partitions.keys()] })),
      coordinatorEpoch: marker.coordinatorEpoch,
      transactionVersion: marker.transactionVersion,
    }));
    return { markers };
  }

  answered({ markers }: WriteTxnMarkersResponse): void {
    for (const { producerId, topics } of markers) {
      const row = this.#rows.get(producerId);
      for (const { name, partitions } of topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          tell(row?.topics.get(name)?.get(partitionIndex), errorCode);
        }
      }
    }
    // Who was told is told no more by this.
    this.fail(Errors.UNKNOWN_SERVER_ERROR);
  }

  fail(errorCode: ErrorCode): void {
    for (const { topics } of this.#rows.values()) {
      for (const partitions of topics.values()) for (const waiting of partitions.values()) tell(waiting, errorCode);
    }
  }
}

function tell(waiting: readonly Waiting[] | undefined, errorCode: ErrorCode): void {
  for (const { answer } of waiting ?? []) answer(errorCode);
}

function isSame(one: MarkerToWrite, other: MarkerToWrite): boolean {
  return (
    one.producerEpoch === other.producerEpoch &&
    one.coordinatorEpoch === other.coordinatorEpoch &&
    one.isCommit === other.isCommit &&
    one.transactionVersion === other.transactionVersion
  );
}
