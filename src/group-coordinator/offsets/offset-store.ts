// Committed offsets of the groups of one shard, and those of open transactions, which count when their marker comes (Kafka:
// OffsetMetadataManager's state). Changed by replay only.
import type { Int64 } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import type { CommittedOffset, OffsetRecord } from '../group-record.ts';
import { OpenTransactions } from './open-transactions.ts';

export type TopicOffsets = ReadonlyMap<number, CommittedOffset>;
type Offsets = Map<string, Map<string, Map<number, CommittedOffset>>>;

export class OffsetStore {
  /** Group, topic, partition. */
  readonly #offsets: Offsets = new Map();
  readonly #open = new OpenTransactions();
  /** When a partition was last committed outside of a transaction while one is open: the later one counts. */
  readonly #committedAt = new Map<string, number>();
  #order = 0;

  replay(record: OffsetRecord, producerId: Int64): void {
    const order = this.#order++;
    if (producerId !== -1) return this.#open.add(producerId, record, order);
    // What open transactions have written before is deleted with it.
    if (record.value === null) this.#open.delete(record);
    if (this.#open.isEmpty) this.#forgetOrder();
    else this.#committedAt.set(partitionKey(record), order);
    this.#set(record);
  }

  endTransaction(producerId: Int64, isCommit: boolean): void {
    for (const { record, order } of this.#open.end(producerId)) {
      assert(order < this.#order, 'what a transaction commits was replayed before it ended');
      if (!isCommit || (this.#committedAt.get(partitionKey(record)) ?? -1) > order) continue;
      if (!this.#open.isEmpty) this.#committedAt.set(partitionKey(record), order);
      this.#set(record);
    }
    if (this.#open.isEmpty) this.#forgetOrder();
  }

  /** V8 gives a map that is cleared a new table, also where it was empty: done for each record, that was a sixth of a load. */
  #forgetOrder(): void {
    if (this.#committedAt.size > 0) this.#committedAt.clear();
  }

  get(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#offsets.get(groupId)?.get(topic)?.get(partition);
  }
  topicsOf(groupId: string): ReadonlyMap<string, TopicOffsets> | undefined {
    return this.#offsets.get(groupId);
  }
  get groupIds(): MapIterator<string> {
    return this.#offsets.keys();
  }

  /** A transaction that may still change this offset is open. */
  isPending(groupId: string, topic: string, partition: number): boolean {
    return this.#open.has(groupId, topic, partition);
  }
  /** Offsets that open transactions would commit. */
  pending(): Iterable<OffsetRecord> {
    return this.#open.records();
  }
  pendingOf(groupId: string): Iterable<readonly [producerId: Int64, record: OffsetRecord]> {
    return this.#open.ofGroup(groupId);
  }
  hasPending(groupId: string): boolean {
    return this.#open.hasGroup(groupId);
  }

  #set({ groupId, topic, partition, value }: OffsetRecord): void {
    if (value === null) return this.#delete(groupId, topic, partition);
    let topics = this.#offsets.get(groupId);
    if (topics === undefined) this.#offsets.set(groupId, (topics = new Map()));
    let partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, (partitions = new Map()));
    partitions.set(partition, value);
  }

  #delete(groupId: string, topic: string, partition: number): void {
    const topics = this.#offsets.get(groupId);
    const partitions = topics?.get(topic);
    if (topics === undefined || partitions === undefined) return;
    assert(topics.size > 0 && partitions.size > 0, 'groups and topics without offsets are not kept');
    partitions.delete(partition);
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.#offsets.delete(groupId);
  }
}

function partitionKey({ groupId, topic, partition }: OffsetRecord): string {
  return `${partition} ${groupId.length} ${groupId}${topic}`;
}
