// The share partitions that this node leads, and the sessions of those who read them (KIP-932; Kafka: SharePartitionManager).
// A share partition is made when it is first read, and goes when nobody of its group is connected any more.
import type { MetadataDelta } from '../kraft/metadata/index.ts';
import { Errors } from '../protocol/index.ts';
import type { ClosableScope, Partition, ReplicaManager } from '../replication/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import {
  DelayedShareFetch,
  failedAnswer,
  type ShareFetchAnswer,
  type ShareFetchRequest,
} from './delayed-share-fetch.ts';
import type { AcknowledgementBatch, Fault } from './in-flight/acknowledgement.ts';
import type { SharePersister } from './persister.ts';
import { failedWith, type ShareGroupSettings, SharePartition } from './share-partition.ts';
import { type ShareSession, ShareSessionCache } from './share-sessions.ts';

/** Groups that one connection may have begun sessions for before those without a session are given up. Kafka has no bound. */
const MOST_GROUPS_FOLLOWED = 1_000;

export interface SharePartitionManagerOptions {
  readonly runtime: { readonly clock: Clock; readonly logger: Logger };
  readonly replicas: ReplicaManager;
  readonly persister: SharePersister;
  /** What a group is configured with, now. */
  readonly settings: (groupId: string) => ShareGroupSettings;
  /** group.share.max.share.sessions, now. */
  readonly maxSessions: () => number;
}

export interface NamedPartition {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
}

export interface ShareFetchCall extends ShareFetchRequest {
  readonly groupId: string;
  readonly sessionEpoch: number;
  readonly partitions: readonly NamedPartition[];
}

/** A client connection, as far as its sessions care. */
export interface Connection {
  readonly id: number;
  whenClosed(waiter: { connectionClosed(): void }): void;
}

export class SharePartitionManager {
  readonly sessions: ShareSessionCache;
  readonly #options: SharePartitionManagerOptions;
  readonly #logger: Logger;
  /** By group, then by topic id and partition. */
  readonly #groups = new Map<string, Map<string, SharePartition>>();
  /** By topic id and partition, those of all groups. */
  readonly #ofPartition = new Map<string, Set<SharePartition>>();
  /** Those that have been asked to tell when they close, and the groups that sessions were begun for on them. */
  readonly #connections = new Map<number, Set<string>>();

  constructor(options: SharePartitionManagerOptions) {
    this.#options = options;
    this.#logger = options.runtime.logger.child('share-partitions');
    this.sessions = new ShareSessionCache(options.maxSessions);
  }

  /** What the group is configured with. */
  settings(groupId: string): ShareGroupSettings {
    return this.#options.settings(groupId);
  }

  /** Reads for a member; at once, when nothing has to be waited for. Not all partitions need be in the answer. */
  fetch(call: ShareFetchCall, scope: ClosableScope): ShareFetchAnswer[] | Promise<ShareFetchAnswer[]> {
    if (call.partitions.length === 0 || call.maxRecords === 0 || call.maxBytes === 0) return [];
    const failed: ShareFetchAnswer[] = [];
    const shares: SharePartition[] = [];
    for (const named of rotated(call.partitions, call.sessionEpoch)) {
      const share = this.#open(call.groupId, named);
      if (typeof share === 'number') {
        failed.push(failedAnswer(named.topicId, named.topic, named.partition, share));
      } else {
        shares.push(share);
      }
    }
    if (shares.length === 0) return failed;
    const answers = new DelayedShareFetch(this.#options.replicas, call, shares, scope).execute();
    if (failed.length === 0) return answers;
    return answers instanceof Promise ? answers.then((all) => [...all, ...failed]) : [...answers, ...failed];
  }

  /** The share partition; or the error code of why it is not led here. */
  #open(groupId: string, { topicId, topic, partition: index }: NamedPartition): SharePartition | number {
    const { replicas, persister, runtime } = this.#options;
    const partition = replicas.partitionById(topicId, index);
    if (partition === undefined) return replicas.missingError(topic, index);
    const accessError = partition.checkAccess(-1, true);
    if (accessError !== Errors.NONE) return accessError;
    const known = this.#find(groupId, topicId, partition);
    if (known !== undefined) return known;
    const share = new SharePartition({
      groupId,
      topicId,
      partition,
      settings: () => this.#options.settings(groupId),
      persister,
      clock: runtime.clock,
      logger: this.#logger,
      fenced: (one) => this.#forget(one),
    });
    let ofGroup = this.#groups.get(groupId);
    if (ofGroup === undefined) this.#groups.set(groupId, (ofGroup = new Map()));
    const key = keyOf(topicId, index);
    ofGroup.set(key, share);
    const ofPartition = this.#ofPartition.get(key);
    if (ofPartition === undefined) this.#ofPartition.set(key, new Set([share]));
    else ofPartition.add(share);
    return share;
  }

  /** One of another leadership, or of a topic that has gone, is fenced. */
  #find(groupId: string, topicId: string, partition: Partition): SharePartition | undefined {
    const known = this.#groups.get(groupId)?.get(keyOf(topicId, partition.index));
    if (known === undefined || known.partition === partition) return known;
    known.fence();
    return undefined;
  }

  #forget(share: SharePartition): void {
    const { groupId, topicId, partition } = share;
    const ofGroup = this.#groups.get(groupId);
    const key = keyOf(topicId, partition.index);
    const ofPartition = this.#ofPartition.get(key);
    if (ofPartition?.delete(share) === true && ofPartition.size === 0) this.#ofPartition.delete(key);
    if (ofGroup?.get(key) !== share) return;
    ofGroup.delete(key);
    if (ofGroup.size === 0) this.#groups.delete(groupId);
  }

  /**
   * Share partitions that are led elsewhere now, or were meanwhile, are given up with what members have acquired of them: the
   * new leader reads what is written down (Kafka: SharePartitionManager.SharePartitionListener).
   */
  leadersChanged({ changedTopics, deletedTopics }: MetadataDelta): void {
    if (this.#ofPartition.size === 0) return;
    const { nodeId } = this.#options.replicas;
    for (const { id, changedPartitions } of changedTopics.values()) {
      for (const [index, { leader, leaderEpoch }] of changedPartitions) {
        for (const share of this.#ofPartition.get(keyOf(id, index)) ?? []) {
          if (leader !== nodeId || leaderEpoch > share.leaderEpoch + 1) share.fence();
        }
      }
    }
    for (const { id, partitions } of deletedTopics.values()) {
      for (const { partition } of partitions) {
        const gone = failedWith(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        for (const share of this.#ofPartition.get(keyOf(id, partition)) ?? []) share.fence(gone);
      }
    }
  }

  /** Resolves when it is written down; to why it is not. */
  acknowledge(
    groupId: string,
    memberId: string,
    { topicId, partition }: NamedPartition,
    batches: readonly AcknowledgementBatch[],
  ): Promise<Fault | undefined> {
    const share = this.#groups.get(groupId)?.get(keyOf(topicId, partition));
    if (share === undefined) return Promise.resolve(failedWith(Errors.UNKNOWN_TOPIC_OR_PARTITION));
    const accessError = share.partition.checkAccess(-1, true);
    if (accessError !== Errors.NONE) {
      share.fence(failedWith(accessError));
      return Promise.resolve(failedWith(accessError));
    }
    return share.acknowledge(memberId, batches);
  }

  /** The session is over: what its member has comes back. */
  endSession(session: ShareSession): void {
    if (!this.sessions.remove(session)) return;
    const ofGroup = this.#groups.get(session.groupId);
    if (ofGroup === undefined) return;
    for (const { topicId, partition } of session.partitions) {
      void ofGroup.get(keyOf(topicId, partition))?.release(session.memberId);
    }
  }

  /**
   * The sessions that `connection` begins end with it. A group of which nobody is left then gives up what it keeps here, even when
   * its last session ended before: its offsets may be altered now, and whoever comes next reads what is written down.
   */
  follow(connection: Connection, groupId: string): void {
    const { id } = connection;
    const followed = this.#connections.get(id);
    if (followed !== undefined) {
      if (followed.size >= MOST_GROUPS_FOLLOWED) this.#giveUpEmpty(followed);
      followed.add(groupId);
      return;
    }
    const groups = new Set([groupId]);
    this.#connections.set(id, groups);
    connection.whenClosed({
      connectionClosed: () => {
        this.#connections.delete(id);
        for (const session of this.sessions.ofConnection(id)) this.endSession(session);
        for (const group of groups) if (!this.sessions.hasMembers(group)) this.#fenceAll(group);
      },
    });
  }

  /** Groups whose sessions have all ended go before their connection does, when it has gone through very many. */
  #giveUpEmpty(followed: Set<string>): void {
    for (const group of followed) {
      if (this.sessions.hasMembers(group)) continue;
      this.#fenceAll(group);
      followed.delete(group);
    }
  }

  /** Waits for `waitMs`, or until the connection has closed. */
  pause(waitMs: number, connection: ClosableScope): Promise<void> {
    return new Promise((resolve) => {
      const waiter = {
        connectionClosed: () => {
          timer.cancel();
          resolve();
        },
      };
      const timer = this.#options.runtime.clock.schedule(Math.max(0, waitMs), () => {
        connection.forget(waiter);
        resolve();
      });
      connection.whenClosed(waiter);
    });
  }

  /** What is still being written down is read by whoever loads the share partition next: the coordinator keeps the order. */
  #fenceAll(groupId: string): void {
    for (const share of this.#groups.get(groupId)?.values() ?? []) share.fence();
  }

  close(): void {
    for (const groupId of this.#groups.keys()) this.#fenceAll(groupId);
  }
}

const keyOf = (topicId: string, partition: number): string => `${topicId}:${partition}`;

/** Each request of a session begins with another partition, so that none is always last (Kafka: PartitionRotateStrategy). */
function rotated(partitions: readonly NamedPartition[], sessionEpoch: number): readonly NamedPartition[] {
  if (partitions.length < 2 || sessionEpoch < 1) return partitions;
  const first = sessionEpoch % partitions.length;
  return first === 0 ? partitions : [...partitions.slice(first), ...partitions.slice(0, first)];
}
