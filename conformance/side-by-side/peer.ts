// One broker that is asked, over one connection, in the words of our own schemas.
import { codecOf, Writer } from '../../src/protocol/index.ts';
import { encodeRequestFrame } from '../../src/protocol/framing.ts';
import { allApis } from '../../src/protocol/messages/index.ts';
import type { ApiSchema } from '../../src/protocol/schema.ts';
import { PeerSocket } from '../transcripts/socket.ts';
import { decodeResponse } from '../transcripts/wire.ts';
import { forEncoding, idOf } from './draws.ts';

const ANSWER_MS = 20_000;

const apis = new Map(allApis.map((api) => [api.key, api as unknown as ApiSchema]));

/** Throws for a key that there is not. */
export function apiOf(key: number): ApiSchema {
  const api = apis.get(key);
  if (api === undefined) throw new Error(`no API ${key}`);
  return api;
}

export class Peer {
  /** Of topics, by name: what stands for them in requests and in answers. */
  readonly ids = new Map<string, string>();
  readonly #host: string;
  readonly #port: number;
  #socket: PeerSocket | undefined;
  #correlationId = 1;

  constructor(bootstrap: string) {
    const colon = bootstrap.lastIndexOf(':');
    this.#host = bootstrap.slice(0, colon);
    this.#port = Number(bootstrap.slice(colon + 1));
  }

  /** The decoded answer; `closed`, or `silent` after 20 s. Throws DecodeError, EncodeError. */
  async ask(api: ApiSchema, version: number, body: unknown): Promise<unknown> {
    if (this.#socket === undefined || this.#socket.isClosed) {
      this.#socket = await PeerSocket.connect(this.#host, this.#port);
    }
    const socket = this.#socket;
    const writer = new Writer();
    writer.reset();
    const correlationId = this.#correlationId++;
    const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId: 'client' };
    const value = forEncoding(body, (topic) => this.ids.get(topic));
    socket.sendBytes(Buffer.concat(encodeRequestFrame(writer, header, codecOf(api.request, version), value as never)));
    const received = await socket.receive(ANSWER_MS);
    if (typeof received !== 'string') return decodeResponse(api, version, received.frame).body;
    this.close();
    return received;
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
    this.#socket?.close();
    this.#socket = undefined;
  }
}
