// One broker that is asked, over one connection of each user, in the words of our own schemas.
import { codecOf, Writer } from '../../src/protocol/index.ts';
import { encodeRequestFrame } from '../../src/protocol/framing.ts';
import { allApis } from '../../src/protocol/messages/index.ts';
import type { ApiSchema } from '../../src/protocol/schema.ts';
import { PeerSocket } from '../transcripts/socket.ts';
import { decodeResponse } from '../transcripts/wire.ts';
import { forEncoding, idOf } from './draws.ts';
import { passwordOf } from './logins.ts';

/** APIs of what Apache Kafka's brokers hear of a moment after the answer. */
export const CHANGES_METADATA: ReadonlySet<number> = new Set([19, 20, 30, 31, 33, 37, 38, 39, 40, 44, 88]);
export const HEARD_MS = 100;

const ANSWER_MS = 20_000;
const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;
const CREATE_DELEGATION_TOKEN = 38;

const apis = new Map(allApis.map((api) => [api.key, api as unknown as ApiSchema]));

/** Throws for a key that there is not. */
export function apiOf(key: number): ApiSchema {
  const api = apis.get(key);
  if (api === undefined) throw new Error(`no API ${key}`);
  return api;
}

/** Whoever asks without a login. */
const NOBODY = '';

export class Peer {
  /** Of topics, by name: what stands for them in requests and in answers. */
  readonly ids = new Map<string, string>();
  readonly #host: string;
  readonly #ports: { readonly plain: number; readonly login: number };
  readonly #sockets = new Map<string, PeerSocket>();
  /** What the delegation tokens that were made are proven with. */
  readonly #tokens: Uint8Array[] = [];
  #correlationId = 1;

  /** `loginPort`: of the listener for users with a password, if there is one. */
  constructor(bootstrap: string, loginPort = 0) {
    const colon = bootstrap.lastIndexOf(':');
    this.#host = bootstrap.slice(0, colon);
    this.#ports = { plain: Number(bootstrap.slice(colon + 1)), login: loginPort };
  }

  /** The decoded answer; `closed`, or `silent` after 20 s. Throws DecodeError, EncodeError. */
  async ask(api: ApiSchema, version: number, body: unknown, user = NOBODY): Promise<unknown> {
    const socket = await this.#socketOf(user);
    const value = forEncoding(body, (topic) => this.ids.get(topic), this.#tokens);
    const answer = await this.#exchange(socket, api, version, value);
    if (answer === 'closed' || answer === 'silent') {
      socket.close();
      this.#sockets.delete(user);
    }
    if (api.key === CREATE_DELEGATION_TOKEN) this.#learnToken(answer as { readonly hmac?: Uint8Array });
    return answer;
  }

  async #socketOf(user: string): Promise<PeerSocket> {
    const known = this.#sockets.get(user);
    if (known !== undefined && !known.isClosed) return known;
    const { plain, login } = this.#ports;
    const socket = await PeerSocket.connect(this.#host, user === NOBODY ? plain : login);
    this.#sockets.set(user, socket);
    if (user === NOBODY) return socket;
    await this.#exchange(socket, apiOf(SASL_HANDSHAKE), 1, { mechanism: 'PLAIN' });
    const authBytes = Buffer.from(`\0${user}\0${passwordOf(user)}`);
    const answer = await this.#exchange(socket, apiOf(SASL_AUTHENTICATE), 2, { authBytes });
    if ((answer as { readonly errorCode?: number }).errorCode !== 0) throw new Error(`${user} could not log in`);
    return socket;
  }

  async #exchange(socket: PeerSocket, api: ApiSchema, version: number, value: unknown): Promise<unknown> {
    const writer = new Writer();
    writer.reset();
    const correlationId = this.#correlationId++;
    const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId: 'client' };
    socket.sendBytes(Buffer.concat(encodeRequestFrame(writer, header, codecOf(api.request, version), value as never)));
    const received = await socket.receive(ANSWER_MS);
    return typeof received === 'string' ? received : decodeResponse(api, version, received.frame).body;
  }

  #learnToken({ hmac }: { readonly hmac?: Uint8Array }): void {
    if (hmac !== undefined && hmac.length > 0) this.#tokens.push(hmac);
  }

  /** `value` with the names of topics in place of their ids. */
  named(value: unknown): unknown {
    const names = Array.from(this.ids, ([name, id]) => [id, idOf(name)] as const);
    const renamed = (one: unknown): unknown => {
      if (typeof one === 'string') return names.reduce((text, [id, name]) => text.replaceAll(id, name), one);
      if (Array.isArray(one)) return one.map(renamed);
      if (typeof one !== 'object' || one === null || one instanceof Uint8Array) return one;
      return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, renamed(inner)]));
    };
    return renamed(value);
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }
}
