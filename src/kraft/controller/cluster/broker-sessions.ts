// Which brokers have been heard of lately, and what they said (Kafka: BrokerHeartbeatManager, BrokerHeartbeatTracker). Soft
// state of the active controller: it begins empty with every activation, and nobody is fenced before a whole session has
// passed. Time is judged by what this process could have noticed: when it was held up itself, its timer comes late, and every
// session gets back as much. Heartbeats of that while lie unread in the sockets then, and silence proves nothing.
import type { Clock, Timer } from '../../../runtime/index.ts';

/**
 * The connection over which a broker registers and sends its heartbeats. Its end alone fences nobody, but says that a new
 * incarnation of the broker need not wait for the end of the session.
 */
export interface BrokerConnection {
  readonly isClosed: boolean;
  /** Has `waiter` told when the connection closes, until it is forgotten; at once if it has closed already. */
  whenClosed(waiter: ConnectionWaiter): void;
  forget(waiter: ConnectionWaiter): void;
  /** Closes soon when the machine of the broker has lost its power and is back; else nothing happens. */
  probe(): void;
}

export interface ConnectionWaiter {
  connectionClosed(): void;
}

class Session implements ConnectionWaiter {
  readonly brokerId: number;
  readonly brokerEpoch: number;
  lastHeardMs: number;
  /** By its own words, not only by what the metadata says of it. */
  isHeard = false;
  /** Neither fenced nor about to stop. */
  isActive = false;
  /** Up to where it has applied the metadata log; -1 until it has said. */
  metadataOffset = -1;
  /** What the others must have applied before it may stop; -1 while it does not want to. */
  shutdownOffset = -1;
  readonly #closed: (session: Session) => void;
  #connection: BrokerConnection | undefined;

  constructor(brokerId: number, brokerEpoch: number, nowMs: number, closed: (session: Session) => void) {
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.lastHeardMs = nowMs;
    this.#closed = closed;
  }

  get isConnected(): boolean {
    return this.#connection?.isClosed === false;
  }

  /** It was connected, and is no more. */
  get isCutOff(): boolean {
    return this.#connection?.isClosed === true;
  }

  use(connection: BrokerConnection | undefined): void {
    if (connection === undefined || connection === this.#connection) return;
    this.#connection?.forget(this);
    this.#connection = connection;
    connection.whenClosed(this);
  }

  /** See BrokerSessions. */
  async probe(clock: Clock): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    await new Promise<void>((resolve) => {
      const waiter: ConnectionWaiter = {
        connectionClosed: () => {
          timer.cancel();
          resolve();
        },
      };
      const timer = clock.schedule(PROBE_MS, () => {
        connection.forget(waiter);
        resolve();
      });
      connection.whenClosed(waiter);
      connection.probe();
    });
  }

  end(): void {
    this.#connection?.forget(this);
  }

  connectionClosed(): void {
    this.#closed(this);
  }
}

export interface BrokerSessionsOptions {
  readonly clock: Clock;
  /** broker.session.timeout.ms */
  readonly timeoutMs: number;
  /** The broker in this process shares our fate: while we are alive it is, and only the others can be silent. */
  readonly ownBrokerId: number;
  readonly onExpired: (brokerId: number) => void;
  /** The connection over which the broker was heard last has closed. */
  readonly onCutOff: (brokerId: number, brokerEpoch: number) => void;
}

/** An answer to a probe takes a way there and back; systems may be a second in sending it. */
const PROBE_MS = 1200;
/** The timer comes this many times in a session, so that it notices how long the process was held up. */
const LOOKS_PER_SESSION = 9;

export class BrokerSessions {
  readonly #options: BrokerSessionsOptions;
  readonly #sessions = new Map<number, Session>();
  #timer: Timer | undefined;
  #dueMs = 0;

  constructor(options: BrokerSessionsOptions) {
    this.#options = options;
  }

  /** A heartbeat or a registration came in. */
  hear(brokerId: number, brokerEpoch: number, connection: BrokerConnection | undefined): void {
    const session = this.#of(brokerId, brokerEpoch);
    session.lastHeardMs = this.#options.clock.monotonicMs();
    session.isHeard = true;
    session.use(connection);
  }

  /** An unfenced broker that a new active controller knows from the metadata: as if it had just been heard of. */
  assumeAlive(brokerId: number, brokerEpoch: number): void {
    this.#of(brokerId, brokerEpoch).isActive = true;
  }

  /** What the heartbeat of a broker with a session said and brought about. */
  note(
    brokerId: number,
    { isActive, metadataOffset }: { readonly isActive: boolean; readonly metadataOffset: number },
  ) {
    const session = this.#sessions.get(brokerId);
    if (session === undefined) return;
    session.isActive = isActive;
    session.metadataOffset = metadataOffset;
    if (isActive) session.shutdownOffset = -1;
  }

  /** The broker waits until all others have applied the log up to and with `offset`, which tells them that it goes. */
  awaitOthers(brokerId: number, offset: number): void {
    const session = this.#sessions.get(brokerId);
    if (session !== undefined && session.shutdownOffset < 0) session.shutdownOffset = offset;
  }

  isAwaitingOthers(brokerId: number): boolean {
    return (this.#sessions.get(brokerId)?.shutdownOffset ?? -1) >= 0;
  }

  /** Whether all brokers that go on have applied what tells them that this one goes. */
  haveOthersHeard(brokerId: number): boolean {
    const awaited = this.#sessions.get(brokerId)?.shutdownOffset ?? -1;
    for (const session of this.#sessions.values()) {
      if (session.isActive && session.brokerId !== brokerId && session.metadataOffset < awaited) return false;
    }
    return true;
  }

  forget(brokerId: number): void {
    this.#sessions.get(brokerId)?.end();
    this.#sessions.delete(brokerId);
  }

  /** Whether the incarnation with this epoch must be taken for alive. */
  isLive(brokerId: number, brokerEpoch: number): boolean {
    if (brokerId === this.#options.ownBrokerId) return true;
    const session = this.#sessions.get(brokerId);
    if (session === undefined || session.brokerEpoch !== brokerEpoch || session.isCutOff) return false;
    return this.#options.clock.monotonicMs() - session.lastHeardMs < this.#options.timeoutMs;
  }

  /** Whether the broker itself has been heard by this controller, in this epoch. */
  isHeard(brokerId: number, brokerEpoch: number): boolean {
    const session = this.#sessions.get(brokerId);
    return session !== undefined && session.brokerEpoch === brokerEpoch && session.isHeard;
  }

  isConnected(brokerId: number): boolean {
    return this.#sessions.get(brokerId)?.isConnected === true;
  }

  /**
   * Has the machine of a broker asked whether it still knows the connection. Resolves when it has said no, and the broker is cut
   * off; or when that has not come, be it that the broker lives or that it cannot be reached.
   */
  async probe(brokerId: number): Promise<void> {
    await this.#sessions.get(brokerId)?.probe(this.#options.clock);
  }

  clear(): void {
    for (const session of this.#sessions.values()) session.end();
    this.#sessions.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #of(brokerId: number, brokerEpoch: number): Session {
    const known = this.#sessions.get(brokerId);
    if (known?.brokerEpoch === brokerEpoch) return known;
    known?.end();
    const { clock, ownBrokerId, onCutOff } = this.#options;
    const session = new Session(brokerId, brokerEpoch, clock.monotonicMs(), (closed) => {
      if (this.#sessions.get(brokerId) === closed) onCutOff(brokerId, brokerEpoch);
    });
    this.#sessions.set(brokerId, session);
    if (brokerId !== ownBrokerId && this.#timer === undefined) this.#lookIn(this.#lookIntervalMs);
    return session;
  }

  get #lookIntervalMs(): number {
    return this.#options.timeoutMs / LOOKS_PER_SESSION;
  }

  #lookIn(delayMs: number): void {
    const { clock } = this.#options;
    this.#dueMs = clock.monotonicMs() + delayMs;
    this.#timer = clock.schedule(delayMs, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    const { clock, timeoutMs, ownBrokerId, onExpired } = this.#options;
    const nowMs = clock.monotonicMs();
    const lateMs = Math.max(0, nowMs - this.#dueMs);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const session of this.#sessions.values()) {
      if (session.brokerId === ownBrokerId) continue;
      session.lastHeardMs = Math.min(nowMs, session.lastHeardMs + lateMs);
      const leftMs = session.lastHeardMs + timeoutMs - nowMs;
      if (leftMs > 0) {
        nextMs = Math.min(nextMs, leftMs);
        continue;
      }
      this.forget(session.brokerId);
      onExpired(session.brokerId);
    }
    if (Number.isFinite(nextMs)) this.#lookIn(Math.min(nextMs, this.#lookIntervalMs));
  }
}
