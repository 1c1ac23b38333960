// Receiving from a socket of TLS that is in use. As socket.ts does for others it leans on things that Node does not document: a socket
// that is there already cannot be told to read into our buffers, but what Node makes of the option `onread` can be made by hand;
// and what has been read elsewhere can be handed to OpenSSL. Left to itself Node reads the sealed bytes by 1 KB and 16 KB in turn, and makes
// a buffer of each record that is opened. Where something of it is missing, 'data' events do the same.
import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type Receiver, receiveByData } from './socket.ts';

/**
 * A client seals a large frame record by record, and each would wake the broker. Where so much of one is still to come the kernel gathers it
 * for a moment, and it is read at once; what is left then comes as it would, so that no frame waits for its end.
 */
const GATHERED_BYTES = 128 * 1024;
/** The shortest time of a timer. */
const GATHERING_MS = 1;
/** Reads that follow each other while others wait. */
const MOST_READS = 16;

/** What is sealed is read here, of whichever connection, and is OpenSSL's before the next read. */
let sealed: Buffer | undefined;
const SEALED_BYTES = 64 * 1024;

interface Handle {
  readonly fd: number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): void;
  readStop(): void;
  receive(bytes: Uint8Array): void;
}

/** The keys under which Node keeps what `onread` asked for. */
interface OnreadKeys {
  readonly buffer: symbol;
  readonly nextBuffer: symbol;
  readonly callback: symbol;
}

/** Starts receiving from a socket whose handshake is done. */
export function receiveFromSecured(secured: Socket, receiver: Receiver): void {
  const handle = handleOf(secured);
  const keys = onreadKeys(secured);
  // What has been opened already waits in the socket, and comes in no other way.
  const isLate = secured.readableLength > 0;
  if (handle === undefined || keys === undefined || isLate) receiveByData(secured, receiver);
  else new SecuredReceiver(secured, handle, receiver).begin(keys);
}

class SecuredReceiver {
  readonly #socket: Socket;
  readonly #handle: Handle;
  readonly #receiver: Receiver;
  /** Room of the buffer that the next bytes go to. */
  #expectedBytes = 0;
  #isGathering = false;

  constructor(socket: Socket, handle: Handle, receiver: Receiver) {
    this.#socket = socket;
    this.#handle = handle;
    this.#receiver = receiver;
  }

  begin(keys: OnreadKeys): void {
    const first = this.#nextBuffer();
    const callback = (sizeBytes: number): void => this.#received(sizeBytes);
    Object.assign(this.#socket, {
      [keys.buffer]: first,
      [keys.nextBuffer]: this.#nextBuffer,
      [keys.callback]: callback,
    });
    this.#handle.useUserBuffer(first);
    this.#socket.resume();
  }

  readonly #nextBuffer = (): Uint8Array => {
    const buffer = this.#receiver.receiveBuffer();
    this.#expectedBytes = buffer.length;
    return buffer;
  };

  #received(sizeBytes: number): void {
    if (!this.#isGathering && this.#expectedBytes - sizeBytes >= GATHERED_BYTES) {
      this.#isGathering = true;
      this.#handle.readStop();
      setTimeout(this.#read, GATHERING_MS);
    }
    this.#receiver.onReceived(sizeBytes);
  }

  readonly #read = (): void => {
    let lastBytes = SEALED_BYTES;
    for (let reads = 0; reads < MOST_READS && lastBytes === SEALED_BYTES && !this.#isHalted; reads++)
      lastBytes = this.#readOnce();
    // A peer that sends no more, for good or for a while, is left to the event loop.
    if (this.#isHalted || lastBytes === 0 || this.#expectedBytes < GATHERED_BYTES) return this.#readAsUsual();
    if (lastBytes === SEALED_BYTES) setImmediate(this.#read);
    else setTimeout(this.#read, GATHERING_MS);
  };

  /** How much there was: 0 also where the connection has ended or failed. */
  #readOnce(): number {
    sealed ??= Buffer.allocUnsafeSlow(SEALED_BYTES);
    let sizeBytes: number;
    try {
      sizeBytes = readSync(this.#handle.fd, sealed, 0, SEALED_BYTES, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#socket.destroy(error as Error);
      return 0;
    }
    if (sizeBytes > 0) this.#handle.receive(sealed.subarray(0, sizeBytes));
    return sizeBytes;
  }

  #readAsUsual(): void {
    this.#isGathering = false;
    if (!this.#isHalted) this.#handle.readStart();
  }

  /** Its owner wants no more until it says so, or there is no more. */
  get #isHalted(): boolean {
    return this.#socket.destroyed || this.#socket.isPaused();
  }
}

function handleOf(secured: Socket): Handle | undefined {
  const { _handle: handle } = secured as unknown as { readonly _handle: Partial<Handle> | null };
  const isKnown = [handle?.useUserBuffer, handle?.readStart, handle?.readStop, handle?.receive].every(
    (method) => typeof method === 'function',
  );
  return isKnown && (handle?.fd ?? -1) >= 0 ? (handle as Handle) : undefined;
}

function onreadKeys(socket: Socket): OnreadKeys | undefined {
  const keys = new Map(Object.getOwnPropertySymbols(socket).map((symbol) => [symbol.description, symbol]));
  const [buffer, nextBuffer, callback] = [keys.get('kBuffer'), keys.get('kBufferGen'), keys.get('kBufferCb')];
  if (buffer === undefined || nextBuffer === undefined || callback === undefined) return undefined;
  return { buffer, nextBuffer, callback };
}
