// A broker with TLS that stops while clients stay connected: it does not wait for them.
import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { startBroker } from '../../../src/index.ts';

describe('A broker with TLS', () => {
  it('stops though a client stays connected, and ends that connection', async () => {
    const broker = await startBroker({ memory: true, tls: true, port: 0 });
    const client = connect({ host: '127.0.0.1', port: broker.port, ca: broker.ca as string });
    await once(client, 'secureConnect');
    const ended = once(client, 'close');
    client.resume();
    await broker.close();
    await ended;
    expect(client.destroyed).to.equal(true);
  });
});
