// The client side of one connection: requests out, answers in, in the same order. Whatever is wrong with it ends it, and
// with it every request that is under way: no answer can be told from another behind a fault.
import type { Connection, ConnectionEvents } from '../../runtime/index.ts';
import { Errors } from '../errors.ts';
import { decodeResponseHeader } from '../headers.ts';
import { ApiVersions } from '../messages/18-api-versions.ts';
import { DecodeError, Reader } from '../reader.ts';
import { Writer } from '../writer.ts';
import { ChannelError } from './channel-error.ts';
import type { Exchange } from './exchange.ts';
import { FrameReader } from './frame-reader.ts';

/** A response has a correlation id at least. */
const SMALLEST_RESPONSE = 4;
const LARGEST_CORRELATION_ID = 0x7fffffff;

export interface ChannelConnectionOptions {
  readonly clientId: string;
  readonly maxFrameBytes: number;
  readonly areAnswersShortLived: boolean;
  /** An answer has come: there is room for another request. */
  readonly answered: () => void;
  /** Called once; all requests that were under way, so many, have been told. */
  readonly onClosed: (error: ChannelError, lost: number) => void;
}

interface Sent {
  readonly correlationId: number;
  readonly version: number;
  readonly exchange: Exchange;
}

export class ChannelConnection implements ConnectionEvents {
  readonly #connection: Connection;
  readonly #options: ChannelConnectionOptions;
  readonly #frames: FrameReader;
  readonly #writer = new Writer();
  #inFlight: Sent[] = [];
  #nextCorrelationId = 0;
  #isOver = false;

  constructor(connection: Connection, options: ChannelConnectionOptions) {
    this.#connection = connection;
    this.#options = options;
    const { maxFrameBytes: max, areAnswersShortLived: areShortLived } = options;
    this.#frames = new FrameReader({ min: SMALLEST_RESPONSE, max, areShortLived }, (frame) => this.#onFrame(frame));
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  has(exchange: Exchange): boolean {
    return this.#inFlight.some((sent) => sent.exchange === exchange);
  }

  /** Throws EncodeError; then nothing has been sent. */
  send(exchange: Exchange, version: number): void {
    const correlationId = this.#nextCorrelationId;
    this.#writer.reset();
    const frame = exchange.encode(this.#writer, {
      requestApiKey: exchange.api.key,
      requestApiVersion: version,
      correlationId,
      clientId: this.#options.clientId,
    });
    this.#nextCorrelationId = correlationId === LARGEST_CORRELATION_ID ? 0 : correlationId + 1;
    if (this.#isOver) return exchange.failed(new ChannelError('disconnected', 'the connection has gone'));
    if (exchange.sent !== undefined) return this.#connection.send(frame, exchange.sent);
    this.#inFlight.push({ correlationId, version, exchange });
    this.#connection.send(frame);
  }

  /** No more requests: the peer is told, and closes as well. */
  end(): void {
    this.#connection.end();
  }

  /**
   * Ends the connection and all that is under way on it. That may be asked again, in other words, and must not arrive behind those,
   * however late, because the way was cut and its bytes still wait in the kernel.
   */
  fail(error: ChannelError): void {
    if (this.#isOver) return;
    if (this.#inFlight.length > 0) this.#connection.abort();
    else this.#connection.destroy();
    this.#end(error);
  }

  #end(error: ChannelError): void {
    this.#isOver = true;
    const lost = this.#inFlight;
    this.#inFlight = [];
    for (const { exchange } of lost) exchange.failed(error);
    this.#options.onClosed(error, lost.length);
  }

  receiveBuffer(): Uint8Array {
    return this.#frames.receiveBuffer();
  }

  onReceived(sizeBytes: number): void {
    if (this.#isOver) return;
    try {
      this.#frames.received(sizeBytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.fail(new ChannelError('broken', error.message));
    }
  }

  onDrained(): void {
    // Requests are bounded by their number: none waits for this.
  }

  onEnded(): void {
    this.fail(new ChannelError('disconnected', 'the peer has ended the connection'));
  }

  onClosed(error?: Error): void {
    this.fail(new ChannelError('disconnected', error?.message ?? 'the peer has closed the connection'));
  }

  #onFrame(frame: Buffer): void {
    // The owner may have ended the connection over the frame before.
    if (this.#isOver) return;
    const first = this.#inFlight[0];
    if (first === undefined) throw new DecodeError('an answer to nothing');
    const { exchange, version: sentVersion, correlationId } = first;
    const reader = new Reader(frame);
    const answeredId = decodeResponseHeader(reader, exchange.api.key, sentVersion);
    if (answeredId !== correlationId) throw new DecodeError(`answer ${answeredId} where ${correlationId} is next`);
    if (refusesVersion(reader, exchange)) takeRefusal(reader, exchange);
    else exchange.answered(reader, sentVersion);
    this.#inFlight.shift();
    this.#options.answered();
  }
}

/** KIP-511: whoever does not know a version of ApiVersions answers in version 0, and says so first. */
function refusesVersion(reader: Reader, { api }: Exchange): boolean {
  if (api.key !== ApiVersions.key || reader.remaining < 2) return false;
  return reader.bytes.readInt16BE(reader.position) === Errors.UNSUPPORTED_VERSION;
}

/** UNSUPPORTED_VERSION and no ranges, in version 0. */
const REFUSED = Buffer.from([0, Errors.UNSUPPORTED_VERSION, 0, 0, 0, 0]);

/** Its ranges may be in no form that can be read (librdkafka's mock cluster): as if it told none, which brokers before 2.4 do. */
function takeRefusal(reader: Reader, exchange: Exchange): void {
  try {
    exchange.answered(reader, 0);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    exchange.answered(new Reader(REFUSED), 0);
  }
}
