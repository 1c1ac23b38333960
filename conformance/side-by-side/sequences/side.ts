// One broker and the clients that a sequence has there, each with a connection of its own: a request that waits holds up nobody else.
import { Peer, apiOf } from '../peer.ts';
import { errorCodes } from '../../transcripts/compare.ts';
import { type Body, Symbols } from './symbols.ts';
import { filled } from './filled.ts';

/** Coordinators that load, transactions whose markers are under way: asked again, as clients do. */
const PASSING = [14, 15, 16, 51];
const TRIES = 60;
const REST_MS = 25;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Side {
  readonly symbols: Symbols;
  readonly #bootstrap: string;
  readonly #clients = new Map<string, Peer>();

  constructor(bootstrap: string, nowMs: number) {
    this.#bootstrap = bootstrap;
    this.symbols = new Symbols(nowMs);
  }

  /** The answer as it came. */
  async ask(client: string, key: number, version: number, body: Body): Promise<unknown> {
    const api = apiOf(key);
    const raw = filled(api.request.fields, version, this.symbols.raw(body) as Body);
    for (let tries = 0; ; tries++) {
      const answer = await this.#peer(client).ask(api, version, raw);
      const codes = errorCodes(answer);
      if (tries === TRIES || !PASSING.some((code) => codes.has(code))) return answer;
      await pause(REST_MS);
    }
  }

  #peer(client: string): Peer {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const peer = new Peer(this.#bootstrap);
    this.#clients.set(client, peer);
    return peer;
  }

  /** The client goes on with another connection. */
  leave(client: string): void {
    this.#clients.get(client)?.close();
    this.#clients.delete(client);
  }

  close(): void {
    for (const peer of this.#clients.values()) peer.close();
  }
}
