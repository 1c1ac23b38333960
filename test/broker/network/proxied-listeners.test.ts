// Listeners behind a load balancer that speaks the PROXY protocol: where a connection comes from is what its header says, for limits,
// for the log and for ACLs, under TLS and logins as well; without a header nothing is made of it.
import { expect } from 'chai';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { logInWith, plain, SERVER_STORES, tlsClient } from '../security/keys.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { CLOSED, RawClient, requestOf } from '../raw-client.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const HELLO = requestOf(ApiVersions, 0, {});

const version1 = (source: string): Buffer => Buffer.from(`PROXY TCP4 ${source} 192.0.2.1 40001 9092\r\n`, 'latin1');
function version2(source: string): Buffer {
  const address = Buffer.from(source.split('.').map(Number)).toString('hex');
  return Buffer.from(`${SIGNATURE}2111000f${address}c00002019c412384040000`, 'hex');
}
const HEADERS = { 'version 1': version1, 'version 2': version2 };

interface Ports {
  readonly open: number;
  readonly secure: number;
  readonly login: number;
}

describe('A listener behind a proxy', function () {
  this.timeout(60_000);
  let broker: LiveBroker;
  let ports: Ports;

  before(async () => {
    broker = await LiveBroker.start({
      listeners: 'PLAINTEXT://127.0.0.1:0,PROXIED://127.0.0.1:0,SECURE://127.0.0.1:0,LOGIN://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SECURE:SSL,LOGIN:SASL_SSL',
      'inter.broker.listener.name': 'PLAINTEXT',
      'ottla.proxy.protocol.listeners': 'proxied,SECURE,LOGIN',
      'max.connections.per.ip.overrides': '198.51.100.1:1,198.51.100.2:1',
      'sasl.enabled.mechanisms': 'PLAIN',
      'sasl.jaas.config': 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="a";',
      'ottla.authentication.timeout.ms': '2000',
      ...SERVER_STORES,
    });
    const [, open = 0, secure = 0, login = 0] = broker.node.socketServer.listeners.map(({ port }) => port);
    ports = { open, secure, login };
  });
  after(() => broker.close());

  const isServed = async (client: RawClient): Promise<boolean> => {
    client.send(HELLO);
    return (await client.next()) !== CLOSED;
  };
  const behind = async (port: number, header: Buffer): Promise<RawClient> => {
    const client = await RawClient.connect(port);
    client.send(header);
    return client;
  };
  const behindTls = async (port: number, header: Buffer): Promise<RawClient> => {
    const socket = await new Promise<Socket>((resolve) => {
      const dialled = connect({ port, host: '127.0.0.1' }, () => resolve(dialled));
    });
    socket.write(header);
    return RawClient.connectTls(port, { ...tlsClient(), socket });
  };

  for (const [name, headerOf] of Object.entries(HEADERS)) {
    it(`counts connections by the address that ${name} tells`, async () => {
      const source = name === 'version 1' ? '198.51.100.1' : '198.51.100.2';
      const first = await behind(ports.open, headerOf(source));
      expect(await isServed(first)).to.equal(true);
      const second = await behind(ports.open, headerOf(source));
      expect(await isServed(second), 'one too many from there').to.equal(false);
      const other = await behind(ports.open, headerOf('198.51.100.77'));
      expect(await isServed(other), 'one from elsewhere').to.equal(true);
      for (const client of [first, second, other]) client.destroy();
    });

    it(`takes ${name} in pieces, and together with the first request`, async () => {
      const header = headerOf('198.51.100.77');
      const pieces = await RawClient.connect(ports.open);
      pieces.socket.setNoDelay(true);
      for (const byte of Buffer.concat([header, HELLO.subarray(0, 7)])) pieces.send(Buffer.from([byte]));
      pieces.send(HELLO.subarray(7));
      expect(await pieces.next()).to.not.equal(CLOSED);
      const whole = await behind(ports.open, Buffer.concat([header, HELLO, HELLO]));
      expect(await whole.next()).to.not.equal(CLOSED);
      expect(await whole.next()).to.not.equal(CLOSED);
      for (const client of [pieces, whole]) client.destroy();
    });

    it(`has TLS and logins behind ${name}, and logs where a failure came from`, async () => {
      const secure = await behindTls(ports.secure, headerOf('198.51.100.78'));
      expect(await isServed(secure)).to.equal(true);
      const source = name === 'version 1' ? '198.51.100.81' : '198.51.100.82';
      const right = await behindTls(ports.login, headerOf(source));
      expect((await logInWith(right, 'PLAIN', plain('alice', 'a'))).errorCode).to.equal(0);
      const wrong = await behindTls(ports.login, headerOf(source));
      expect((await logInWith(wrong, 'PLAIN', plain('alice', 'b'))).errorCode).to.equal(58);
      await eventually('a line', () =>
        broker.lines.some(({ message, fields }) => message === 'login failed' && fields['client'] === source),
      );
      for (const client of [secure, right, wrong]) client.destroy();
    });
  }

  it('keeps the address of the proxy where it speaks for itself, or does not know', async () => {
    for (const header of [Buffer.from('PROXY UNKNOWN\r\n'), Buffer.from(`${SIGNATURE}20000000`, 'hex')]) {
      const client = await behind(ports.open, header);
      expect(await isServed(client)).to.equal(true);
      client.destroy();
    }
  });

  it('closes whoever comes without a header, or with one that is none', async () => {
    const wrong = [
      HELLO,
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('PROXY TCP4 1.2.3.4\r\n'),
      Buffer.from(`${SIGNATURE}2111ffff`, 'hex'),
      Buffer.alloc(9000, 'P'),
    ];
    for (const header of wrong) {
      const client = await behind(ports.open, header);
      await client.ended();
      expect(client.receivedBytes).to.equal(0);
      client.destroy();
    }
    const stranger = connectTls({ port: ports.secure, host: '127.0.0.1', ...tlsClient() });
    await new Promise((resolve) => stranger.once('error', resolve));
    const isLogged = broker.lines.some(({ message }) => message === 'closed a connection behind a proxy');
    expect(isLogged).to.equal(true);
  });

  it('closes whoever does not finish the header in time', async () => {
    const client = await behind(ports.open, Buffer.from('PROXY '));
    await client.ended();
    client.destroy();
  });

  it('takes no header where none is expected', async () => {
    const client = await behind(broker.port, version1('198.51.100.1'));
    await client.ended();
    expect(client.receivedBytes).to.equal(0);
    client.destroy();
  });
});
