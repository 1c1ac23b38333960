// Committed offsets of the groups of one shard, and those of open transactions, which count when their marker comes (Kafka:
// OffsetMetadataManager's state). Changed by replay only.
import type { Int64 } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import type { CommittedOffset, OffsetRecord } from '../group-record.ts';

export type TopicOffsets = ReadonlyMap<number, CommittedOffset>;
type Offsets = Map<string, Map<string, Map<number, CommittedOffset>>>;

interface PendingOffset {
  readonly record: OffsetRecord;
  /** The place of the record among all that were replayed. */
  readonly order: number;
}

export class OffsetStore {
  /** Group, topic, partition. */
  readonly #offsets: Offsets = new Map();
  /** Producer id → what its open transaction commits. */
  readonly #pending = new Map<Int64, PendingOffset[]>();
  /** When a partition was last committed outside of a transaction while one is open: the later one counts. */
  readonly #committedAt = new Map<string, number>();
  #order = 0;

  replay(record: OffsetRecord, producerId: Int64): void {
    const order = this.#order++;
    if (producerId === -1) {
      if (this.#pending.size > 0) this.#committedAt.set(partitionKey(record), order);
      else assert(this.#committedAt.size === 0, 'the order of commits matters to open transactions only');
      this.#set(record);
      return;
    }
    const pending = this.#pending.get(producerId);
    if (pending === undefined) this.#pending.set(producerId, [{ record, order }]);
    else pending.push({ record, order });
  }

  endTransaction(producerId: Int64, isCommit: boolean): void {
    const pending = this.#pending.get(producerId);
    if (pending === undefined) return;
    assert(pending.length > 0, 'an open transaction has something to commit');
    this.#pending.delete(producerId);
    for (const { record, order } of isCommit ? pending : []) {
      assert(order < this.#order, 'what a transaction commits was replayed before it ended');
      if ((this.#committedAt.get(partitionKey(record)) ?? -1) > order) continue;
      if (this.#pending.size > 0) this.#committedAt.set(partitionKey(record), order);
      this.#set(record);
    }
    if (this.#pending.size === 0) this.#committedAt.clear();
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
    for (const pending of this.#pending.values()) {
      for (const { record } of pending) {
        if (record.partition === partition && record.topic === topic && record.groupId === groupId) return true;
      }
    }
    return false;
  }
  /** Offsets that open transactions would commit. */
  *pending(): Iterable<OffsetRecord> {
    for (const pending of this.#pending.values()) for (const { record } of pending) yield record;
  }
  hasPending(groupId: string): boolean {
    for (const pending of this.#pending.values()) {
      if (pending.some(({ record }) => record.groupId === groupId)) return true;
    }
    return false;
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
