// The links between the nodes of a cluster, each of which can be cut: what a node sends to another one passes through a relay in
// this process, which reads in the first request who is speaking. A cut link carries nothing and refuses nothing, as a cable that is
// out: both ends wait. A relay listens while its node does, since a port that refuses is news to the others.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

export class Links {
  readonly #relays: Relay[] = [];
  /** The two ends, the lower id first. */
  #cut: string[] = [];

  /** Opens a relay on `port` for what listens on `target` of the node. */
  async relay(nodeId: number, port: number, target: number): Promise<void> {
    const relay = new Relay(nodeId, port, target, (one, other) => this.#cut.includes(between(one, other)));
    this.#relays.push(relay);
    await relay.open();
  }

  cut(one: number, other: number): void {
    this.#cut.push(between(one, other));
    this.#changed();
  }

  /** All of them carry again, what was held back first. */
  heal(): void {
    this.#cut = [];
    this.#changed();
  }

  /** The node is dead: its ports refuse, and connections to it are over. */
  async down(nodeId: number): Promise<void> {
    await Promise.all(this.#of(nodeId).map((relay) => relay.close()));
  }

  async up(nodeId: number): Promise<void> {
    await Promise.all(this.#of(nodeId).map((relay) => relay.open()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#relays.map((relay) => relay.close()));
  }

  #of(nodeId: number): Relay[] {
    return this.#relays.filter((relay) => relay.nodeId === nodeId);
  }

  #changed(): void {
    for (const relay of this.#relays) relay.linksChanged();
  }
}

function between(one: number, other: number): string {
  return `${Math.min(one, other)}-${Math.max(one, other)}`;
}

type IsCut = (one: number, other: number) => boolean;

class Relay {
  readonly nodeId: number;
  readonly #port: number;
  readonly #target: number;
  readonly #isCut: IsCut;
  readonly #lines = new Set<Line>();
  #server: Server | undefined;

  constructor(nodeId: number, port: number, target: number, isCut: IsCut) {
    this.nodeId = nodeId;
    this.#port = port;
    this.#target = target;
    this.#isCut = isCut;
  }

  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((source) => this.#accepted(source));
    this.#server = server;
    server.listen(this.#port, HOST);
    await once(server, 'listening');
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const line of this.#lines) line.end();
    await closed;
  }

  linksChanged(): void {
    for (const line of this.#lines) this.#look(line);
  }

  #accepted(source: Socket): void {
    const line: Line = new Line(source, this.#target, {
      known: () => this.#look(line),
      ended: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
  }

  #look(line: Line): void {
    line.hold(line.sender !== undefined && this.#isCut(line.sender, this.nodeId));
  }
}

/** One connection through a relay. */
class Line {
  /** undefined until the first request has come; and of somebody who is no node. */
  sender: number | undefined;
  readonly #source: Socket;
  readonly #target: Socket;
  #isHeld = false;

  constructor(source: Socket, port: number, told: { readonly known: () => void; readonly ended: () => void }) {
    this.#source = source;
    this.#target = connect({ host: HOST, port, noDelay: true });
    source.setNoDelay(true);
    source.once('data', (head) => {
      this.sender = senderOf(head);
      told.known();
    });
    this.#carry(source, this.#target, told.ended);
    this.#carry(this.#target, source, told.ended);
  }

  hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    for (const socket of [this.#source, this.#target]) {
      if (isHeld) socket.pause();
      else socket.resume();
    }
  }

  end(): void {
    this.#source.destroy();
    this.#target.destroy();
  }

  #carry(from: Socket, to: Socket, ended: () => void): void {
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => {
      if (!this.#isHeld) from.resume();
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      to.destroy();
      ended();
    });
  }
}

/** Nodes of either kind put their number into their client ids: broker-1-fetcher-0, raft-client-1, 1. */
function senderOf(head: Buffer): number | undefined {
  const LENGTH_AT = 12;
  if (head.length < LENGTH_AT + 2) return undefined;
  const length = head.readInt16BE(LENGTH_AT);
  const clientId = head.toString('latin1', LENGTH_AT + 2, LENGTH_AT + 2 + Math.max(0, length));
  const digits = /\d+/.exec(clientId)?.[0];
  return digits === undefined ? undefined : Number(digits);
}
