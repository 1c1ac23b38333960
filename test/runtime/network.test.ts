// The real network, with both ways of receiving: into our own buffers (which leans on an undocumented part of Node), and
// the fallback by 'data' events.
import { expect } from 'chai';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { type Connection, type ConnectionEvents, silentLogger } from '../../src/runtime/index.ts';
import { NodeConnection } from '../../src/runtime/node/connection.ts';
import { nodeNetwork } from '../../src/runtime/node/index.ts';
import { receiveByData, receiveByOnread } from '../../src/runtime/node/socket.ts';
import { heldBytes } from '../broker/network/collect-garbage.ts';
import { keyText } from '../broker/security/keys.ts';

const network = nodeNetwork(silentLogger);
const address = { host: '127.0.0.1', port: 0 };

/** An owner that keeps what it gets, in buffers of `sizeBytes`. */
class Recorder implements ConnectionEvents {
  readonly received: Buffer[] = [];
  readonly happened: string[] = [];
  readonly #buffer: Buffer;
  readonly closed: Promise<void>;
  #onClosed: () => void = () => undefined;

  constructor(sizeBytes = 64) {
    this.#buffer = Buffer.alloc(sizeBytes);
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }
  receiveBuffer(): Uint8Array {
    return this.#buffer;
  }
  onReceived(sizeBytes: number): void {
    this.received.push(Buffer.from(this.#buffer.subarray(0, sizeBytes)));
  }
  onDrained(): void {
    this.happened.push('drained');
  }
  onEnded(): void {
    this.happened.push('ended');
  }
  onClosed(): void {
    this.happened.push('closed');
    this.#onClosed();
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

describe('The network of the operating system', () => {
  it('lets the socket go that its server has made of a connection: ten thousand that rest would hold two each', async () => {
    let made: WeakRef<net.Socket> | undefined;
    let connection: Connection | undefined;
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
      made = new WeakRef(accepted);
      connection = new NodeConnection(accepted, () => new Recorder());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await until(() => connection !== undefined);
    await heldBytes();
    const isHeld = made?.deref() !== undefined;
    client.destroy();
    connection?.destroy();
    server.close();
    expect(isHeld).to.equal(false);
  });

  it('receives into the buffers of the owner and sends lists of buffers in order', async () => {
    const owner = new Recorder();
    let connection: Connection | undefined;
    const listener = await network.listen(address, (accepted) => {
      connection = accepted;
      return owner;
    });
    const client = net.connect(listener.port, '127.0.0.1');
    await once(client, 'connect');
    client.write('x'.repeat(1000));
    await until(() => Buffer.concat(owner.received).length === 1000);
    expect(owner.received.every((piece) => piece.length <= 64)).to.equal(true);
    expect(connection?.localPort).to.equal(listener.port);
    expect(connection?.remotePort).to.equal(client.localPort);

    const sent: number[] = [];
    connection?.send([Buffer.from('one '), Buffer.from('two ')], () => sent.push(1));
    connection?.send([Buffer.from('three')], () => sent.push(2));
    expect(connection?.unsentBytes).to.equal(13);
    let answer = '';
    client.on('data', (chunk) => {
      answer += String(chunk);
    });
    await until(() => answer.length === 13 && owner.happened.includes('drained'));
    expect(answer).to.equal('one two three');
    expect(sent).to.deep.equal([1, 2]);
    expect(connection?.unsentBytes).to.equal(0);

    client.end();
    await until(() => owner.happened.includes('ended'));
    connection?.send([Buffer.from('late')]);
    connection?.end();
    await owner.closed;
    expect(answer).to.equal('one two threelate');
    await listener.close();
  });

  it('is reset under TLS too, whatever is decrypted yet', async () => {
    const ends: (string | undefined)[] = [];
    const server = tls.createServer({ cert: keyText('server.pem'), key: keyText('server.key') }, (peer) => {
      const timer = setInterval(() => peer.write(Buffer.alloc(40_000)), 1);
      peer.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code));
      peer.on('close', () => clearInterval(timer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;
    const settings = { trusted: [keyText('ca.pem')], ...versions };
    const secured = { settings: () => settings, checksHost: false, handshakeMs: 10_000 };
    for (let count = 1; count <= 20; count++) {
      const owner = new Recorder(100_000);
      const connection = await network.connect({ host: '127.0.0.1', port, tls: secured }, () => owner);
      connection.send([Buffer.alloc(100)]);
      await until(() => owner.received.length > 0);
      connection.abort();
      await owner.closed;
      await until(() => ends.length === count);
    }
    expect(new Set(ends)).to.deep.equal(new Set(['ECONNRESET']));
    server.close();
    await once(server, 'close');
  });

  it('leaves to the kernel what it has when a connection is destroyed, and takes it back when it is aborted', async () => {
    const accepted: net.Socket[] = [];
    const server = net.createServer({ pauseOnConnect: true }, (socket) => accepted.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const arrivedAfter = async (end: 'destroy' | 'abort'): Promise<number> => {
      const owner = new Recorder();
      const connection = await network.connect({ host: '127.0.0.1', port }, () => owner);
      connection.send([Buffer.alloc(16 << 20)]);
      await until(() => accepted.length === 1);
      connection[end]();
      await owner.closed;
      const peer = accepted.pop() as net.Socket;
      const closed = new Promise((resolve) => peer.once('close', resolve));
      let sizeBytes = 0;
      peer.on('error', () => undefined).on('data', (piece) => (sizeBytes += piece.length));
      peer.resume();
      await closed;
      return sizeBytes;
    };
    expect(await arrivedAfter('abort')).to.be.below(await arrivedAfter('destroy'));
    server.close();
    await once(server, 'close');
  });

  it('stops receiving while it is paused', async () => {
    const owner = new Recorder();
    let connection: Connection | undefined;
    const listener = await network.listen(address, (accepted) => {
      connection = accepted;
      return owner;
    });
    const client = net.connect(listener.port, '127.0.0.1');
    client.write('first');
    await until(() => owner.received.length > 0);
    connection?.pause();
    client.write('second');
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(Buffer.concat(owner.received).toString()).to.equal('first');
    connection?.resume();
    await until(() => Buffer.concat(owner.received).toString() === 'firstsecond');
    connection?.destroy();
    await owner.closed;
    client.destroy();
    await listener.close();
  });

  it('asks after a peer, who does not notice', async () => {
    const owner = new Recorder();
    let connection: Connection | undefined;
    const listener = await network.listen(address, (accepted) => {
      connection = accepted;
      return owner;
    });
    const client = net.connect(listener.port, '127.0.0.1');
    let heard = '';
    client.on('data', (chunk) => {
      heard += String(chunk);
    });
    client.write('first');
    await until(() => owner.received.length > 0);
    connection?.probe();
    connection?.send([Buffer.from('answer')]);
    await until(() => heard === 'answer');
    client.end('last');
    await until(() => owner.happened.includes('ended'));
    expect(Buffer.concat(owner.received).toString()).to.equal('firstlast');
    connection?.destroy();
    await owner.closed;
    connection?.probe();
    client.destroy();
    await listener.close();
  });

  it('tells the sender when the peer takes nothing and is cut off', async () => {
    const owner = new Recorder();
    let connection: Connection | undefined;
    const listener = await network.listen(address, (accepted) => {
      connection = accepted;
      return owner;
    });
    const client = net.connect(listener.port, '127.0.0.1');
    client.on('error', () => undefined);
    await once(client, 'connect');
    client.pause();
    await until(() => connection !== undefined);
    let sent = 0;
    for (let index = 0; index < 3; index++) connection?.send([Buffer.alloc(16 * 1024 * 1024)], () => sent++);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(connection?.unsentBytes).to.be.greaterThan(0);
    client.destroy();
    await owner.closed;
    expect(sent).to.equal(3);
    connection?.send([Buffer.from('x')], () => sent++);
    await until(() => sent === 4);
    expect(owner.happened.filter((event) => event === 'closed')).to.have.length(1);
    await listener.close();
  });

  it('closes a listener while its connections live on, and refuses a port that is taken', async () => {
    const owner = new Recorder();
    const listener = await network.listen(address, () => owner);
    let refusal = '';
    await network
      .listen({ host: '127.0.0.1', port: listener.port }, () => owner)
      .catch((error) => (refusal = error.code));
    expect(refusal).to.equal('EADDRINUSE');
    const { port } = listener;
    await listener.close();
    // A fixed port is shared by several listeners where Node can; all of them go.
    const again = await network.listen({ host: '127.0.0.1', port }, () => owner);
    refusal = '';
    await network.listen({ host: '127.0.0.1', port }, () => owner).catch((error) => (refusal = error.code));
    expect(refusal).to.equal('EADDRINUSE');
    const clients = Array.from({ length: 20 }, () => net.connect(port, '127.0.0.1'));
    await Promise.all(clients.map((client) => once(client, 'connect')));
    for (const client of clients) client.end('bye');
    await until(() => Buffer.concat(owner.received).length === 60);
    for (const client of clients) client.destroy();
    await again.close();
  });

  it('dials, and what it has dialled is like what it has accepted', async () => {
    const [server, client] = [new Recorder(), new Recorder(8)];
    let accepted: Connection | undefined;
    const listener = await network.listen(address, (connection) => {
      accepted = connection;
      return server;
    });
    const dialled = await network.connect({ host: '127.0.0.1', port: listener.port }, () => client);
    expect(dialled.remotePort).to.equal(listener.port);
    dialled.send([Buffer.from('a question'), Buffer.from(' in two pieces')]);
    await until(() => Buffer.concat(server.received).toString() === 'a question in two pieces');
    expect(accepted?.remotePort).to.equal(dialled.localPort);
    dialled.end();
    await until(() => server.happened.includes('ended'));
    accepted?.send([Buffer.from('an answer after the end')]);
    accepted?.end();
    await Promise.all([client.closed, server.closed]);
    expect(Buffer.concat(client.received).toString()).to.equal('an answer after the end');
    expect(client.received.every((piece) => piece.length <= 8)).to.equal(true);
    expect(client.happened.filter((event) => event !== 'drained')).to.deep.equal(['ended', 'closed']);
    await listener.close();
  });

  it('says why nobody could be dialled, and ends an attempt that is given up', async () => {
    const reason = (host: string, port: number, signal?: AbortSignal) =>
      network
        .connect({ host, port, ...(signal !== undefined && { signal }) }, () => new Recorder())
        .then(
          () => 'connected',
          (error: NodeJS.ErrnoException) => error.code ?? error.message,
        );
    const listener = await network.listen(address, () => new Recorder());
    const { port } = listener;
    await listener.close();
    expect(await reason('127.0.0.1', port)).to.equal('ECONNREFUSED');
    expect(await reason('127.0.0.1', port, AbortSignal.abort(new Error('too late')))).to.equal('too late');
    // An address for documentation (RFC 5737): nobody answers there, if it can be reached at all.
    const attempt = new AbortController();
    const given = reason('192.0.2.1', 9, attempt.signal);
    attempt.abort(new Error('given up'));
    expect(await given).to.equal('given up');
  });

  for (const [name, receive] of Object.entries({ receiveByOnread, receiveByData })) {
    it(`works with ${name} on this Node`, async () => {
      const owner = new Recorder(7);
      const sockets: net.Socket[] = [];
      const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (accepted) => {
        const socket = receive(accepted, owner);
        sockets.push(socket);
        socket.on('end', () => socket.end('answer'));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
      client.end('a question of some length');
      let answer = '';
      for await (const chunk of client) answer += String(chunk);
      expect(answer).to.equal('answer');
      expect(Buffer.concat(owner.received).toString()).to.equal('a question of some length');
      await new Promise((resolve) => server.close(resolve));
    });
  }

  it('reads into our own buffers, not by the fallback', async () => {
    const owner = new Recorder();
    const target = owner.receiveBuffer();
    const seen: boolean[] = [];
    owner.onReceived = (sizeBytes) => seen.push(Buffer.from(target.buffer).includes('direct') && sizeBytes === 6);
    const server = net.createServer({ pauseOnConnect: true }, (accepted) => {
      expect(receiveByOnread(accepted, owner)).to.not.equal(accepted);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    client.write('direct');
    await until(() => seen.length > 0);
    client.destroy();
    server.close();
    expect(seen).to.deep.equal([true]);
  });
});
