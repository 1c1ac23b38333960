// The registry beside an embedded broker, and who may call it.
import { expect } from 'chai';
import { startBroker } from '../../src/index.ts';
import { callAt, startRegistry } from './running-registry.ts';

const basic = (login: string) => ({ authorization: `Basic ${Buffer.from(login).toString('base64')}` });

describe('The registry of an embedded broker', () => {
  it('is there when it is asked for, empty again when the broker is, and gone with it', async () => {
    const plain = await startBroker({ profile: 'test' });
    expect(plain.registryUrl).to.equal(undefined);
    await plain.close();
    const broker = await startBroker({ profile: 'test', registry: true });
    const url = broker.registryUrl as string;
    expect((await callAt(url, 'POST', '/subjects/s/versions', { schema: '"int"' })).body.id).to.equal(1);
    await broker.reset();
    expect(broker.registryUrl).to.equal(url);
    expect((await callAt(url, 'GET', '/subjects')).body).to.deep.equal([]);
    expect((await callAt(url, 'POST', '/subjects/s/versions', { schema: '"int"' })).body.id).to.equal(1);
    await broker.close();
    expect(await fetch(url).catch(() => 'gone')).to.equal('gone');
  });

  it('ends the broker when it cannot begin', async () => {
    const first = await startBroker({ profile: 'test', registry: true });
    const port = Number(new URL(first.registryUrl as string).port);
    const failure = await startBroker({ profile: 'test', registry: { port } }).catch((error: unknown) => error);
    expect((failure as NodeJS.ErrnoException).code).to.equal('EADDRINUSE');
    await first.close();
  });

  it('takes the users of the broker for its own, over TLS too', async () => {
    const broker = await startBroker({
      profile: 'test',
      tls: true,
      users: { alice: 'secret', bob: 'other' },
      registry: { authentication: 'broker' },
    });
    try {
      const status = async (headers?: Record<string, string>) =>
        (await callAt(broker.registryUrl as string, 'GET', '/subjects', undefined, headers)).status;
      expect(await status()).to.equal(401);
      expect(await status(basic('alice:wrong'))).to.equal(401);
      expect(await status(basic('carol:secret'))).to.equal(401);
      expect(await status({ authorization: 'Bearer x' })).to.equal(401);
      expect(await status(basic('alice:secret'))).to.equal(200);
      expect(await status(basic('bob:other'))).to.equal(200);
    } finally {
      await broker.close();
    }
  });

  it('takes a list of users', async () => {
    const { call, close } = await startRegistry({ authentication: { users: { alice: 'se:cret' } } });
    try {
      const refused = await call('GET', '/subjects');
      expect([refused.status, refused.body]).to.deep.equal([401, { error_code: 401, message: 'Unauthorized' }]);
      expect(refused.headers.get('www-authenticate')).to.match(/^Basic realm=/);
      expect((await call('GET', '/subjects', undefined, basic('alice:se:cret'))).status).to.equal(200);
      expect((await call('GET', '/subjects', undefined, basic('constructor:x'))).status).to.equal(401);
      expect((await call('GET', '/status/ready')).status).to.equal(200);
    } finally {
      await close();
    }
  });
});
