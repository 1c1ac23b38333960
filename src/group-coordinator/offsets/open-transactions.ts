// What open transactions would commit, by producer, and in which of them a partition of a group stands (Kafka:
// OffsetMetadataManager, pendingTransactionalOffsets and OpenTransactions).
import type { Int64 } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import type { OffsetRecord } from '../group-record.ts';

export interface PendingOffset {
  readonly record: OffsetRecord;
  /** The place of the record among all that were replayed. */
  readonly order: number;
}

const NOTHING: readonly PendingOffset[] = [];

export class OpenTransactions {
  /** Producer id → what its transaction commits, by group and partition: of one partition the last. */
  readonly #pending = new Map<Int64, Map<string, PendingOffset>>();
  /** Group → partition → the producers with something pending there. */
  readonly #producers = new Map<string, Map<string, Set<Int64>>>();

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  add(producerId: Int64, record: OffsetRecord, order: number): void {
    const { groupId } = record;
    let pending = this.#pending.get(producerId);
    if (pending === undefined) this.#pending.set(producerId, (pending = new Map()));
    const partition = partitionKey(record.topic, record.partition);
    pending.set(groupKey(groupId, partition), { record, order });
    let partitions = this.#producers.get(groupId);
    if (partitions === undefined) this.#producers.set(groupId, (partitions = new Map()));
    const producers = partitions.get(partition);
    if (producers === undefined) partitions.set(partition, new Set([producerId]));
    else producers.add(producerId);
  }

  /** Takes out what the transaction of the producer would commit. */
  end(producerId: Int64): Iterable<PendingOffset> {
    const pending = this.#pending.get(producerId);
    if (pending === undefined) return NOTHING;
    assert(pending.size > 0, 'an open transaction has something to commit');
    this.#pending.delete(producerId);
    for (const { record } of pending.values()) this.#forget(producerId, record);
    return pending.values();
  }

  /** The partition has been deleted: no open transaction commits what it wrote of it before. */
  delete({ groupId, topic, partition }: OffsetRecord): void {
    const key = partitionKey(topic, partition);
    for (const producerId of this.#producers.get(groupId)?.get(key) ?? []) {
      const pending = this.#pending.get(producerId);
      pending?.delete(groupKey(groupId, key));
      if (pending?.size === 0) this.#pending.delete(producerId);
    }
    this.#forgetPartition(groupId, key);
  }

  has(groupId: string, topic: string, partition: number): boolean {
    return this.#producers.get(groupId)?.has(partitionKey(topic, partition)) === true;
  }
  hasGroup(groupId: string): boolean {
    return this.#producers.has(groupId);
  }
  /** What open transactions would commit for the group, and whose they are. */
  *ofGroup(groupId: string): Iterable<readonly [producerId: Int64, record: OffsetRecord]> {
    for (const [producerId, pending] of this.#pending) {
      for (const { record } of pending.values()) if (record.groupId === groupId) yield [producerId, record];
    }
  }
  *records(): Iterable<OffsetRecord> {
    for (const pending of this.#pending.values()) for (const { record } of pending.values()) yield record;
  }

  #forget(producerId: Int64, { groupId, topic, partition }: OffsetRecord): void {
    const key = partitionKey(topic, partition);
    const producers = this.#producers.get(groupId)?.get(key);
    assert(producers?.has(producerId) === true, 'what is pending is known by its partition');
    producers.delete(producerId);
    if (producers.size === 0) this.#forgetPartition(groupId, key);
  }

  #forgetPartition(groupId: string, key: string): void {
    const partitions = this.#producers.get(groupId);
    partitions?.delete(key);
    if (partitions?.size === 0) this.#producers.delete(groupId);
  }
}

const partitionKey = (topic: string, partition: number): string => `${partition} ${topic}`;

/** Groups may have any name: the length tells where it ends. */
const groupKey = (groupId: string, partition: string): string => `${groupId.length} ${groupId}${partition}`;
