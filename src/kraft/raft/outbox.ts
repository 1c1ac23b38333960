// Requests under way (Kafka: RequestManager): one at a time to each peer, and a pause after one that failed. What was forgotten
// because the state has changed since is known by its number: its answer counts no more.
import type { PeerAsk } from './peer-messages.ts';
import type { PeerAddress } from './quorum-peers.ts';

export interface Destination {
  /** The node id; below 0 one of the bootstrap servers, whose ids are not known. */
  readonly id: number;
  readonly address: PeerAddress;
}

export interface Outgoing {
  readonly number: number;
  readonly to: Destination;
  readonly ask: PeerAsk;
}

interface Peer {
  sent: Outgoing | undefined;
  sentMs: number;
  readyMs: number;
}

export class Outbox {
  readonly #requestTimeoutMs: number;
  readonly #retryBackoffMs: number;
  readonly #peers = new Map<number, Peer>();
  #numbers = 0;

  constructor(requestTimeoutMs: number, retryBackoffMs: number) {
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#retryBackoffMs = retryBackoffMs;
  }

  /** When this peer may be asked again; `now` or earlier: at once. */
  readyMs(id: number): number {
    const peer = this.#peers.get(id);
    if (peer === undefined) return Number.NEGATIVE_INFINITY;
    return peer.sent === undefined ? peer.readyMs : peer.sentMs + this.#requestTimeoutMs;
  }

  isUnderWay(id: number): boolean {
    return this.#peers.get(id)?.sent !== undefined;
  }

  /** When this peer was asked last, since all was forgotten; below every time: not at all. */
  sentMs(id: number): number {
    return this.#peers.get(id)?.sentMs ?? Number.NEGATIVE_INFINITY;
  }

  send(to: Destination, ask: PeerAsk, now: number): Outgoing {
    const sent = { number: ++this.#numbers, to, ask };
    this.#peers.set(to.id, { sent, sentMs: now, readyMs: now });
    return sent;
  }

  /** Takes the request from what is under way; undefined when it has been forgotten. */
  settle(number: number): Outgoing | undefined {
    for (const peer of this.#peers.values()) {
      if (peer.sent?.number !== number) continue;
      const { sent } = peer;
      peer.sent = undefined;
      return sent;
    }
    return undefined;
  }

  /** The peer is left alone for a while. */
  rest(id: number, now: number, restMs = this.#retryBackoffMs): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) peer.readyMs = now + restMs;
  }

  forgetAll(): void {
    this.#peers.clear();
  }
}
