// Fetches the records that a member of a share group is to have, from all brokers that lead its partitions, and keeps in mind which of
// them gave what: there it is acknowledged.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import type { RawRecord } from '../consumer/consumed-record.ts';
import { DecodeFailure, type Decoded, type RecordDecoder } from '../consumer/decoding.ts';
import { FetchedChunk, prepareCodec } from '../consumer/fetched-chunk.ts';
import { SerializationError } from '../errors.ts';
import type { AcknowledgeType } from './acknowledgements.ts';
import {
  type AcknowledgementOutcome,
  type FetchAnswer,
  type SharedPartition,
  type ShareFetchOptions,
  ShareNode,
} from './share-node.ts';
import type { SharePartition } from './share-session.ts';

export interface ShareFetcherOptions extends ShareFetchOptions {
  readonly decoder: RecordDecoder;
  readonly onDecodeError: 'fail' | 'skip';
  /** check.crcs */
  readonly checksCrcs: boolean;
}

export interface ShareFetcherHooks {
  readonly news: () => void;
  readonly fault: (error: unknown) => void;
  readonly acknowledged: (outcomes: readonly AcknowledgementOutcome[]) => void;
}

export interface SharedRecord {
  readonly record: Decoded & { readonly deliveryCount: number };
  readonly place: SharePartition;
  readonly node: ShareNode;
}

const UNPACKED_BYTES = 104_857_600;
const ALL = Number.MAX_SAFE_INTEGER;
const DENIED: ReadonlySet<number> = new Set([Errors.TOPIC_AUTHORIZATION_FAILED, Errors.GROUP_AUTHORIZATION_FAILED]);
/** The broker does not know the session, or knows it in another epoch: the next request begins a new one. */
const SESSION_OVER: ReadonlySet<number> = new Set([
  Errors.SHARE_SESSION_NOT_FOUND,
  Errors.INVALID_SHARE_SESSION_EPOCH,
  Errors.SHARE_SESSION_LIMIT_REACHED,
]);

export class ShareFetcher {
  readonly #client: ClusterClient;
  readonly #options: ShareFetcherOptions;
  readonly #hooks: ShareFetcherHooks;
  readonly #nodes = new Map<number, ShareNode>();
  #ready: SharedRecord[] = [];
  #collect: ((outcomes: readonly AcknowledgementOutcome[]) => void) | undefined;
  #failures = 0;
  #isRefreshing = false;
  #isClosed = false;

  constructor(client: ClusterClient, options: ShareFetcherOptions, hooks: ShareFetcherHooks) {
    this.#client = client;
    this.#options = options;
    this.#hooks = hooks;
  }

  take(most: number): SharedRecord[] {
    if (this.#ready.length <= most) return this.#ready.splice(0);
    return this.#ready.splice(0, most);
  }

  acknowledge({ record, place, node }: SharedRecord, type: AcknowledgeType): void {
    node.acknowledge(place, record.offset, type);
  }

  /** Asks every leader of these that nothing is under way with. */
  advance(partitions: readonly SharePartition[]): void {
    if (this.#isClosed) return;
    const byNode = new Map<number, SharePartition[]>();
    const unknown = new Set<string>();
    for (const place of partitions) {
      const leader = this.#client.topics.leaderOf(place.topic, place.partition);
      if (leader === undefined) unknown.add(place.topic);
      else byNode.set(leader.nodeId, [...(byNode.get(leader.nodeId) ?? []), place]);
    }
    if (unknown.size > 0) void this.#refresh([...unknown]);
    for (const [nodeId, wanted] of byNode) {
      const node = this.#nodeOf(nodeId);
      if (!node.isFetching) void this.#fetch(node, wanted);
    }
  }

  /** Sends what is acknowledged to all brokers; `collect` is told what became of it. */
  async flush(collect: (outcomes: readonly AcknowledgementOutcome[]) => void): Promise<void> {
    this.#collect = collect;
    try {
      await Promise.all([...this.#nodes.values()].map((node) => node.flush()));
    } finally {
      this.#collect = undefined;
    }
  }

  /** What is ready and was not taken is given back with the end of the sessions. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#ready = [];
    await Promise.all([...this.#nodes.values()].map((node) => node.close()));
  }

  #nodeOf(nodeId: number): ShareNode {
    let node = this.#nodes.get(nodeId);
    if (node === undefined) {
      node = new ShareNode(nodeId, this.#client, this.#options, { acknowledged: (outcomes) => this.#told(outcomes) });
      this.#nodes.set(nodeId, node);
    }
    return node;
  }

  #told(outcomes: readonly AcknowledgementOutcome[]): void {
    this.#collect?.(outcomes);
    this.#hooks.acknowledged(outcomes);
  }

  async #refresh(topics: readonly string[]): Promise<void> {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    try {
      await this.#client.topics.refresh(topics);
    } catch (error) {
      if (!(error instanceof KafkaError)) this.#hooks.fault(error);
      await this.#client.pause(++this.#failures);
    }
    this.#isRefreshing = false;
    this.#hooks.news();
  }

  async #fetch(node: ShareNode, wanted: readonly SharePartition[]): Promise<void> {
    node.isFetching = true;
    try {
      const answer = await node.fetch(wanted);
      this.#failures = 0;
      for (const { topicId, partitions } of answer.responses) {
        for (const shared of partitions) {
          const place = wanted.find((one) => one.topicId === topicId && one.partition === shared.partitionIndex);
          if (place !== undefined && !this.#hasNewLeader(node, place, shared, answer))
            await this.#take(node, place, shared);
        }
      }
    } catch (error) {
      if (!this.#isClosed) await this.#failed(node, wanted, error);
    }
    node.isFetching = false;
    this.#hooks.news();
  }

  async #failed(node: ShareNode, wanted: readonly SharePartition[], error: unknown): Promise<void> {
    // What it has given is free again with its session.
    this.#ready = this.#ready.filter((one) => one.node !== node);
    if (!(error instanceof KafkaError)) return this.#hooks.fault(error);
    if (DENIED.has(error.code) || error.code === Errors.UNSUPPORTED_VERSION) this.#hooks.fault(error);
    else if (!SESSION_OVER.has(error.code)) for (const { topic } of wanted) this.#client.topics.doubt(topic);
    await this.#client.pause(++this.#failures);
  }

  /** Another broker is named that leads the partition: it is asked next (KIP-951). */
  #hasNewLeader(node: ShareNode, place: SharePartition, shared: SharedPartition, answer: FetchAnswer): boolean {
    const { errorCode, currentLeader } = shared;
    if (errorCode !== Errors.NOT_LEADER_OR_FOLLOWER && errorCode !== Errors.FENCED_LEADER_EPOCH) return false;
    const { topic, partition } = place;
    return this.#client.learnLeader(node.nodeId, {
      topic,
      partition,
      currentLeader,
      nodeEndpoints: answer.nodeEndpoints,
    });
  }

  async #take(node: ShareNode, place: SharePartition, shared: SharedPartition): Promise<void> {
    const { errorCode, records, acquiredRecords } = shared;
    if (errorCode !== Errors.NONE) {
      if (DENIED.has(errorCode)) this.#hooks.fault(new KafkaError(errorCode as ErrorCode, place.name));
      else this.#client.topics.doubt(place.topic);
      return;
    }
    if (acquiredRecords.length === 0) return;
    const raw = await this.#read(place, records);
    const byOffset = new Map(raw.map((record) => [record.offset, record]));
    for (const { firstOffset, lastOffset, deliveryCount } of acquiredRecords) {
      for (let offset = firstOffset; offset <= lastOffset; offset++) {
        const record = byOffset.get(offset);
        if (record === undefined) node.acknowledgeGap(place, offset);
        else await this.#decode(node, place, record, deliveryCount);
      }
    }
  }

  async #read(place: SharePartition, records: Buffer): Promise<RawRecord[]> {
    const { topic, partition } = place;
    const raw: RawRecord[] = [];
    try {
      const { checksCrcs } = this.#options;
      const checks = { checksCrcs, tellsBatches: false, maxUnpackedBytes: UNPACKED_BYTES };
      const chunk = new FetchedChunk(records, { topic, partition, offset: 0, aborted: [], ...checks });
      while (!chunk.isDone) {
        if (chunk.missingCodec !== undefined) await prepareCodec(chunk.missingCodec);
        chunk.readInto(raw, ALL);
      }
    } catch (error) {
      this.#hooks.fault(error);
    }
    return raw;
  }

  async #decode(node: ShareNode, place: SharePartition, raw: RawRecord, deliveryCount: number): Promise<void> {
    const { decoder, onDecodeError } = this.#options;
    const decoding = decoder.isPlain ? raw : decoder.decode(raw);
    const decoded = decoding instanceof Promise ? await decoding : decoding;
    if (!(decoded instanceof DecodeFailure)) {
      this.#ready.push({ record: { ...decoded, deliveryCount }, place, node });
      return;
    }
    node.acknowledge(place, raw.offset, onDecodeError === 'skip' ? 'reject' : 'release');
    if (onDecodeError === 'skip') return;
    const { stage, cause } = decoded;
    this.#hooks.fault(
      new SerializationError(`The ${stage} of ${place.name} at offset ${raw.offset} cannot be decoded`, cause),
    );
  }
}
