// Our requests to the other replicas, over two channels to each: a fetch may wait half a second at the peer, and a vote must not
// wait behind it, as answers come in order.
import { type Channel, ChannelError, Errors, KafkaError } from '../../protocol/index.ts';
import type { Outgoing } from './outbox.ts';
import type { PeerAnswer } from './peer-messages.ts';
import type { PeerAddress, QuorumPeers } from './quorum-peers.ts';
import { askPeer } from './wire/asks.ts';

export interface ChannelEvents {
  answered(number: number, answer: PeerAnswer): void;
  unanswered(number: number, isUnsupported: boolean): void;
  /** The operating system at this node says that nobody listens at the port. */
  refused(nodeId: number): void;
}

interface Link {
  readonly address: PeerAddress;
  readonly channel: Channel;
}

export class QuorumChannels {
  readonly #peers: QuorumPeers;
  readonly #clusterId: string;
  readonly #events: ChannelEvents;
  readonly #links = new Map<string, Link>();
  /** Of the channels for what is not a fetch. */
  #underWay = 0;
  #whenQuiet: (() => void) | undefined;
  #isLeaving = false;

  constructor(peers: QuorumPeers, clusterId: string, events: ChannelEvents) {
    this.#peers = peers;
    this.#clusterId = clusterId;
    this.#events = events;
  }

  send({ number, to, ask }: Outgoing): void {
    const isFetch = ask.kind === 'fetch' || ask.kind === 'fetch snapshot';
    const channel = this.#channelTo(to.id, to.address, isFetch ? 'fetch' : 'vote');
    if (!isFetch) this.#underWay += 1;
    askPeer(channel, ask, this.#clusterId)
      .finally(() => !isFetch && this.#settled())
      .then(
        (answer) => this.#events.answered(number, answer),
        (error: unknown) => this.#events.unanswered(number, isUnsupported(error)),
      );
  }

  /**
   * Resolves when all others have heard what was to be said to them, those at least at whose port somebody listens. What a fetch
   * would bring interests nobody any more.
   */
  farewell(): Promise<void> {
    for (const [name, { channel }] of this.#links) if (name.startsWith('fetch')) channel.destroy();
    this.#isLeaving = true;
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenQuiet = resolve;
    });
  }

  close(): void {
    for (const { channel } of this.#links.values()) channel.destroy();
    this.#links.clear();
  }

  /** In a cluster of which all nodes end, nobody is left to be told. */
  #refused(id: number, channel: Channel): void {
    if (this.#isLeaving) channel.destroy();
    else this.#events.refused(id);
  }

  #settled(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#whenQuiet?.();
  }

  #channelTo(id: number, address: PeerAddress, use: 'fetch' | 'vote'): Channel {
    const name = `${use} ${id}`;
    const known = this.#links.get(name);
    if (known !== undefined && known.address.host === address.host && known.address.port === address.port) {
      return known.channel;
    }
    known?.channel.destroy();
    const channel: Channel = this.#peers.connect(address, (code) => {
      if (code === 'ECONNREFUSED') this.#refused(id, channel);
    });
    this.#links.set(name, { address, channel });
    return channel;
  }
}

function isUnsupported(error: unknown): boolean {
  if (error instanceof ChannelError) return error.fault === 'unsupported version';
  return error instanceof KafkaError && error.code === Errors.UNSUPPORTED_VERSION;
}
