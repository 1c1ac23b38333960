// One client connection: frames in, responses out in the order of the requests. As in Kafka one request is in process
// at a time, so that a later one never overtakes what an earlier one does; only Produce requests follow each other without
// waiting, since their order is fixed when they are appended and what they wait for is the disk.
import { ConnectionState, type SecurityProtocol, type SentWaiter } from '../../api-handlers/index.ts';
import type { Clock, Connection, ConnectionEvents, Timer, TlsPeer } from '../../runtime/index.ts';
import { FrameAssembler, type FrameConsumer, type FrameVerdict } from './frame-assembler.ts';
import type { Frame } from './frame.ts';
import type { ListenerTraffic } from './listener-traffic.ts';
import { MAX_UNSENT_BYTES, Outbox, type UnsentBytes } from './outbox.ts';
import { PendingResponse, PendingResponses } from './pending-response.ts';
import type { ReceiveBuffers } from './receive-buffers.ts';
import { ConnectionSession } from './session.ts';
import { type Turn, TurnShare, type TurnTaker } from './turn.ts';

/** Produce requests of one connection that may wait for the disk together: how many, and their frames' bytes. */
const MAX_IN_PROCESS = 256;
const MAX_BYTES_IN_PROCESS = 8 * 1024 * 1024;
/** With so many bytes behind a request in process the socket is no longer read. */
const MAX_WAITING_BYTES = 64 * 1024;
const STARVED_RETRY_MS = 10;
/** How long a refused peer may take to read its last answers and to close; how long any peer may when the broker stops. */
const LINGER_MS = 3000;
const DRAINED_LINGER_MS = 1000;

/** Where a connection delivers its frames: the dispatcher. */
export interface RequestSink {
  /** `frame` holds until this returns. */
  onRequest(connection: BrokerConnection, frame: Frame): FrameVerdict;
  onBadFrame(connection: BrokerConnection, size: number): void;
  /** Partial frames of all connections hold far more memory than they may. */
  onOverrun(connection: BrokerConnection): void;
  /** The peer sends no more, or the connection has closed. */
  onPeerGone(connection: BrokerConnection): void;
}

/** What all connections of a listener have in common. */
export interface ConnectionSurroundings {
  readonly listenerName: string;
  readonly securityProtocol: SecurityProtocol;
  readonly buffers: ReceiveBuffers;
  readonly clock: Clock;
  readonly unsent: UnsentBytes;
  readonly traffic: ListenerTraffic;
  readonly turn: Turn;
  readonly onClosed: (connection: BrokerConnection, error: Error | undefined) => void;
  /** TLS is agreed on. */
  readonly onSecured?: (connection: BrokerConnection, peer: TlsPeer) => void;
}

export interface ConnectionOptions {
  readonly id: number;
  readonly sink: RequestSink;
  readonly maxRequestBytes: number;
}

export class BrokerConnection implements ConnectionEvents, FrameConsumer, TurnTaker {
  readonly socket: Connection;
  readonly session: ConnectionSession;
  readonly state: ConnectionState;
  /** KIP-511: what ApiVersions told of the client, for log lines. */
  clientSoftware = '';
  lastActiveMs: number;
  readonly acceptedMs: number;
  readonly share: TurnShare;
  readonly #around: ConnectionSurroundings;
  #sink: RequestSink;
  readonly #assembler: FrameAssembler;
  /** Answered ones leave from the front. */
  readonly #pending = new PendingResponses();
  #bytesInProcess = 0;
  readonly #outbox: Outbox;
  #isFlushPlanned = false;
  #isReceiving = false;
  #isPaused = false;
  /** No further request is begun, and the socket ends. */
  #isEnding = false;
  /** The peer has ended its sending side: what it asked is still answered, as by Kafka. */
  #hasPeerEnded = false;
  #isDraining = false;
  /** It has no room among the others yet: nothing is read. */
  #isHeld = false;
  #unmuting: Timer | undefined;
  #isRetryPlanned = false;
  #linger: Timer | undefined;
  /** When the first byte of the partial frame came, on the monotonic clock. */
  #partialSinceMs = 0;
  /** A whole frame has come that cannot be begun yet. */
  #isHolding = false;

  constructor(socket: Connection, around: ConnectionSurroundings, { id, sink, maxRequestBytes }: ConnectionOptions) {
    const { listenerName, securityProtocol } = around;
    this.socket = socket;
    this.session = new ConnectionSession({ listenerName, securityProtocol, socket });
    this.state = new ConnectionState(id, socket);
    this.lastActiveMs = around.clock.monotonicMs();
    this.acceptedMs = this.lastActiveMs;
    this.#around = around;
    this.#sink = sink;
    this.#outbox = new Outbox(socket, around.unsent, around.traffic);
    this.share = new TurnShare(around.turn, this);
    this.#assembler = new FrameAssembler(around.buffers, maxRequestBytes, this);
  }

  /**
   * No request is in process, so that the idle time counts. A peer that has ended its sending side counts as quiet too, and so
   * does one whose socket is paused: while it is not read, it cannot be seen that the peer has gone.
   */
  get isQuiet(): boolean {
    return this.#pending.count === 0 || this.#hasPeerEnded || (this.#isHolding && this.#isPaused);
  }

  /** Frames go there from now on, and may be as large as `maxFrameBytes`. */
  deliverTo(sink: RequestSink, maxFrameBytes: number): void {
    this.#sink = sink;
    this.#assembler.allowFrames(maxFrameBytes);
  }

  onSecured(peer: TlsPeer): void {
    this.#around.onSecured?.(this, peer);
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** All that was received has been answered, and the kernel has the answers. */
  get isAnswered(): boolean {
    return this.#pending.count === 0 && !this.#isHolding && this.#outbox.unsentBytes === 0;
  }

  /**
   * True when it has held memory since before `sinceMs`, either for a frame that does not become whole, or for many bytes behind
   * a request that chose to wait (a Fetch, a JoinGroup). Produce requests wait for the disk, which is not their peer's choice.
   */
  isStalledSince(sinceMs: number): boolean {
    const waitingBytes = this.#assembler.waitingBytes;
    const { first } = this.#pending;
    const mayWait = first === undefined ? this.#isHolding : first.isOrderedByAppend || waitingBytes < MAX_WAITING_BYTES;
    return waitingBytes > 0 && !mayWait && this.#partialSinceMs < sinceMs;
  }

  receiveBuffer(): Uint8Array {
    return this.#assembler.receiveBuffer();
  }

  onReceived(sizeBytes: number): void {
    const now = this.#around.clock.monotonicMs();
    this.lastActiveMs = now;
    if (this.#assembler.waitingBytes === 0) this.#partialSinceMs = now;
    this.#isReceiving = true;
    this.share.begins(now);
    this.#assembler.received(sizeBytes);
    this.#isReceiving = false;
    this.#outbox.flush();
    this.#regulate();
    this.#endIfAnswered();
  }

  onFrame(frame: Frame): FrameVerdict {
    this.#partialSinceMs = this.lastActiveMs;
    const isFull = this.#outbox.isFull(this.share.isCrowded);
    const isHeldBack = this.#isEnding || this.#isHeld || this.#unmuting !== undefined || isFull;
    const verdict = isHeldBack || !this.share.admits() ? 'later' : this.#sink.onRequest(this, frame);
    this.#isHolding = verdict === 'later';
    return verdict;
  }

  onBadSize(size: number): FrameVerdict {
    this.#isHolding = this.#pending.count > 0;
    if (this.#isHolding) return 'later';
    this.#sink.onBadFrame(this, size);
    return 'taken';
  }

  /** Whether a request may be begun beside those in process. */
  admits(isOrderedByAppend: boolean): boolean {
    const { last, count } = this.#pending;
    if (last === undefined) return true;
    return (
      isOrderedByAppend &&
      count < MAX_IN_PROCESS &&
      this.#bytesInProcess < MAX_BYTES_IN_PROCESS &&
      last.isOrderedByAppend
    );
  }

  begin(isOrderedByAppend: boolean, sizeBytes: number): PendingResponse {
    const pending = new PendingResponse(sizeBytes);
    this.#bytesInProcess += sizeBytes;
    this.#around.traffic.received(sizeBytes);
    pending.isOrderedByAppend = isOrderedByAppend;
    this.#pending.push(pending);
    return pending;
  }

  /** The answer is there: it leaves as soon as those before it have. */
  answer(pending: PendingResponse, buffers: readonly Uint8Array[], waiter?: SentWaiter): void {
    pending.buffers = buffers;
    pending.waiter = waiter;
    this.#bytesInProcess -= pending.sizeBytes;
    if (this.#isEnding || this.#pending.first !== pending) return;
    for (let { first } = this.#pending; first?.buffers !== undefined; { first } = this.#pending) {
      this.#outbox.add(first);
      this.#pending.shift();
      if (first.closesConnection) return this.refuse();
    }
    this.#outbox.count();
    this.#planFlush();
  }

  /** Closes when all that was asked before `pending` has been answered. */
  closeInstead(pending: PendingResponse): void {
    pending.closesConnection = true;
    this.answer(pending, []);
  }

  /**
   * Ends the connection of a peer that broke the protocol, or whose answer is the end. Answers that are there still leave. Bytes
   * that still come are read and dropped: a socket that is closed with bytes unread is reset, and its last answers with it; one
   * that is not read never shows that its peer has gone.
   */
  refuse(): void {
    if (this.#isEnding) return;
    this.#end();
    this.#lingerFor(LINGER_MS);
  }

  /** Nothing is read until it is released. */
  hold(): void {
    this.#isHeld = true;
    this.#regulate();
  }

  release(): void {
    this.#isHeld = false;
    this.#resume();
  }

  /** Throttles the connection (KIP-219): nothing is read for so long; requests in process are answered. */
  mute(forMs: number): void {
    const { clock } = this.#around;
    const untilMs = clock.monotonicMs() + forMs;
    if (this.#isDraining || untilMs <= this.session.mutedUntilMs) return;
    this.session.mutedUntilMs = untilMs;
    this.#unmuting?.cancel();
    this.#unmuting = clock.schedule(forMs, () => {
      this.lastActiveMs = clock.monotonicMs();
      this.#unmute();
      this.#resume();
    });
  }

  /**
   * Reads no more, answers what has come, and ends the connection then. The peer gets a moment to close: a socket that
   * is closed while it still sends is reset, and its last answers may be lost.
   */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#unmute();
    this.#resume();
  }

  /** Closes at once. */
  destroy(): void {
    this.#isEnding = true;
    this.socket.destroy();
    this.#assembler.close();
  }

  onDrained(): void {
    this.lastActiveMs = this.#around.clock.monotonicMs();
    this.#outbox.count();
    this.#resume();
    this.#lingerIfDrained();
  }

  get waitingFrames(): number {
    return this.#assembler.waitingFrames;
  }

  /** Requests that could not be begun may be begun now. */
  wake(): void {
    this.#resume();
  }

  onEnded(): void {
    this.#hasPeerEnded = true;
    this.#sink.onPeerGone(this);
    this.#endIfAnswered();
  }

  onClosed(error?: Error): void {
    this.#isEnding = true;
    this.#linger?.cancel();
    this.#unmute();
    this.#assembler.dispose();
    this.state.close();
    this.#sink.onPeerGone(this);
    for (let { first } = this.#pending; first !== undefined; { first } = this.#pending) {
      this.#pending.shift();
      first.waiter?.sent();
    }
    this.#outbox.close();
    this.#around.onClosed(this, error);
  }

  #unmute(): void {
    this.#unmuting?.cancel();
    this.#unmuting = undefined;
    this.session.mutedUntilMs = 0;
  }

  /** Ends the connection once nothing more is to come from it and all that came has been answered. */
  #endIfAnswered(): void {
    if (this.#isEnding || !(this.#hasPeerEnded || this.#isDraining)) return;
    if (this.#pending.count > 0 || this.#isHolding) return;
    this.#end();
    this.#lingerIfDrained();
  }

  /** The peer's moment to close begins when the kernel has all answers. */
  #lingerIfDrained(): void {
    if (this.#isDraining && this.#isEnding && this.#outbox.unsentBytes === 0) this.#lingerFor(DRAINED_LINGER_MS);
  }

  #lingerFor(lingerMs: number): void {
    this.#linger ??= this.#around.clock.schedule(lingerMs, () => this.socket.destroy());
  }

  #end(): void {
    this.#isEnding = true;
    this.#assembler.close();
    this.#outbox.flush();
    this.socket.end();
    this.#regulate();
  }

  #planFlush(): void {
    if (this.#isReceiving || this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    this.#around.clock.endOfTurn(this.#flushPlanned);
  }

  /** All answers of a turn leave in one write; then the requests that waited for them are begun. */
  readonly #flushPlanned = (): void => {
    this.#isFlushPlanned = false;
    this.#outbox.flush();
    this.#resume();
  };

  #resume(): void {
    if (this.state.isClosed || this.#isEnding) return;
    this.#isReceiving = true;
    if (this.#assembler.waitingBytes > 0) this.share.begins(this.#around.clock.monotonicMs());
    this.#assembler.drain();
    this.#isReceiving = false;
    this.#outbox.flush();
    this.#regulate();
    this.#endIfAnswered();
  }

  /** Reads the socket only while there is room for what comes. */
  #regulate(): void {
    if (this.state.isClosed) return;
    if (this.#isEnding) return this.#setReading(true);
    const buffers = this.#around.buffers;
    const waitingBytes = this.#assembler.waitingBytes;
    if (buffers.isOverrun && waitingBytes > 0) return this.#sink.onOverrun(this);
    // When memory is short only connections with a partial frame are read: a frame that becomes whole gives its memory back.
    const isStarved = buffers.isExhausted && waitingBytes === 0;
    const hasRoom =
      !this.#isDraining &&
      !this.#isHeld &&
      this.#unmuting === undefined &&
      (!this.#isHolding || waitingBytes < MAX_WAITING_BYTES) &&
      this.socket.unsentBytes < MAX_UNSENT_BYTES &&
      !isStarved;
    if (isStarved) this.#retryLater();
    this.#setReading(hasRoom);
  }

  #setReading(isReading: boolean): void {
    if (isReading === !this.#isPaused) return;
    this.#isPaused = !isReading;
    if (isReading) this.socket.resume();
    else this.socket.pause();
  }

  /** Looks again when other connections, which hold the memory, may have given some back. */
  #retryLater(): void {
    if (this.#isRetryPlanned) return;
    this.#isRetryPlanned = true;
    this.#around.clock.schedule(STARVED_RETRY_MS, () => {
      this.#isRetryPlanned = false;
      if (this.#around.buffers.isExhausted) this.#around.buffers.reportShortage();
      this.#regulate();
    });
  }
}
