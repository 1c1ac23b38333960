// Who fetches which partition: num.replica.fetchers connections to each leader, and each partition on one of them (Kafka:
// AbstractFetcherManager).
import { javaHash } from '../../protocol/index.ts';
import type { Partition } from '../partition.ts';
import { FollowedPartition } from './followed-partition.ts';
import { type FetcherOptions, LeaderFetcher } from './leader-fetcher.ts';

export interface ReplicaFetchersOptions extends Omit<FetcherOptions, 'clientId'> {
  /** num.replica.fetchers */
  readonly fetchersPerLeader: number;
}

interface Following {
  readonly fetcher: LeaderFetcher;
  readonly followed: FollowedPartition;
}

export class ReplicaFetchers {
  readonly #options: ReplicaFetchersOptions;
  #perLeader: number;
  readonly #fetchers = new Map<string, LeaderFetcher>();
  /** Most news of a partition change nothing here: they are looked up by the object, which needs no key to be made. */
  readonly #followed = new Map<Partition, Following>();

  constructor(options: ReplicaFetchersOptions) {
    this.#options = options;
    this.#perLeader = options.fetchersPerLeader;
  }

  /** The metadata says something new of the partition: it is followed where it is led now. */
  update(partition: Partition): void {
    const { topicId } = partition;
    const before = this.#followed.get(partition);
    if (topicId === undefined || before?.followed.isCurrent === true) return;
    if (before !== undefined) this.forget(partition);
    if (!partition.isFollower) return;
    const fetcher = this.#fetcherFor(partition);
    const followed = new FollowedPartition(partition, topicId);
    this.#followed.set(partition, { fetcher, followed });
    fetcher.follow(followed);
  }

  /** The partition is no more, or not here. */
  forget(partition: Partition): void {
    const before = this.#followed.get(partition);
    before?.fetcher.forget(before.followed);
    this.#followed.delete(partition);
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
    this.#followed.clear();
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
