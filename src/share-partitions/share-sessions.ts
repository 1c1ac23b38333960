// Share sessions (KIP-932; Kafka: ShareSessionCache, ShareSession, ShareSessionContext): which partitions a member reads, so
// that its requests need not name them each time, and an epoch that counts its requests. A session belongs to the connection
// that has begun it, and ends with it.
import { Errors, KafkaError } from '../protocol/index.ts';
import { assert } from '../runtime/index.ts';

/** ShareRequestMetadata */
export const INITIAL_EPOCH = 0;
export const FINAL_EPOCH = -1;
const LARGEST_EPOCH = 0x7fff_ffff;

export interface SessionPartition {
  readonly topicId: string;
  /** undefined: nobody knew the id when it was named. */
  readonly topic: string | undefined;
  readonly partition: number;
}

interface CachedPartition extends SessionPartition {
  /** It stands in the next answer in any case. */
  isDue: boolean;
}

/** What a session looks at in an answer to decide whether it is news. */
export interface PartitionAnswer {
  readonly topicId: string;
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly sizeBytes: number;
}

const keyOf = (topicId: string, partition: number): string => `${topicId}:${partition}`;
/** Group ids may hold anything: the length tells where the first ends. */
const sessionKey = (groupId: string, memberId: string): string => `${groupId.length}:${groupId}${memberId}`;

export class ShareSession {
  readonly groupId: string;
  readonly memberId: string;
  readonly connectionId: number;
  /** The epoch that the next request must carry. */
  epoch = nextEpoch(INITIAL_EPOCH);
  readonly #partitions = new Map<string, CachedPartition>();

  constructor(groupId: string, memberId: string, connectionId: number, partitions: readonly SessionPartition[]) {
    this.groupId = groupId;
    this.memberId = memberId;
    this.connectionId = connectionId;
    for (const one of partitions) this.#partitions.set(keyOf(one.topicId, one.partition), { ...one, isDue: false });
  }

  /** In the order in which they are read: those that had records last stand behind. */
  get partitions(): Iterable<SessionPartition> {
    return this.#partitions.values();
  }
  get size(): number {
    return this.#partitions.size;
  }

  update(named: readonly SessionPartition[], forgotten: Iterable<Omit<SessionPartition, 'topic'>>): void {
    for (const one of named) {
      const key = keyOf(one.topicId, one.partition);
      if (!this.#partitions.has(key)) this.#partitions.set(key, { ...one, isDue: true });
    }
    for (const { topicId, partition } of forgotten) this.#partitions.delete(keyOf(topicId, partition));
  }

  /** Those of `answers` that are sent. */
  conclude<A extends PartitionAnswer>(answers: readonly A[]): A[] {
    return answers.filter((answer) => {
      const key = keyOf(answer.topicId, answer.partitionIndex);
      const cached = this.#partitions.get(key);
      if (cached === undefined) return true;
      const isFailed = answer.errorCode !== Errors.NONE;
      const isSent = answer.sizeBytes > 0 || cached.isDue || isFailed;
      cached.isDue = isFailed;
      if (answer.sizeBytes > 0) {
        this.#partitions.delete(key);
        this.#partitions.set(key, cached);
      }
      return isSent;
    });
  }
}

export class ShareSessionCache {
  readonly #limit: () => number;
  readonly #sessions = new Map<string, ShareSession>();
  readonly #membersOf = new Map<string, number>();

  /** `limit`: the most sessions of this broker. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#sessions.size;
  }
  get(groupId: string, memberId: string): ShareSession | undefined {
    return this.#sessions.get(sessionKey(groupId, memberId));
  }
  hasMembers(groupId: string): boolean {
    return this.#membersOf.has(groupId);
  }
  *ofConnection(connectionId: number): Iterable<ShareSession> {
    for (const session of this.#sessions.values()) if (session.connectionId === connectionId) yield session;
  }

  /** Begins a session, in the place of the one before. Throws KafkaError SHARE_SESSION_LIMIT_REACHED. */
  open(groupId: string, memberId: string, connectionId: number, partitions: readonly SessionPartition[]): ShareSession {
    const known = this.get(groupId, memberId);
    if (known !== undefined) this.remove(known);
    if (this.#sessions.size >= this.#limit()) throw new KafkaError(Errors.SHARE_SESSION_LIMIT_REACHED);
    const session = new ShareSession(groupId, memberId, connectionId, partitions);
    this.#sessions.set(sessionKey(groupId, memberId), session);
    this.#membersOf.set(groupId, (this.#membersOf.get(groupId) ?? 0) + 1);
    return session;
  }

  /**
   * The session that a request with `epoch` belongs to, which counts it; the last request of a session is not counted. Throws
   * KafkaError SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH.
   */
  request(groupId: string, memberId: string, epoch: number): ShareSession {
    const session = this.get(groupId, memberId);
    if (session === undefined) throw new KafkaError(Errors.SHARE_SESSION_NOT_FOUND);
    if (epoch === FINAL_EPOCH) return session;
    if (session.epoch !== epoch) throw new KafkaError(Errors.INVALID_SHARE_SESSION_EPOCH);
    session.epoch = nextEpoch(epoch);
    return session;
  }

  /** False when it has ended already. */
  remove(session: ShareSession): boolean {
    const key = sessionKey(session.groupId, session.memberId);
    if (this.#sessions.get(key) !== session) return false;
    this.#sessions.delete(key);
    const members = this.#membersOf.get(session.groupId) ?? 0;
    assert(members > 0, 'a session is one of its group');
    if (members === 1) this.#membersOf.delete(session.groupId);
    else this.#membersOf.set(session.groupId, members - 1);
    return true;
  }
}

function nextEpoch(epoch: number): number {
  return epoch === LARGEST_EPOCH ? INITIAL_EPOCH + 1 : epoch + 1;
}
