// Who fetches which partition: num.replica.fetchers connections to each leader, and each partition on one of them (Kafka:
// AbstractFetcherManager).
import { javaHash } from '../../protocol/index.ts';
import type { Partition } from '../partition.ts';
import { FollowedPartition, keyOf } from './followed-partition.ts';
import { type FetcherOptions, LeaderFetcher } from './leader-fetcher.ts';

export interface ReplicaFetchersOptions extends Omit<FetcherOptions, 'clientId'> {
  /** num.replica.fetchers */
  readonly fetchersPerLeader: number;
}

export class ReplicaFetchers {
  readonly #options: ReplicaFetchersOptions;
  #perLeader: number;
  readonly #fetchers = new Map<string, LeaderFetcher>();
  /** Who fetches what, by the partition's key. */
  readonly #fetcherOf = new Map<string, LeaderFetcher>();

  constructor(options: ReplicaFetchersOptions) {
    this.#options = options;
    this.#perLeader = options.fetchersPerLeader;
  }

  /** The metadata says something new of the partition: it is followed where it is led now. */
  update(partition: Partition): void {
    const { topicId } = partition;
    if (topicId === undefined) return;
    const key = keyOf(topicId, partition.index);
    const before = this.#fetcherOf.get(key);
    const followed = before?.followed(key);
    if (followed?.partition === partition && followed.isCurrent) return;
    if (followed !== undefined) before?.forget(followed);
    this.#fetcherOf.delete(key);
    if (!partition.isFollower) return;
    const fetcher = this.#fetcherFor(partition);
    this.#fetcherOf.set(key, fetcher);
    fetcher.follow(new FollowedPartition(partition, topicId));
  }

  /** The partition is no more, or not here. */
  forget({ topicId, index }: Partition): void {
    if (topicId === undefined) return;
    const key = keyOf(topicId, index);
    const fetcher = this.#fetcherOf.get(key);
    const followed = fetcher?.followed(key);
    if (followed !== undefined) fetcher?.forget(followed);
    this.#fetcherOf.delete(key);
  }

  /** A broker has been started anew. */
  restarted(leaderId: number): void {
    for (const fetcher of this.#fetchers.values()) if (fetcher.leaderId === leaderId) fetcher.reconnect();
  }

  /** Another number of connections to each leader: `partitions` are spread over them anew. */
  resize(fetchersPerLeader: number, partitions: Iterable<Partition>): void {
    if (fetchersPerLeader === this.#perLeader) return;
    this.close();
    this.#perLeader = fetchersPerLeader;
    for (const partition of partitions) this.update(partition);
  }

  close(): void {
    for (const fetcher of this.#fetchers.values()) fetcher.close();
    this.#fetchers.clear();
    this.#fetcherOf.clear();
  }

  #fetcherFor({ topic, index, leader }: Partition): LeaderFetcher {
    const number = Math.abs((Math.imul(31, javaHash(topic)) + index) | 0) % this.#perLeader;
    const name = `${leader}-${number}`;
    let fetcher = this.#fetchers.get(name);
    if (fetcher === undefined) {
      const clientId = `broker-${this.#options.nodeId}-fetcher-${number}`;
      fetcher = new LeaderFetcher(leader, { ...this.#options, clientId });
      this.#fetchers.set(name, fetcher);
    }
    return fetcher;
  }
}
