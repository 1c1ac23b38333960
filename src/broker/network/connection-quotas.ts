// How many connections there may be, and how fast they may come (Kafka: ConnectionQuotas): of the whole broker, of a listener, of
// an address. What is beyond the number of an address is closed at once; what is beyond its rate is held a while, then closed; what
// is beyond the limits of listener or broker waits until it has room. The listener of the brokers is not held up by the others.
import type { Clock } from '../../runtime/index.ts';
import { type RateWindows, SampledRate } from '../quotas/sampled-rate.ts';

export interface ListenerLimits {
  /** listener.name.NAME.max.connections */
  readonly maxConnections: number;
  /** listener.name.NAME.max.connection.creation.rate, connections a second. */
  readonly creationRate: number;
}

/** Infinity, or what is left out, limits nothing. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
  /** Other limits for single addresses. */
  readonly ofAddress: ReadonlyMap<string, number>;
  readonly maxIdleMs: number;
  readonly maxRequestBytes: number;
  /** max.connection.creation.rate, connections a second. */
  readonly creationRate?: number;
  readonly ofListener?: (name: string) => ListenerLimits;
  /** The quota of an address, connections a second. */
  readonly rateOfAddress?: ((address: string) => number | undefined) | undefined;
  /** The listener of the brokers, where there are others. */
  readonly protectedListener?: string | undefined;
  readonly windows?: RateWindows;
}

/** The limit that was reached, the setting that changes it, and how many there are. */
export interface ReachedLimit {
  readonly key: string;
  readonly allowed: number;
  readonly present: number;
}

export type Admission =
  | { readonly kind: 'taken'; readonly slot: ConnectionSlot; readonly delayMs: number }
  | { readonly kind: 'waits'; readonly slot: ConnectionSlot; readonly limit: ReachedLimit }
  | { readonly kind: 'refused'; readonly limit: ReachedLimit }
  | { readonly kind: 'held'; readonly forMs: number; readonly limit: ReachedLimit };

/** What a connection takes of the limits. */
export interface ConnectionSlot {
  /** The connection has gone: others may have its room. */
  leave(): void;
}

const UNLIMITED: ListenerLimits = { maxConnections: Number.POSITIVE_INFINITY, creationRate: Number.POSITIVE_INFINITY };
const DEFAULT_WINDOWS: RateWindows = { samples: 11, windowMs: 1000 };
/** Kafka leaves them in the backlog of the kernel, which is as long by default (socket.listen.backlog.size). */
const MAX_WAITING = 50;
/** Addresses whose rate is remembered at a time. */
const MOST_ADDRESSES = 10_000;

interface Waiting {
  readonly taken: () => void;
  readonly slot: Slot;
}

class Slot implements ConnectionSlot {
  isTaken = false;
  hasLeft = false;
  readonly listener: string;
  readonly address: string;
  readonly #left: (slot: Slot) => void;

  constructor(listener: string, address: string, left: (slot: Slot) => void) {
    this.listener = listener;
    this.address = address;
    this.#left = left;
  }

  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.#left(this);
  }
}

export class ConnectionQuotas {
  readonly #clock: Clock;
  readonly #limits: () => ConnectionLimits;
  /** A protected connection has taken the room of another: one of them has to go. */
  readonly #onOverflow: () => void;
  readonly #byListener = new Map<string, number>();
  readonly #byAddress = new Map<string, number>();
  readonly #listenerRates = new Map<string, SampledRate>();
  readonly #addressRates = new Map<string, SampledRate>();
  readonly #waiting: Waiting[] = [];
  #brokerRate: SampledRate | undefined;
  #count = 0;

  constructor(clock: Clock, limits: () => ConnectionLimits, onOverflow: () => void = () => undefined) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onOverflow = onOverflow;
  }

  /** `taken` is called when a connection that waits gets its room. */
  admit(listener: string, address: string, taken: () => void): Admission {
    const limits = this.#limits();
    const held = this.#addressDelay(address, limits);
    if (held !== undefined) return held;
    const ofAddress = this.#byAddress.get(address) ?? 0;
    const allowed = limits.ofAddress.get(address) ?? limits.maxConnectionsPerIp;
    if (ofAddress >= allowed) {
      return { kind: 'refused', limit: { key: 'max.connections.per.ip', allowed, present: ofAddress } };
    }
    this.#byAddress.set(address, ofAddress + 1);
    const slot = new Slot(listener, address, this.#left);
    const limit = this.#reached(listener, limits);
    if (limit === undefined) return { kind: 'taken', slot, delayMs: this.#take(slot, limits) };
    if (this.#waiting.length >= MAX_WAITING) {
      slot.leave();
      return { kind: 'refused', limit };
    }
    this.#waiting.push({ taken, slot });
    return { kind: 'waits', slot, limit };
  }

  /** Limits may have changed: whoever has room now comes in. */
  admitWaiting(): void {
    const limits = this.#limits();
    for (const waiting of this.#waiting.slice()) {
      if (this.#reached(waiting.slot.listener, limits) !== undefined) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      this.#take(waiting.slot, limits);
      waiting.taken();
    }
  }

  #reached(listener: string, limits: ConnectionLimits): ReachedLimit | undefined {
    const ofListener = this.#byListener.get(listener) ?? 0;
    const { maxConnections } = limits.ofListener?.(listener) ?? UNLIMITED;
    if (ofListener >= maxConnections) {
      const key = `listener.name.${listener.toLowerCase()}.max.connections`;
      return { key, allowed: maxConnections, present: ofListener };
    }
    if (this.#count < limits.maxConnections || listener === limits.protectedListener) return undefined;
    return { key: 'max.connections', allowed: limits.maxConnections, present: this.#count };
  }

  /** How long the connection is not listened to, because too many have come of late. */
  #take(slot: Slot, limits: ConnectionLimits): number {
    const { listener } = slot;
    slot.isTaken = true;
    this.#count += 1;
    this.#byListener.set(listener, (this.#byListener.get(listener) ?? 0) + 1);
    const isProtected = listener === limits.protectedListener;
    if (isProtected && this.#count > limits.maxConnections) this.#onOverflow();
    const windows = limits.windows ?? DEFAULT_WINDOWS;
    const { creationRate: listenerRate } = limits.ofListener?.(listener) ?? UNLIMITED;
    const brokerRate = isProtected ? Number.POSITIVE_INFINITY : (limits.creationRate ?? Number.POSITIVE_INFINITY);
    let delayMs = 0;
    if (listenerRate !== Number.POSITIVE_INFINITY) {
      delayMs = this.#delay(rateIn(this.#listenerRates, listener, windows), listenerRate, windows);
    }
    if (brokerRate !== Number.POSITIVE_INFINITY) {
      this.#brokerRate ??= new SampledRate(windows);
      delayMs = Math.max(delayMs, this.#delay(this.#brokerRate, brokerRate, windows));
    }
    return delayMs;
  }

  /** At most a window. */
  #delay(rate: SampledRate, limit: number, { windowMs }: RateWindows): number {
    const now = this.#clock.monotonicMs();
    rate.record(1, now);
    return Math.min(rate.throttleMs(limit, now), windowMs);
  }

  #addressDelay(address: string, limits: ConnectionLimits): Admission | undefined {
    const allowed = limits.rateOfAddress?.(address);
    if (allowed === undefined) return undefined;
    const windows = limits.windows ?? DEFAULT_WINDOWS;
    if (this.#addressRates.size >= MOST_ADDRESSES && !this.#addressRates.has(address)) this.#addressRates.clear();
    const rate = rateIn(this.#addressRates, address, windows);
    const forMs = this.#delay(rate, allowed, windows);
    if (forMs === 0) return undefined;
    rate.record(-1, this.#clock.monotonicMs());
    const present = this.#byAddress.get(address) ?? 0;
    return { kind: 'held', forMs, limit: { key: 'connection_creation_rate', allowed, present } };
  }

  readonly #left = (slot: Slot): void => {
    const { listener, address } = slot;
    const ofAddress = (this.#byAddress.get(address) ?? 1) - 1;
    if (ofAddress > 0) this.#byAddress.set(address, ofAddress);
    else this.#byAddress.delete(address);
    if (!slot.isTaken) {
      const place = this.#waiting.findIndex((waiting) => waiting.slot === slot);
      if (place >= 0) this.#waiting.splice(place, 1);
      return;
    }
    this.#count -= 1;
    this.#byListener.set(listener, (this.#byListener.get(listener) ?? 1) - 1);
    if (this.#waiting.length > 0) this.admitWaiting();
  };
}

function rateIn(rates: Map<string, SampledRate>, name: string, windows: RateWindows): SampledRate {
  let rate = rates.get(name);
  if (rate === undefined) rates.set(name, (rate = new SampledRate(windows)));
  return rate;
}
