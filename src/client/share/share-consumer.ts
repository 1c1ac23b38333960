// Reads as a member of a share group (KIP-932): records of a partition go to several members, each is locked for the one that has it and
// acknowledged by itself. Kafka's ShareConsumer. What is not acknowledged is handed to another member when its lock ends.
import { errorName, type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { type ClientSource, type OpenedClient, openClient } from '../connections/client-source.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { type CallOptions, type CancelSignal, patiently } from '../connections/patience.ts';
import { asClientErrors, ClientError, clientErrorOf, ConfigurationError } from '../errors.ts';
import type { ConsumedRecord } from '../consumer/consumed-record.ts';
import { RecordDecoder } from '../consumer/decoding.ts';
import { Waiting } from '../consumer/waiting.ts';
import type { Deserializer } from '../serializers.ts';
import type { AcknowledgeType } from './acknowledgements.ts';
import { ShareFetcher, type SharedRecord } from './share-fetcher.ts';
import { ShareMember } from './share-member.ts';
import type { AcknowledgementOutcome } from './share-node.ts';
import { type ShareSettings, shareSettings } from './share-settings.ts';

export interface ShareConsumerOptions<K = Uint8Array | null, V = Uint8Array | null> {
  readonly group: string;
  readonly topics: readonly string[];
  readonly deserializers?: { readonly key?: Deserializer<K>; readonly value?: Deserializer<V> };
  /** What cannot be decoded is released and told (`fail`), or rejected for good (`skip`). */
  readonly onDecodeError?: 'fail' | 'skip';
  /**
   * implicit: asking for more accepts what was given before. explicit: the program says so of every record
   * (share.acknowledgement.mode).
   */
  readonly acknowledgementMode?: 'implicit' | 'explicit';
  /** share.acquire.mode: `record_limit` never locks more than maxPollRecords (KIP-1206). */
  readonly acquireMode?: 'batch_optimized' | 'record_limit';
  /** client.rack */
  readonly rack?: string;
  readonly minBytes?: number;
  readonly maxWaitMs?: number;
  readonly maxBytes?: number;
  readonly maxPollRecords?: number;
  /** Told what has become of acknowledgements, for each partition. */
  readonly onAcknowledged?: (outcomes: readonly AcknowledgedPartition[]) => void;
}

export interface AcknowledgedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
  /** undefined: the broker has taken them. */
  readonly error: ClientError | undefined;
}

export interface ShareRecord<K, V> extends ConsumedRecord<K, V> {
  /** How many times it has been handed out, this time included. */
  readonly deliveryCount: number;
}

type Given = SharedRecord & { acknowledged: AcknowledgeType | undefined };

export class ShareConsumer<K = Uint8Array | null, V = Uint8Array | null> {
  readonly #opened: OpenedClient;
  readonly #client: ClusterClient;
  /** Fetches wait long for their answers. */
  readonly #fetchClient: ClusterClient;
  readonly #settings: ShareSettings;
  readonly #options: ShareConsumerOptions<K, V>;
  readonly #member: ShareMember;
  readonly #fetcher: ShareFetcher;
  readonly #waiting: Waiting;
  readonly #faults: unknown[] = [];
  /** What the program has, by record. */
  #given = new Map<object, Given>();
  #isClosed = false;
  #closed: Promise<void> | undefined;

  /** Throws ConfigurationError. It joins when it is first asked for records. */
  constructor(options: ClientSource & ShareConsumerOptions<K, V>) {
    const { group, topics } = options;
    if (group === '') throw new ConfigurationError('group: the name is empty');
    if (topics.length === 0) throw new ConfigurationError('topics: give at least one');
    this.#options = options;
    this.#opened = openClient(options);
    const client = (this.#client = this.#opened.client);
    this.#fetchClient = client.apart();
    this.#waiting = new Waiting(client.clock);
    const settings = (this.#settings = shareSettings(options, client.keys));
    const fault = (error: unknown): void => this.#fault(error);
    const changed = (): void => this.#waiting.news();
    this.#member = new ShareMember(client, {
      groupId: group,
      topics: [...new Set(topics)].sort(),
      rack: settings.rack,
      changed,
      fault,
    });
    const { deserializers, onDecodeError = 'fail' } = options;
    this.#fetcher = new ShareFetcher(
      this.#fetchClient,
      {
        groupId: group,
        memberId: this.#member.memberId,
        ...settings,
        decoder: new RecordDecoder(deserializers?.key, deserializers?.value),
        onDecodeError,
      },
      { news: changed, fault, acknowledged: (outcomes) => this.#acknowledged(outcomes) },
    );
  }

  /**
   * Records that are locked for this member; none when none come in so long. What was given before is accepted where that goes by
   * itself; else everything must have been acknowledged. Rejects with ClientError.
   */
  async poll(
    timeoutMs: number,
    { signal }: { readonly signal?: CancelSignal } = {},
  ): Promise<readonly ShareRecord<K, V>[]> {
    this.#ensureOpen();
    this.#settle();
    const deadlineMs = this.#client.deadlineIn(timeoutMs);
    this.#member.start();
    for (;;) {
      if (this.#faults.length > 0) throw this.#faults.shift();
      const records = this.#fetcher.take(this.#settings.maxPollRecords);
      if (records.length > 0) return records.map((one) => this.#give(one));
      if (signal?.aborted === true) throw signal.reason as Error;
      if (this.#isClosed || this.#client.clock.monotonicMs() >= deadlineMs) return [];
      this.#fetcher.advance(this.#member.partitions);
      await this.#waiting.wait(deadlineMs, signal);
    }
  }

  /**
   * accept: done · release: another member may have it, or this one again · reject: nobody is to have it · renew: its lock begins
   * anew, and it is to be acknowledged yet. It goes out with the next request, or with `commit`. Throws ClientError.
   */
  acknowledge(record: ShareRecord<K, V>, type: AcknowledgeType = 'accept'): void {
    const given = this.#given.get(record);
    if (given === undefined)
      throw new ClientError('The record was not given by the last poll, or is acknowledged already');
    this.#fetcher.acknowledge(given, type);
    if (type !== 'renew') given.acknowledged = type;
    if (type !== 'renew' && this.#settings.isExplicit) this.#given.delete(record);
  }

  /** Sends what is acknowledged, with what goes by itself. Resolves with what has become of it; see onAcknowledged too. */
  async commit(how: CallOptions = {}): Promise<AcknowledgedPartition[]> {
    this.#ensureOpen();
    if (!this.#settings.isExplicit) this.#settle();
    const outcomes: AcknowledgedPartition[] = [];
    const flushed = this.#fetcher.flush((told) => outcomes.push(...told.map(outcomeOf)));
    await asClientErrors(patiently(this.#client.clock, flushed, how), this.#options.group);
    return outcomes;
  }

  /** `for await (const record of consumer)`: accepted when the next one is asked for, unless the program has said otherwise. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ShareRecord<K, V>, void, void> {
    while (!this.#isClosed) {
      for (const record of await this.poll(POLL_MS)) {
        yield record;
        if (this.#isClosed) return;
        const given = this.#given.get(record);
        if (given === undefined) continue;
        if (given.acknowledged === undefined) this.#fetcher.acknowledge(given, 'accept');
        this.#given.delete(record);
      }
    }
  }

  /** Tells what is acknowledged, gives back what is not, and leaves the group. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.news();
    await this.#fetcher.close();
    await this.#member.leave();
    await this.#fetchClient.close();
    await this.#opened.close();
  }

  #settle(): void {
    if (this.#settings.isExplicit) {
      if (this.#given.size === 0) return;
      throw new ClientError(`${this.#given.size} records are not acknowledged`, {
        advice: 'Acknowledge every record before the next poll, or use implicit acknowledgement.',
      });
    }
    for (const given of this.#given.values())
      if (given.acknowledged === undefined) this.#fetcher.acknowledge(given, 'accept');
    this.#given.clear();
  }

  #give(shared: SharedRecord): ShareRecord<K, V> {
    const record = shared.record as unknown as ShareRecord<K, V>;
    this.#given.set(record, { ...shared, acknowledged: undefined });
    return record;
  }

  #acknowledged(outcomes: readonly AcknowledgementOutcome[]): void {
    this.#options.onAcknowledged?.(outcomes.map(outcomeOf));
  }

  #fault(error: unknown): void {
    if (this.#isClosed) return;
    this.#faults.push(clientErrorOf(error, this.#options.group));
    this.#waiting.news();
  }

  #ensureOpen(): void {
    if (this.#isClosed) throw new ClientError('The share consumer is closed', { fatal: true });
  }
}

const POLL_MS = 3_600_000;

function outcomeOf({ topic, partition, count, errorCode }: AcknowledgementOutcome): AcknowledgedPartition {
  if (errorCode === Errors.NONE) return { topic, partition, records: count, error: undefined };
  const code = errorCode as ErrorCode;
  const error = clientErrorOf(new KafkaError(code), errorName(code)) as ClientError;
  return { topic, partition, records: count, error };
}
