// How the APIs of the room, kind by kind, reach the shard that a group belongs to.
import type { ClientTransaction, Held } from '../coordinator-common/index.ts';
import type { GroupEffects } from './group-effects.ts';

/** What a request is, beside its body. */
export interface GroupRequestContext {
  /** Empty when the client named none. */
  readonly clientId: string;
  /** As Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string;
  readonly apiVersion: number;
  /** The topics that the asker may know of, where it is not all: expressions match no others. */
  readonly maySee?: MaySee | undefined;
}

export type MaySee = (topic: string) => boolean;

/** At once, where nothing has to be written first. */
export type Answer<T> = T | Promise<T>;

/**
 * `S`: what an API needs of a shard. All throw KafkaError NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, or what the operation
 * throws.
 */
export interface GroupShards<S> {
  /** Runs `operation`; its result is given back when all that it has seen and written is committed. */
  ask<T>(groupId: string, operation: (shard: S, effects: GroupEffects) => T): Answer<T>;
  /** Does what `ask` does, once the group is known to be part of the transaction; rejects as the verification says. */
  askInTransaction<T>(
    groupId: string,
    transaction: ClientTransaction,
    operation: (shard: S, effects: GroupEffects) => T,
  ): Promise<T>;
  /** Runs `operation`, which answers the request through its effects, or keeps it to be answered by another one. */
  hold<T>(groupId: string, operation: (shard: S, effects: GroupEffects, held: Held<T>) => void): Promise<T>;
  /** Partitions of __consumer_offsets that are led here. */
  readonly partitions: Iterable<number>;
  askPartition<T>(partition: number, operation: (shard: S, effects: GroupEffects) => T): Answer<T>;
}
