// Leader: appends, serves fetches, and moves the high watermark when a majority of the voters has flushed. Leads to Resigned when its
// disk fails, when it shuts down, when it is voted out, and when a majority of the voters has not fetched for one and a half
// fetch timeouts (check-quorum, KAFKA-15489); to Unattached or Follower when it hears of a later epoch.
import { electionOf } from './election-state.ts';
import { isMeant, keyText, type ReplicaKey } from './replica-key.ts';
import type { VoterSet } from './voter-set.ts';

export interface ReplicaProgress {
  readonly key: ReplicaKey;
  /** Everything before is on its stable storage; -1: not known. */
  endOffset: number;
  /** On the monotonic clock; undefined: never. */
  lastFetchMs: number | undefined;
  lastCaughtUpMs: number | undefined;
  /** Where our log ended when it fetched last. */
  endAtLastFetch: number;
}

/** After so long without a fetch an observer is forgotten. */
const OBSERVER_SESSION_MS = 300_000;
/** A bound on who can make us remember it. */
const MAX_OBSERVERS = 10_000;

export class LeaderState {
  readonly name = 'leader';
  readonly voted = undefined;
  readonly epoch: number;
  readonly leaderId: number;
  readonly self: ReplicaKey;
  /** Where the records of this epoch begin. */
  readonly epochStartOffset: number;
  /** The offset of the next record that is appended. */
  nextOffset: number;
  /** When we resign unless a majority of the voters has fetched; Infinity: we need nobody. */
  checkQuorumMs = Number.POSITIVE_INFINITY;
  /** Voters that have not answered our BeginQuorumEpoch. */
  readonly unacknowledged = new Set<number>();
  /** When those who have not, or do not fetch, are told again. */
  beginEpochMs = 0;
  #voters: VoterSet;
  readonly #byVoter = new Map<number, ReplicaProgress>();
  readonly #observers = new Map<string, ReplicaProgress>();
  /** Voters that have fetched since the last time that a majority had. */
  readonly #fetched = new Set<number>();
  #highWatermark: number | undefined;

  constructor(facts: { epoch: number; self: ReplicaKey; epochStartOffset: number; voters: VoterSet }) {
    this.epoch = facts.epoch;
    this.leaderId = facts.self.id;
    this.self = facts.self;
    this.epochStartOffset = facts.epochStartOffset;
    this.nextOffset = facts.epochStartOffset;
    this.#voters = facts.voters;
    this.votersAre(facts.voters);
  }

  get election() {
    return electionOf(this);
  }
  /** undefined until a record of this epoch is committed. */
  get highWatermark(): number | undefined {
    return this.#highWatermark;
  }
  get otherVoters(): number[] {
    return this.#voters.ids.filter((id) => id !== this.self.id);
  }
  get voterProgress(): ReplicaProgress[] {
    return [...this.#byVoter.values()];
  }
  get observerProgress(): ReplicaProgress[] {
    return [...this.#observers.values()];
  }
  /** The other voters, the most complete log first. */
  get successors(): ReplicaKey[] {
    const others = this.voterProgress.filter(({ key }) => key.id !== this.self.id);
    return others.sort((one, other) => other.endOffset - one.endOffset).map(({ key }) => key);
  }

  progressOf(replica: ReplicaKey): ReplicaProgress | undefined {
    const voter = this.#byVoter.get(replica.id);
    if (voter !== undefined && isMeant(voter.key, replica)) return voter;
    return this.#observers.get(keyText(replica));
  }

  /** Another set counts from now on; what is known of a replica is kept. */
  votersAre(voters: VoterSet): void {
    const before = new Map(this.#byVoter);
    this.#voters = voters;
    this.#byVoter.clear();
    for (const { id, directoryId } of voters.voters) {
      const key = { id, directoryId };
      const known = before.get(id);
      const observed = this.#observers.get(keyText(key));
      const progress = known !== undefined && isMeant(known.key, key) ? known : observed;
      this.#byVoter.set(id, progress === undefined ? unknownProgress(key) : { ...progress, key });
      if (progress === undefined && id !== this.self.id) this.unacknowledged.add(id);
      this.#observers.delete(keyText(key));
      before.delete(id);
    }
    for (const gone of before.values()) {
      this.unacknowledged.delete(gone.key.id);
      if (gone.key.id !== this.self.id) this.#observers.set(keyText(gone.key), gone);
    }
  }

  /** Our own log is flushed up to `endOffset`; the high watermark, undefined as long as it is not known. */
  flushed(endOffset: number): number | undefined {
    const own = this.#byVoter.get(this.self.id);
    if (own !== undefined) own.endOffset = Math.max(own.endOffset, endOffset);
    return this.#advance();
  }

  /** A replica asks for what comes at `fetchOffset`: it has everything before. */
  fetched(replica: ReplicaKey, fetchOffset: number, now: number): number | undefined {
    const voter = this.#byVoter.get(replica.id);
    const isVoter = voter !== undefined && isMeant(voter.key, replica) && replica.id !== this.self.id;
    const progress = isVoter ? voter : this.#observerOf(replica, now);
    if (progress === undefined) return this.#highWatermark;
    // Caught up is who has what there was at its fetch before (Kafka: LeaderState.updateFollowerState).
    if (fetchOffset >= this.nextOffset) progress.lastCaughtUpMs = now;
    else if (fetchOffset >= progress.endAtLastFetch && progress.lastFetchMs !== undefined) {
      progress.lastCaughtUpMs = Math.max(progress.lastCaughtUpMs ?? 0, progress.lastFetchMs);
    }
    progress.lastFetchMs = now;
    progress.endAtLastFetch = this.nextOffset;
    // A voter that has lost what it had told of is not to be counted with it.
    progress.endOffset = fetchOffset;
    if (isVoter) this.unacknowledged.delete(replica.id);
    return this.#advance();
  }

  /** A voter has been heard of; true when a majority has, since this was true last. */
  heardOf(replica: ReplicaKey): boolean {
    const voter = this.#byVoter.get(replica.id);
    if (voter === undefined || !isMeant(voter.key, replica) || replica.id === this.self.id) return false;
    this.#fetched.add(replica.id);
    const own = this.#voters.get(this.self.id) === undefined ? 0 : 1;
    const heard = this.#voters.ids.filter((id) => this.#fetched.has(id)).length;
    if (heard + own <= this.#voters.size / 2) return false;
    this.#fetched.clear();
    return true;
  }

  /** Voters that have to be told of this epoch: they have not acknowledged it, or do not fetch. */
  toBeTold(now: number, silentMs: number): number[] {
    return this.otherVoters.filter((id) => {
      const lastFetchMs = this.#byVoter.get(id)?.lastFetchMs;
      return this.unacknowledged.has(id) || lastFetchMs === undefined || now - lastFetchMs > silentMs;
    });
  }

  #observerOf(replica: ReplicaKey, now: number): ReplicaProgress | undefined {
    for (const [key, { lastFetchMs = now }] of this.#observers) {
      if (now - lastFetchMs > OBSERVER_SESSION_MS) this.#observers.delete(key);
    }
    if (replica.id < 0 || replica.id === this.self.id) return undefined;
    const key = keyText(replica);
    const known = this.#observers.get(key);
    if (known !== undefined || this.#observers.size >= MAX_OBSERVERS) return known;
    const progress = unknownProgress(replica);
    this.#observers.set(key, progress);
    return progress;
  }

  #advance(): number | undefined {
    const descending = this.voterProgress.map(({ endOffset }) => endOffset).sort((one, other) => other - one);
    const held = descending[Math.floor(descending.length / 2)] ?? -1;
    // Raft section 5.4.2: only a record of the own epoch commits, and with it everything before.
    if (held > this.epochStartOffset && held > (this.#highWatermark ?? -1)) this.#highWatermark = held;
    return this.#highWatermark;
  }
}

function unknownProgress(key: ReplicaKey): ReplicaProgress {
  return { key, endOffset: -1, lastFetchMs: undefined, lastCaughtUpMs: undefined, endAtLastFetch: -1 };
}
