// TLS round sockets that are there: node:tls behind the Network port, loaded when the first listener or dial asks for it. What
// is decrypted comes by 'data' and is copied into the owner's buffers; lists of buffers leave as one write, as without TLS.
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import {
  HANDSHAKE_TIMEOUT,
  NOT_TLS,
  type TlsClientOptions,
  TlsHandshakeError,
  type TlsPeer,
  type TlsServerOptions,
  type TlsSettings,
} from '../network.ts';
import { HandshakeTurns } from './handshake-turns.ts';

/** The first byte of every handshake: a record of that type. */
const HANDSHAKE_RECORD = 0x16;
/** What Java's servers say to whoever does not speak TLS: the fatal alert internal_error. */
const ALERT = Buffer.from('15030300020250', 'hex');
/** SSL_OP_NO_RENEGOTIATION, which node:crypto does not name. */
const NO_RENEGOTIATION = 1 << 30;
/** Of a listener that asks for certificates OpenSSL wants a name for its sessions. */
const SESSION_CONTEXT = 'ottla';
/** How long a client may take up a session again without proving itself anew. */
const SESSION_SECONDS = 300;

/** Handshakes that end in one turn of the event loop because their time is over. */
const MOST_ENDED_IN_TURN = 16;

/** Of application data that nobody has sealed. */
const UNREADABLE_RECORD = Buffer.concat([Buffer.from('1703030030', 'hex'), Buffer.alloc(0x30)]);
/** For an alert to reach a peer that is still sending: closing at once would reset the connection under it. */
const LINGER_MS = 50;

/** Told one of the two, once. */
export interface HandshakeEnd {
  done(socket: Socket, peer: TlsPeer): void;
  /** undefined: the peer has come and gone without a byte, as whoever only looks whether the port is open. */
  failed(error: Error | undefined): void;
}

const contexts = new WeakMap<TlsSettings, SecureContext>();

/** Throws an Error of OpenSSL where key and certificates are not fit for use. */
export function contextOf(settings: TlsSettings): SecureContext {
  const known = contexts.get(settings);
  if (known !== undefined) return known;
  const { key, passphrase, certificates, trusted, minVersion, maxVersion, ciphers } = settings;
  const context = createSecureContext({
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(certificates !== undefined && { cert: certificates }),
    ...(trusted !== undefined && { ca: [...trusted] }),
    ...(ciphers !== undefined && { ciphers }),
    minVersion,
    maxVersion,
    honorCipherOrder: true,
    // Tickets of sessions can be read by the context that made them, and no other: none outlives a key store, a trust store or what
    // is asked of clients. Nothing is kept here for them.
    sessionIdContext: SESSION_CONTEXT,
    sessionTimeout: SESSION_SECONDS,
    secureOptions: NO_RENEGOTIATION,
  });
  contexts.set(settings, context);
  return context;
}

const turns = new HandshakeTurns();
const overdue = new HandshakeTurns(MOST_ENDED_IN_TURN);

/** The server's side, on a socket that was accepted and is paused. */
export function secureAccepted(accepted: Socket, options: TlsServerOptions, end: HandshakeEnd): void {
  const handshake = new Handshake(accepted, options.handshakeMs, end);
  // Bytes that are none of TLS get an answer that says so, before OpenSSL has to make something of them.
  const look = (): void => {
    const first = accepted.read() as Buffer | null;
    if (first === null) return;
    handshake.hasBegun = true;
    accepted.off('readable', look);
    if (first[0] !== HANDSHAKE_RECORD) return handshake.refuse(first);
    accepted.unshift(first);
    turns.begin(() => handshake.begin(options));
  };
  accepted.on('readable', look);
}

class Handshake {
  readonly #accepted: Socket;
  readonly #end: HandshakeEnd;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;
  /** The peer has sent something. */
  hasBegun = false;
  readonly #gone = (): void => this.fail(new TlsHandshakeError('ECONNRESET', 'the peer went during the handshake'));
  readonly #fault = (error: Error): void => this.fail(error);

  constructor(accepted: Socket, handshakeMs: number, end: HandshakeEnd) {
    this.#accepted = accepted;
    this.#end = end;
    this.#timer = setTimeout(() => {
      overdue.begin(() => this.fail(new TlsHandshakeError(HANDSHAKE_TIMEOUT, `no TLS handshake in ${handshakeMs} ms`)));
    }, handshakeMs);
    accepted.on('error', this.#fault);
    accepted.on('end', this.#gone);
    accepted.on('close', this.#gone);
  }

  /** Does nothing when the peer has gone meanwhile, or its time is over. */
  begin({ settings, clientCertificate }: TlsServerOptions): void {
    if (this.#isOver) return;
    const certificate = clientCertificate();
    let socket: TLSSocket;
    try {
      socket = new TLSSocket(this.#accepted, {
        isServer: true,
        secureContext: contextOf(settings()),
        requestCert: certificate !== 'none',
        rejectUnauthorized: certificate === 'required',
      });
    } catch (error) {
      return this.fail(error as Error);
    }
    socket.disableRenegotiation();
    socket.on('error', this.#fault);
    // A peer that goes before its last message leaves a socket that has ended and does not close by itself.
    socket.on('end', this.#gone);
    socket.on('close', this.#gone);
    socket.once('secure', () => {
      // Whoever shows a certificate shows one that somebody vouches for, also where it could have done without.
      const fault = certificate === 'none' ? undefined : verifyError(socket);
      if (fault !== undefined) return this.#reject(socket, fault);
      this.#leave();
      socket.off('error', this.#fault);
      socket.off('end', this.#gone);
      socket.off('close', this.#gone);
      this.#end.done(socket, peerOf(socket));
    });
  }

  /** The peer does not speak TLS. */
  refuse(first: Buffer): void {
    this.#accepted.write(ALERT);
    this.#accepted.end();
    const looks = first.length >= 8 && first.readInt32BE(0) > 0 ? 'as a request without TLS would' : 'as nothing known';
    this.fail(new TlsHandshakeError(NOT_TLS, `the peer does not speak TLS; its first bytes look ${looks}`));
  }

  /**
   * The handshake has come to its end on the peer's side: without an alert it would take the end for an accident, and try for ever.
   * Node.js has no way to send one, but OpenSSL does so by itself at a record that cannot be read.
   */
  #reject(socket: TLSSocket, fault: Error): void {
    if (this.#isOver) return;
    this.#leave();
    socket.off('error', this.#fault);
    socket.off('end', this.#gone);
    socket.off('close', this.#gone);
    socket.on('error', () => undefined);
    this.#accepted.on('error', () => undefined);
    const { ssl } = socket as unknown as { readonly ssl: { receive(bytes: Buffer): void } };
    ssl.receive(UNREADABLE_RECORD);
    const { code = fault.name } = fault as { readonly code?: string };
    this.#end.failed(new TlsHandshakeError(code, fault.message));
    setTimeout(() => this.#accepted.destroy(), LINGER_MS);
  }

  fail(error: Error): void {
    if (this.#isOver) return;
    this.#leave();
    // Errors that come behind the first one are of no interest, but must have a listener.
    this.#accepted.on('error', () => undefined);
    if ((error as TlsHandshakeError).code === NOT_TLS) this.#accepted.destroySoon();
    else this.#accepted.destroy();
    this.#end.failed(this.hasBegun || (error as TlsHandshakeError).code === HANDSHAKE_TIMEOUT ? error : undefined);
  }

  #leave(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#accepted.off('error', this.#fault);
    this.#accepted.off('end', this.#gone);
    this.#accepted.off('close', this.#gone);
  }
}

/** Why nobody vouches for the client's certificate; undefined where somebody does, or none was shown. */
function verifyError(socket: TLSSocket): Error | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  // Who takes up a session shows the certificate of then, which may have come to its end.
  const { validTo } = certificate;
  if (socket.isSessionReused() && Date.parse(validTo) < Date.now()) return new Error('certificate has expired');
  // tls.Server asks the same; there is no other way for a TLSSocket of one's own.
  const { ssl } = socket as unknown as { readonly ssl: { verifyError(): Error | null } };
  return ssl.verifyError() ?? undefined;
}

function peerOf(socket: TLSSocket): TlsPeer {
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    certificate: socket.getPeerX509Certificate()?.raw,
  };
}

/** The client's side, on a socket that is connected. Rejects with the Error of OpenSSL, or ERR_TLS_CERT_ALTNAME_INVALID. */
export function secureDialled(dialled: Socket, host: string, options: TlsClientOptions): Promise<[Socket, TlsPeer]> {
  return new Promise((resolve, reject) => {
    const isName = !/^[\d.]+$|:/.test(host);
    const socket = connect({
      socket: dialled,
      host,
      ...(isName && { servername: host }),
      secureContext: contextOf(options.settings()),
      rejectUnauthorized: true,
      ...(!options.checksHost && { checkServerIdentity: () => undefined }),
    });
    const timer = setTimeout(() => {
      failed(new TlsHandshakeError(HANDSHAKE_TIMEOUT, `no TLS handshake in ${options.handshakeMs} ms`));
    }, options.handshakeMs);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const gone = (): void => failed(new TlsHandshakeError('ECONNRESET', 'the peer went during the TLS handshake'));
    socket.once('error', failed);
    socket.once('close', gone);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      socket.off('close', gone);
      socket.pause();
      resolve([socket, peerOf(socket)]);
    });
  });
}
