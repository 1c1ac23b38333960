// Replays recorded logins (test/fixtures/security): lines in their order, a connection for each name, over TLS where the listener
// speaks it. Answers are compared after masking; what a login computes from random numbers is computed anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import type { ApiSchema } from '../../src/protocol/schema.ts';
import { canonical, differences, maskedNames } from './compare.ts';
import type { Line } from './line.ts';
import { clientFinalOf, isSameServerFirst, type ScramState } from './login-scram.ts';
import { KEYS, type LoginTarget } from './login-target.ts';
import { onlyServed } from './served.ts';
import type { TargetFacts } from './skips.ts';
import { PeerSocket, type Received } from './socket.ts';
import { Variables } from './variables.ts';
import { type Body, decodeRequest, decodeResponse, encodeRequest } from './wire.ts';

export interface LoginLine extends Line {
  readonly listener: string;
  readonly unframed?: boolean;
  readonly cameBackHex?: string;
  readonly waitAfterMs?: number;
  readonly compute?: 'clientFinal' | 'tokenFirst';
  readonly scram?: string;
  readonly password?: string;
  readonly mechanism?: string;
  readonly bareFirst?: string;
  readonly serverSignatureRight?: boolean;
}

export interface LoginOutcome {
  readonly line: LoginLine;
  readonly details: readonly string[];
}

const ANSWER_WITHIN_MS = 8000;
const SILENCE_MS = 400;
const TLS_LISTENERS = new Set(['SASL_SSL', 'SSL', 'MTLS_SSL', 'WANT_SSL']);
/** Java's client does not send a certificate whose authority the server does not name. */
const NOT_SENT = new Set(['', 'client-self']);
/** Lists whose order Kafka does not promise. */
const SETS = new Set(['mechanisms', 'tokens', 'results', 'credentialInfos']);

export class LoginReplay {
  readonly #apis: ReadonlyMap<number, ApiSchema>;
  readonly #target: LoginTarget;
  readonly #facts: TargetFacts;
  readonly #variables = new Variables();
  readonly #sockets = new Map<string, PeerSocket>();
  /** By connection: the server's first message, and what its final one must be. */
  readonly #serverFirst = new Map<string, string>();
  readonly #serverFinal = new Map<string, string>();
  /** Recorded token ids and HMACs -> those of this run. */
  readonly #tokens = new Map<string, string>();
  readonly #hmacs = new Map<string, string>();

  constructor(apis: ReadonlyMap<number, ApiSchema>, target: LoginTarget, facts: TargetFacts) {
    this.#apis = apis;
    this.#target = target;
    this.#facts = facts;
  }

  async *run(lines: readonly LoginLine[]): AsyncGenerator<LoginOutcome> {
    for (const line of lines) {
      let details: readonly string[];
      try {
        details = await this.#play(line);
      } catch (error) {
        details = [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
      }
      yield { line, details };
      if (line.waitAfterMs !== undefined) await delay(line.waitAfterMs);
    }
    for (const socket of this.#sockets.values()) socket.close();
  }

  #play(line: LoginLine): Promise<string[]> {
    if (line.unframed === true) return this.#playUnframed(line);
    if (line.id.startsWith('tls.protocol.')) return this.#playProtocol(line);
    if (line.end === ('tls' as Line['end'])) return this.#playRefusedCertificate(line);
    return this.#playFramed(line);
  }

  async #playUnframed(line: LoginLine): Promise<string[]> {
    const socket = await PeerSocket.connect('127.0.0.1', this.#portOf(line));
    socket.sendBytes(Buffer.from(line.requestHex ?? '', 'hex'));
    const cameBack = await socket.receiveRaw(line.end === 'silent' ? SILENCE_MS : ANSWER_WITHIN_MS);
    const end = socket.isClosed ? 'closed' : 'silent';
    socket.close();
    const got = `${end} ${cameBack.toString('hex')}`;
    const expected = `${line.end ?? ''} ${line.cameBackHex ?? ''}`;
    return got === expected ? [] : [`expected ${expected} got ${got}`];
  }

  async #playProtocol(line: LoginLine): Promise<string[]> {
    const version = line.id.slice('tls.protocol.'.length) as SecureVersion;
    const ca = readFileSync(join(KEYS, 'ca.pem'));
    const options = { port: this.#portOf(line), host: '127.0.0.1', ca, minVersion: version, maxVersion: version };
    const spoken = await new Promise<string | undefined>((resolve) => {
      const socket = connectTls({ ...options, ciphers: 'ALL:@SECLEVEL=0', checkServerIdentity: () => undefined });
      socket.once('secureConnect', () => resolve(socket.getProtocol() ?? undefined));
      socket.once('error', () => resolve(undefined));
      socket.once('close', () => resolve(undefined));
      socket.once('secureConnect', () => socket.destroy());
    });
    const expected = /^tls: (TLSv[\d.]+) /.exec(line.end ?? '')?.[1];
    return spoken === expected ? [] : [`expected ${expected} got ${spoken}`];
  }

  async #playRefusedCertificate(line: LoginLine): Promise<string[]> {
    try {
      const socket = await this.#socketOf(line);
      this.#sockets.delete(line.conn);
      socket.sendFrame(Buffer.from('00120000000000010001', 'hex'));
      const received = await socket.receive(ANSWER_WITHIN_MS);
      return received === 'closed' ? [] : ['expected the connection to fail'];
    } catch {
      // The handshake itself has failed.
      return [];
    }
  }

  async #playFramed(line: LoginLine): Promise<string[]> {
    const api = line.key === undefined ? undefined : this.#apis.get(line.key);
    let received: Received;
    try {
      const socket = await this.#socketOf(line);
      const frame = this.#frameOf(line, api);
      if (frame.length > 0) socket.sendFrame(frame);
      received = await socket.receive(line.end === 'silent' ? SILENCE_MS : ANSWER_WITHIN_MS);
    } catch (error) {
      if (line.end !== 'closed') throw error;
      received = 'closed';
    }
    if (received === 'closed') {
      this.#sockets.get(line.conn)?.close();
      this.#sockets.delete(line.conn);
    }
    const expected = line.responseHex === null ? (line.end ?? 'silent') : 'answer';
    const got = typeof received === 'string' ? received : 'answer';
    if (expected !== got) return [`expected ${expected} got ${got}`];
    if (typeof received === 'string') return [];
    return this.#compare(line, api, received.frame);
  }

  #compare(line: LoginLine, api: ApiSchema | undefined, frame: Buffer): string[] {
    const recordedFrame = Buffer.from(line.responseHex ?? '', 'hex');
    if (api === undefined) {
      return frame.equals(recordedFrame) ? [] : [`expected ${line.responseHex} got ${frame.toString('hex')}`];
    }
    const version = api.key === 18 && line.version > api.versions[1] ? 0 : line.version;
    const recorded = decodeResponse(api, version, recordedFrame).body;
    const answer = decodeResponse(api, version, frame).body;
    this.#remember(line, recorded, answer);
    const masks = maskedNames(line.masks);
    const scram = this.#scramFault(line, recorded, answer);
    // Messages that are masked are texts of Kafka's own objects: that there is one at all says nothing to a client.
    if (masks.has('errorMessage')) for (const body of [recorded, answer]) withoutMessages(body);
    const expected = sortedSets(canonical(onlyServed(line, api.key, recorded, answer, this.#facts), masks));
    return [...scram, ...differences(expected, sortedSets(canonical(answer, masks)))];
  }

  /** What the masks hide of a login. */
  #scramFault(line: LoginLine, recorded: Body, answer: Body): string[] {
    const text = (body: Body): string =>
      Buffer.from((body['authBytes'] as Uint8Array | undefined) ?? []).toString('utf8');
    const given = text(answer);
    if (text(recorded).startsWith('r=')) {
      this.#serverFirst.set(line.conn, given);
      const clientNonce = /r=([^,]*)/.exec(Buffer.from(requestToken(line), 'base64').toString('utf8'))?.[1] ?? '';
      const isSame = isSameServerFirst(text(recorded), given, clientNonce, line.compute === 'tokenFirst');
      return isSame ? [] : [`server first: recorded ${text(recorded)} got ${given}`];
    }
    if (!text(recorded).startsWith('v=')) return [];
    const expected = this.#serverFinal.get(line.conn);
    return given === expected ? [] : [`server final: expected ${expected} got ${given}`];
  }

  #remember(line: LoginLine, recorded: Body, answer: Body): void {
    this.#variables.capture(line.captures, answer);
    if (typeof recorded['tokenId'] !== 'string' || recorded['tokenId'] === '') return;
    this.#tokens.set(recorded['tokenId'], String(answer['tokenId']));
    const base64 = (body: Body): string => Buffer.from(body['hmac'] as Uint8Array).toString('base64');
    this.#hmacs.set(String(answer['tokenId']), base64(answer));
  }

  #frameOf(line: LoginLine, api: ApiSchema | undefined): Buffer {
    const frame = Buffer.from(line.requestHex ?? '', 'hex');
    if (api === undefined || line.version < api.versions[0] || line.version > api.versions[1]) return frame;
    const request = decodeRequest(api, line.version, frame);
    let isChanged = this.#variables.substitute(line.uses, request.body);
    if (line.compute !== undefined) {
      request.body['authBytes'] = Buffer.from(this.#computed(line), 'utf8');
      isChanged = true;
    }
    return isChanged ? encodeRequest(api, line.version, frame, request) : frame;
  }

  #computed(line: LoginLine): string {
    const recorded = Buffer.from(requestToken(line), 'base64').toString('utf8');
    if (line.compute === 'tokenFirst') return this.#withOwnTokens(recorded);
    const bareFirst = this.#withOwnTokens(line.bareFirst ?? '');
    const tokenId = /n=([^,]*)/.exec(bareFirst)?.[1] ?? '';
    const isWrong = line.id.includes('wrong-hmac');
    const password = line.password ?? (isWrong ? 'nope' : (this.#hmacs.get(tokenId) ?? ''));
    const serverFirst = this.#serverFirst.get(line.conn) ?? '';
    const state: ScramState = { serverFirst, bareFirst, password, mechanism: line.mechanism ?? '' };
    const final = clientFinalOf(state, recorded, line.note ?? '');
    this.#serverFinal.set(line.conn, final.serverFinal);
    return final.text;
  }

  #withOwnTokens(text: string): string {
    let own = text;
    for (const [recorded, given] of this.#tokens) own = own.replaceAll(recorded, given);
    return own;
  }

  async #socketOf(line: LoginLine): Promise<PeerSocket> {
    const known = this.#sockets.get(line.conn);
    if (known !== undefined) return known;
    const port = this.#portOf(line);
    const name = line.conn.split('#')[1]?.split('@')[0] ?? '';
    const socket = TLS_LISTENERS.has(line.listener)
      ? await PeerSocket.connectTls('127.0.0.1', port, {
          ca: readFileSync(join(KEYS, 'ca.pem')),
          ...(!NOT_SENT.has(name) && {
            cert: readFileSync(join(KEYS, `${name}.pem`)),
            key: readFileSync(join(KEYS, `${name}.key`)),
          }),
        })
      : await PeerSocket.connect('127.0.0.1', port);
    this.#sockets.set(line.conn, socket);
    return socket;
  }

  #portOf({ listener }: LoginLine): number {
    const port = this.#target.ports.get(listener);
    if (port === undefined) throw new Error(`there is no listener ${listener}`);
    return port;
  }
}

function requestToken({ requestJson }: LoginLine): string {
  return (requestJson as { authBytes?: string } | null)?.authBytes ?? '';
}

function withoutMessages(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const fields = value as Record<string, unknown>;
  if ('errorMessage' in fields) fields['errorMessage'] = null;
  for (const field of Object.values(fields)) withoutMessages(field);
}

function sortedSets(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element) => sortedSets(element));
    if (!SETS.has(name)) return elements;
    return elements.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sortedSets(inner, key)]));
}
