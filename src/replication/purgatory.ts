// Requests that wait: parked until a partition moves, the clock says that it is enough, or the client has gone. Who waits
// for a partition stands in that partition's list of watchers, so that nothing is ever polled (Kafka: DelayedOperationPurgatory).
import { assert, type Clock, type Timer } from '../runtime/index.ts';
import { MAX_PARKED_REQUESTS } from './replication-config.ts';

/** Told whenever something about a partition has moved: log end, high watermark, log start, leader, its existence. */
export interface Watcher {
  moved(): void;
}

/** A request that can be parked. */
export interface Parked {
  /** Its time is over. It is no longer parked when this is called. */
  expired(): void;
}

/** The place of one parked request; `leave` takes it out, as often as one likes. */
export class ParkingPlace {
  readonly #purgatory: Purgatory;
  readonly #request: Parked;
  #timer: Timer | undefined;

  constructor(purgatory: Purgatory, request: Parked, clock: Clock, timeoutMs: number) {
    this.#purgatory = purgatory;
    this.#request = request;
    this.#timer = clock.schedule(timeoutMs, () => this.expire());
  }

  /** Ends the wait now, as the clock would. */
  expire(): void {
    if (this.#timer === undefined) return;
    this.leave();
    this.#request.expired();
  }

  leave(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#purgatory.forget(this);
  }
}

export class Purgatory {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #places = new Set<ParkingPlace>();
  #isClosed = false;

  constructor(clock: Clock, limit = MAX_PARKED_REQUESTS) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Parks `request` for at most `timeoutMs`; undefined when the purgatory is full or closed: it must be answered as it stands. */
  park(request: Parked, timeoutMs: number): ParkingPlace | undefined {
    if (this.#isClosed || this.#places.size >= this.#limit) return undefined;
    const place = new ParkingPlace(this, request, this.#clock, timeoutMs);
    this.#places.add(place);
    return place;
  }

  forget(place: ParkingPlace): void {
    assert(this.#places.delete(place), 'a place is left once');
  }

  /** Ends every wait, and allows no more: the broker is going. */
  close(): void {
    this.#isClosed = true;
    for (const place of Array.from(this.#places)) place.expire();
    assert(this.#places.size === 0, 'nobody waits in a closed purgatory');
  }
}
