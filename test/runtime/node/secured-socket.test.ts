// What comes over TLS stands in the owner's buffers as it was sent: whatever its sizes, pauses and end, by the way that leans on what Node
// does not document and by the fallback.
import { expect } from 'chai';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { createHash } from 'node:crypto';
import tls from 'node:tls';
import {
  type Connection,
  type ConnectionEvents,
  type Listener,
  silentLogger,
  type TlsSettings,
} from '../../../src/runtime/index.ts';
import { nodeNetwork } from '../../../src/runtime/node/index.ts';
import { receiveFromSecured } from '../../../src/runtime/node/secured-socket.ts';
import { keyText } from '../../broker/security/keys.ts';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const SETTINGS: TlsSettings = {
  key: keyText('server.key'),
  certificates: keyText('server.pem'),
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
};
const address = {
  host: '127.0.0.1',
  port: 0,
  tls: { settings: () => SETTINGS, clientCertificate: () => 'none' as const, handshakeMs: 10_000 },
};

/** Hands out what is left of a buffer that large frames would fill, then the next one. */
class Owner implements ConnectionEvents {
  connection: Connection | undefined;
  receivedBytes = 0;
  readonly hash = createHash('sha256');
  readonly happened: string[] = [];
  error: Error | undefined;
  /** After so many bytes it wants no more for a while. */
  pausesEvery = Infinity;
  #buffer = Buffer.alloc(1 << 20);
  #at = 0;

  receiveBuffer(): Uint8Array {
    if (this.#at === this.#buffer.length) {
      this.#buffer = Buffer.alloc(this.#buffer.length);
      this.#at = 0;
    }
    return this.#buffer.subarray(this.#at);
  }
  onReceived(sizeBytes: number): void {
    const before = this.receivedBytes;
    this.hash.update(this.#buffer.subarray(this.#at, this.#at + sizeBytes));
    this.#at += sizeBytes;
    this.receivedBytes += sizeBytes;
    if (Math.floor(before / this.pausesEvery) === Math.floor(this.receivedBytes / this.pausesEvery)) return;
    this.connection?.pause();
    setImmediate(() => this.connection?.resume());
  }
  onDrained(): void {
    this.happened.push('drained');
  }
  onEnded(): void {
    this.happened.push('ended');
  }
  onClosed(error?: Error): void {
    this.error = error;
    this.happened.push('closed');
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

function listening(owner: Owner): Promise<Listener> {
  return nodeNetwork(silentLogger).listen(address, (connection) => {
    owner.connection = connection;
    return owner;
  });
}

async function clientOf(port: number, version: (typeof VERSIONS)[number]): Promise<tls.TLSSocket> {
  const options = {
    ca: keyText('ca.pem'),
    checkServerIdentity: () => undefined,
    minVersion: version,
    maxVersion: version,
  };
  const client = tls.connect({ socket: net.connect(port, '127.0.0.1'), ...options });
  client.on('error', () => undefined);
  await once(client, 'secureConnect');
  return client;
}

/** Bytes that tell their place. */
function numbered(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  return bytes;
}

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('A socket of TLS', () => {
  for (const version of VERSIONS) {
    it(`delivers what comes, in large pieces and small ones, while its owner pauses now and then (${version})`, async () => {
      const owner = new Owner();
      owner.pausesEvery = 300_000;
      const listener = await listening(owner);
      const client = await clientOf(listener.port, version);
      const sent = numbered(9_000_004);
      const sizes = [1, 5_000_000, 17, 16_384, 100_000, 3_000_000];
      let at = 0;
      for (const size of [...sizes, sent.length - sizes.reduce((sum, one) => sum + one)]) {
        client.write(sent.subarray(at, at + size));
        at += size;
      }
      await until(() => owner.receivedBytes === sent.length);
      expect(owner.hash.digest('hex')).to.equal(sha(sent));
      client.end();
      await until(() => owner.happened.includes('ended'));
      owner.connection?.end();
      await until(() => owner.happened.includes('closed'));
      expect(owner.error).to.equal(undefined);
      await listener.close();
    });

    it(`sends to a peer that reads late, while it receives (${version})`, async () => {
      const owner = new Owner();
      const listener = await listening(owner);
      const client = await clientOf(listener.port, version);
      const [asked, answer] = [numbered(3_000_000), numbered(20_000_000)];
      client.write(asked);
      await until(() => owner.receivedBytes > 0);
      client.pause();
      let isSent = false;
      owner.connection?.send([answer], () => (isSent = true));
      await until(() => owner.receivedBytes === asked.length);
      expect(isSent).to.equal(false);
      const hash = createHash('sha256');
      let heardBytes = 0;
      client.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        heardBytes += chunk.length;
      });
      client.resume();
      await until(() => heardBytes === answer.length && isSent);
      expect(hash.digest('hex')).to.equal(sha(answer));
      owner.connection?.destroy();
      await until(() => owner.happened.includes('closed'));
      await listener.close();
    });

    it(`is closed when its peer is cut off in the middle of a frame, and when its owner lets go (${version})`, async () => {
      for (const end of ['reset', 'destroyed'] as const) {
        const owner = new Owner();
        const listener = await listening(owner);
        const client = await clientOf(listener.port, version);
        client.write(numbered(700_000));
        await until(() => owner.receivedBytes > 0);
        if (end === 'reset') (client as unknown as { readonly _parent: Socket })._parent.resetAndDestroy();
        else owner.connection?.destroy();
        await until(() => owner.happened.includes('closed'));
        client.destroy();
        await listener.close();
      }
    });
  }

  it('is read by the event loop again when its peer falls silent in the middle of a frame', async () => {
    const owner = new Owner();
    const listener = await listening(owner);
    const client = await clientOf(listener.port, 'TLSv1.3');
    for (let round = 1; round <= 5; round++) {
      client.write(numbered(50_000));
      await until(() => owner.receivedBytes === round * 50_000);
    }
    client.end();
    await until(() => owner.happened.includes('ended'));
    owner.connection?.destroy();
    await until(() => owner.happened.includes('closed'));
    await listener.close();
  });

  it("has its records opened into the owner's buffers, and where Node is another one by its events", async () => {
    for (const isKnown of [true, false]) {
      const owner = new Owner();
      const server = tls.createServer({ key: SETTINGS.key as string, cert: SETTINGS.certificates as string });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const accepted = once(server, 'secureConnection') as Promise<[Socket & { _handle: object }]>;
      const client = await clientOf((server.address() as { port: number }).port, 'TLSv1.3');
      const [secured] = await accepted;
      if (!isKnown) Object.defineProperty(secured._handle, 'receive', { value: undefined });
      receiveFromSecured(secured, owner);
      const sent = numbered(2_000_000);
      client.write(sent);
      await until(() => owner.receivedBytes === sent.length);
      expect(owner.hash.digest('hex')).to.equal(sha(sent));
      expect(secured.listenerCount('data')).to.equal(isKnown ? 0 : 1);
      secured.destroy();
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
