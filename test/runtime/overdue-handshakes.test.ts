// TLS handshakes that come to no end, many begun at the same time: their time is over at the same time too.
import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { silentLogger } from '../../src/runtime/index.ts';
import { nodeNetwork } from '../../src/runtime/node/network.ts';
import { keyText } from '../broker/security/keys.ts';

const COUNT = 100;
const HALF_HELLO = Buffer.from('160301002f0100002b0303', 'hex');
const settings = {
  key: keyText('server.key'),
  certificates: keyText('server.pem'),
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
} as const;

describe('Handshakes whose time is over', () => {
  it('end a few in a turn of the event loop', async () => {
    let closed = 0;
    const tls = { handshakeMs: 500, settings: () => settings, clientCertificate: () => 'none' as const };
    const listener = await nodeNetwork(silentLogger).listen({ host: '127.0.0.1', port: 0, tls }, () => ({
      receiveBuffer: () => new Uint8Array(1024),
      onReceived: () => undefined,
      onDrained: () => undefined,
      onEnded: () => undefined,
      onClosed: () => (closed += 1),
    }));
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < COUNT; index++) {
        const socket = connect(listener.port, '127.0.0.1');
        socket.on('error', () => undefined);
        sockets.push(socket);
        await once(socket, 'connect');
        socket.write(HALF_HELLO);
      }
      // This thread does not run for a while: then all are over.
      const untilMs = performance.now() + 600;
      while (performance.now() < untilMs);
      let most = 0;
      while (closed < COUNT) {
        const before = closed;
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, closed - before);
      }
      expect(most).to.be.within(1, 16);
    } finally {
      for (const socket of sockets) socket.destroy();
      await listener.close();
    }
  });
});
