// One follower as its leader knows it, from its fetches (Kafka: Replica, ReplicaState). Times are those of ClusterView.liveMs.

/** Not heard of in this leadership. */
export const UNKNOWN_OFFSET = -1;
/** It has not fetched, so that its epoch is not known; -1 is what followers send that do not know it themselves. */
const UNKNOWN_EPOCH = -2;

export class Follower {
  readonly id: number;
  /** It has everything below. */
  endOffset = UNKNOWN_OFFSET;
  logStartOffset = UNKNOWN_OFFSET;
  #brokerEpoch = UNKNOWN_EPOCH;
  #lastFetchMs = Number.NEGATIVE_INFINITY;
  #leaderEndAtLastFetch = UNKNOWN_OFFSET;
  #lastCaughtUpMs: number;

  /** `isInSync`: it has the time of replica.lag.time.max.ms to be heard of. */
  constructor(id: number, isInSync: boolean, nowMs: number) {
    this.id = id;
    this.#lastCaughtUpMs = isInSync ? nowMs : Number.NEGATIVE_INFINITY;
  }

  /** It has fetched, so that its epoch is known. */
  get isHeardOf(): boolean {
    return this.#brokerEpoch !== UNKNOWN_EPOCH;
  }
  /** What it fetched with last; -1 when that is not known. */
  get brokerEpoch(): number {
    return Math.max(this.#brokerEpoch, -1);
  }
  get lastCaughtUpMs(): number {
    return this.#lastCaughtUpMs;
  }

  /** It has asked for `offset` while the leader's log ended at `leaderEnd`. */
  fetched(offset: number, logStartOffset: number, brokerEpoch: number, leaderEnd: number, nowMs: number): void {
    // Whoever asks for what was the end at its last fetch had everything then.
    if (offset >= leaderEnd) this.#lastCaughtUpMs = Math.max(this.#lastCaughtUpMs, nowMs);
    else if (offset >= this.#leaderEndAtLastFetch)
      this.#lastCaughtUpMs = Math.max(this.#lastCaughtUpMs, this.#lastFetchMs);
    this.endOffset = offset;
    this.logStartOffset = logStartOffset;
    this.#brokerEpoch = brokerEpoch;
    this.#leaderEndAtLastFetch = leaderEnd;
    this.#lastFetchMs = nowMs;
  }

  /** It has asked again and again for what was the end at its last fetch, the last time at `nowMs`. */
  rested(nowMs: number): void {
    this.#lastCaughtUpMs = Math.max(this.#lastCaughtUpMs, nowMs);
    this.#lastFetchMs = Math.max(this.#lastFetchMs, nowMs);
  }

  /** The leader leads on in another epoch, which begins at `leaderEnd`. */
  reelected(isInSync: boolean, leaderEnd: number, nowMs: number): void {
    this.#lastCaughtUpMs = isInSync ? nowMs : Number.NEGATIVE_INFINITY;
    this.#leaderEndAtLastFetch = leaderEnd;
    this.#lastFetchMs = nowMs;
  }

  isCaughtUp(leaderEnd: number, nowMs: number, maxLagMs: number): boolean {
    return this.endOffset === leaderEnd || nowMs - this.#lastCaughtUpMs <= maxLagMs;
  }
}
