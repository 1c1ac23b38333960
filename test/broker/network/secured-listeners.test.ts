// Listeners that ask for TLS or a login, met by whoever should not get in: on real sockets, with everything that is logged kept.
import { SkippingClock } from '../skipping-clock.ts';
import { expect } from 'chai';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { Channel, ChannelError, Errors } from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { SaslHandshake } from '../../../src/protocol/messages/17-sasl-handshake.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { AlterConfigs } from '../../../src/protocol/messages/33-alter-configs.ts';
import { DescribeConfigs } from '../../../src/protocol/messages/32-describe-configs.ts';
import { SaslAuthenticate } from '../../../src/protocol/messages/36-sasl-authenticate.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { AlterUserScramCredentials } from '../../../src/protocol/messages/51-alter-user-scram-credentials.ts';
import { PlainClient, ScramClient, saltedPassword } from '../../../src/protocol/sasl/index.ts';
import { type Clock, silentLogger, type TlsSettings } from '../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { SecurityLines } from '../security/security-lines.ts';
import { keyPath, keyText, logInWith, plain, SERVER_STORES, tlsClient } from '../security/keys.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { RawClient, requestOf } from '../raw-client.ts';

const PASSWORD = 'Xyzzy-secret-1';
const TOKEN_SECRET = 'Xyzzy-secret-2';
const SCRAM_PASSWORD = 'Xyzzy-secret-3';
const ANY_NAME = { 'ssl.allow.dn.changes': 'true', 'ssl.allow.san.changes': 'true' };
const LISTENERS = {
  listeners: 'PLAINTEXT://127.0.0.1:0,SECURE://127.0.0.1:0,LOGIN://127.0.0.1:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SSL,LOGIN:SASL_PLAINTEXT',
  'inter.broker.listener.name': 'PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
  'listener.name.login.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${PASSWORD}";`,
  'delegation.token.secret.key': TOKEN_SECRET,
  ...SERVER_STORES,
};

const secure = ({ node }: LiveBroker): number => node.socketServer.listeners[1]?.port ?? 0;
const login = ({ node }: LiveBroker): number => node.socketServer.listeners[2]?.port ?? 0;
const messages = ({ lines }: LiveBroker): string[] => lines.map(({ message }) => message);

/** Whether a request is answered. */
async function isIn(client: RawClient): Promise<boolean> {
  client.send(requestOf(ApiVersions, 0, {}));
  const answer = await client.next().catch(() => 'closed');
  client.destroy();
  return answer !== 'closed';
}

async function isLetIn(broker: LiveBroker, certificate?: string): Promise<boolean> {
  try {
    return await isIn(await RawClient.connectTls(secure(broker), tlsClient(certificate)));
  } catch {
    return false;
  }
}

async function withBroker(
  config: Readonly<Record<string, string>>,
  test: (broker: LiveBroker) => Promise<void>,
  clock?: Clock,
) {
  const broker = await LiveBroker.start({ ...LISTENERS, ...config }, clock);
  try {
    await test(broker);
  } finally {
    await broker.close();
  }
}

function channelTo(
  port: number,
  host: string,
  security: ConstructorParameters<typeof Channel>[0]['security'],
  clock = nodeRuntime({ logger: silentLogger }).clock,
): Channel {
  const { network, random } = nodeRuntime({ logger: silentLogger });
  const own = { clientId: 'c', software: { name: 'test', version: '1' }, logger: silentLogger };
  return new Channel({ network, clock, random, host, port, ...own, security });
}

const trusting = (trusted: string): TlsSettings => ({
  trusted: [trusted],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
});

async function faultOf(channel: Channel): Promise<string> {
  try {
    await channel.ask(Metadata, { topics: [] }, { timeoutMs: 1500 });
    return 'none';
  } catch (error) {
    return error instanceof ChannelError ? error.message : String(error);
  } finally {
    channel.destroy();
  }
}

describe('A TLS listener', () => {
  it('lets in those whose certificate an authority vouches for, and holds', () =>
    withBroker({ 'listener.name.secure.ssl.client.auth': 'required' }, async (broker) => {
      expect(await isLetIn(broker, 'client-a')).to.equal(true);
      for (const name of ['client-expired', 'client-self', undefined])
        expect(await isLetIn(broker, name)).to.equal(false);
      await eventually('a line', () => messages(broker).includes('a TLS handshake failed'));
    }));

  it('of which a certificate is only requested takes none, and no bad one', () =>
    withBroker({ 'listener.name.secure.ssl.client.auth': 'requested' }, async (broker) => {
      expect(await isLetIn(broker)).to.equal(true);
      expect(await isLetIn(broker, 'client-expired')).to.equal(false);
    }));

  it('tells a client without TLS by an alert, and the log by a line', () =>
    withBroker({}, async (broker) => {
      const client = await RawClient.connect(secure(broker));
      client.send(requestOf(ApiVersions, 0, {}));
      await eventually('the end', () => client.isClosed);
      expect(client.receivedBytes).to.equal(7);
      await eventually('a line', () => messages(broker).includes('a client without TLS came to a TLS listener'));
      client.destroy();
    }));

  it('does not renegotiate', () =>
    withBroker({}, async (broker) => {
      const client = await RawClient.connectTls(secure(broker), { ...tlsClient(), maxVersion: 'TLSv1.2' });
      const socket = client.socket as TLSSocket;
      const refused = await new Promise<boolean>((resolve) => {
        socket.once('error', () => resolve(true));
        socket.once('close', () => resolve(true));
        socket.renegotiate({}, (error) => resolve(error !== null));
      });
      expect(refused).to.equal(true);
      client.destroy();
    }));

  it('gives up the oldest of too many that do not finish their handshake, and serves others meanwhile', () =>
    withBroker({ 'ottla.max.unauthenticated.connections': '20' }, async (broker) => {
      const half = Buffer.from('160301002f0100002b0303', 'hex');
      const slow = Array.from({ length: 100 }, () => connect(secure(broker), '127.0.0.1'));
      for (const socket of slow) {
        socket.on('error', () => undefined);
        socket.resume();
        socket.write(half);
      }
      await eventually('the oldest gone', () => slow.filter(({ destroyed }) => destroyed).length >= 80, 8000);
      expect(await isLetIn(broker)).to.equal(true);
      for (const socket of slow) socket.destroy();
    })).timeout(60_000);

  it('ends a handshake that takes too long', () =>
    withBroker({ 'ottla.authentication.timeout.ms': '200' }, async (broker) => {
      const client = await RawClient.connect(secure(broker));
      client.send(Buffer.from('160301', 'hex'));
      await eventually('the end', () => client.isClosed);
      client.destroy();
    }));

  it('takes a new key store from a config that is set while it runs, and has one that is no good refused and not written', () =>
    withBroker(ANY_NAME, async (broker) => {
      const shown = async (): Promise<string> => {
        const client = await RawClient.connectTls(secure(broker), { rejectUnauthorized: false });
        const { subject } = (client.socket as TLSSocket).getPeerCertificate();
        client.destroy();
        return String(subject.CN);
      };
      const admin = await broker.connect();
      const set = async (value: string, validateOnly = false) => {
        const { responses } = await admin.ask(IncrementalAlterConfigs, 1, {
          resources: [
            {
              resourceType: 4,
              resourceName: '1',
              configs: [{ name: 'listener.name.secure.ssl.keystore.location', configOperation: 0, value }],
            },
          ],
          validateOnly,
        });
        return responses[0];
      };
      expect(await shown()).to.equal('localhost');
      expect((await set(keyPath('client-a.p12')))?.errorCode).to.equal(Errors.NONE);
      let name = await shown();
      for (let looks = 0; looks < 50 && name !== 'Alice'; looks++) name = await shown();
      expect(name).to.equal('Alice');
      for (const isTrial of [true, false]) {
        const refused = await set('/no/such/file', isTrial);
        expect(refused?.errorCode).to.equal(Errors.INVALID_REQUEST);
        expect(refused?.errorMessage).to.contain('ENOENT');
      }
      const whole = await admin.ask(AlterConfigs, 1, {
        resources: [
          {
            resourceType: 4,
            resourceName: '1',
            configs: [{ name: 'listener.name.secure.ssl.keystore.location', value: keyPath('server.pem') }],
          },
        ],
        validateOnly: false,
      });
      expect(whole.responses[0]?.errorCode).to.equal(Errors.INVALID_REQUEST);
      expect(await shown()).to.equal('Alice');
      const written = broker.node.image.configs.get(4, '1');
      expect([...written.values()]).to.deep.equal([keyPath('client-a.p12')]);
      admin.destroy();
    }));

  it('is not given the certificate of somebody else, unless that is allowed', () =>
    withBroker({}, async (broker) => {
      const admin = await broker.connect();
      const configs = [
        {
          name: 'listener.name.secure.ssl.keystore.location',
          configOperation: 0,
          value: keyPath('client-a.p12'),
        },
      ];
      const resources = [{ resourceType: 4, resourceName: '1', configs }];
      const { responses } = await admin.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
      expect(responses[0]?.errorCode).to.equal(Errors.INVALID_REQUEST);
      expect(responses[0]?.errorMessage).to.contain('Keystore DistinguishedName does not match');
      expect(broker.node.image.configs.get(4, '1').size).to.equal(0);
      admin.destroy();
    }));

  it('reads a key store again when its file has changed', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ottla-keys-')), 'server.p12');
    copyFileSync(keyPath('server.p12'), file);
    await withBroker({ 'ssl.keystore.location': file, ...ANY_NAME }, async (broker) => {
      copyFileSync(keyPath('client-b.p12'), file);
      broker.node.socketServer.guards?.byListener.get('SECURE')?.lookAtFiles();
      const client = await RawClient.connectTls(secure(broker), { rejectUnauthorized: false });
      expect((client.socket as TLSSocket).getPeerCertificate().subject.CN).to.equal('bob.example.com');
      client.destroy();
    });
  });
});

describe('A listener without TLS', () => {
  it('says that a TLS client came', () =>
    withBroker({}, async (broker) => {
      for (const port of [broker.port, login(broker)]) {
        const client = await RawClient.connect(port);
        client.send(Buffer.from('160301002f0100002b0303000102030405', 'hex'));
        await eventually('the end', () => client.isClosed);
        expect(client.receivedBytes).to.equal(0);
        client.destroy();
      }
      expect(messages(broker).filter((message) => message.includes('TLS'))).to.have.length(1);
      expect(broker.lines.some(({ fields }) => String(fields['reason']).includes('TLS'))).to.equal(true);
    }));
});

describe('A channel to a TLS listener', () => {
  it('makes sure of its peer', () =>
    withBroker({}, async (broker) => {
      const tls = (trusted: string, checksHost: boolean) => ({
        settings: () => trusting(trusted),
        checksHost,
        handshakeMs: 5000,
      });
      const known = keyText('ca.pem');
      expect(await faultOf(channelTo(secure(broker), 'localhost', { tls: tls(known, true) }))).to.equal('none');
      const stranger = await faultOf(
        channelTo(secure(broker), 'localhost', { tls: tls(keyText('client-self.pem'), true) }),
      );
      expect(stranger).to.match(/not answered|certificate/);
      const isSecureDialled = await faultOf(channelTo(broker.port, 'localhost', { tls: tls(known, true) }));
      expect(isSecureDialled).to.not.equal('none');
    })).timeout(60_000);
});

describe('A SASL listener', () => {
  it('answers wrong passwords and unknown users alike', () =>
    withBroker({}, async (broker) => {
      const answers = [];
      for (const token of [plain('alice', 'wrong'), plain('nobody', 'wrong')]) {
        const client = await RawClient.connect(login(broker));
        answers.push(await logInWith(client, 'PLAIN', token));
        await eventually('the end', () => client.isClosed);
      }
      expect(answers[0]).to.deep.equal(answers[1]);
      expect(answers[0]?.errorCode).to.equal(Errors.SASL_AUTHENTICATION_FAILED);
    }));

  it('takes no proof twice', () =>
    withBroker({}, async (broker) => {
      await addScramUser(broker);
      const scram = new ScramClient('SCRAM-SHA-256', { user: 'carol', password: SCRAM_PASSWORD, nonce: 'abcdefgh' });
      const first = Buffer.from(scram.first());
      const client = await RawClient.connect(login(broker));
      const challenge = await logInWith(client, 'SCRAM-SHA-256', first);
      const final = Buffer.from((await scram.next(challenge.authBytes)) as Uint8Array);
      expect((await client.ask(SaslAuthenticate, 2, { authBytes: final })).errorCode).to.equal(0);
      const thief = await RawClient.connect(login(broker));
      await logInWith(thief, 'SCRAM-SHA-256', first);
      const { errorCode } = await thief.ask(SaslAuthenticate, 2, { authBytes: final });
      expect(errorCode).to.equal(Errors.SASL_AUTHENTICATION_FAILED);
      for (const one of [client, thief]) one.destroy();
    }));

  it('keeps no more strangers than it may, and lets in who logs in', () =>
    withBroker({ 'ottla.max.unauthenticated.connections': '10' }, async (broker) => {
      const strangers = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(login(broker))));
      await eventually('most gone', () => strangers.filter(({ isClosed }) => isClosed).length >= 40);
      const client = await RawClient.connect(login(broker));
      expect((await logInWith(client, 'PLAIN', plain('alice', PASSWORD))).errorCode).to.equal(0);
      expect(await isIn(client)).to.equal(true);
      for (const one of strangers) one.destroy();
    }));

  it('closes whoever does not log in in time', () =>
    withBroker({ 'ottla.authentication.timeout.ms': '150' }, async (broker) => {
      const client = await RawClient.connect(login(broker));
      await client.ask(SaslHandshake, 1, { mechanism: 'PLAIN' });
      await eventually('the end', () => client.isClosed);
      const other = await RawClient.connect(login(broker));
      await logInWith(other, 'PLAIN', plain('alice', PASSWORD));
      expect(await isIn(other)).to.equal(true);
    }));

  it('lets channels log in by PLAIN and SCRAM', () =>
    withBroker({}, async (broker) => {
      await addScramUser(broker);
      const scram = { user: 'carol', password: SCRAM_PASSWORD, nonce: 'abcdefgh' };
      const byScram = channelTo(login(broker), '127.0.0.1', { login: () => new ScramClient('SCRAM-SHA-256', scram) });
      expect(await faultOf(byScram)).to.equal('none');
      const wrong = channelTo(login(broker), '127.0.0.1', { login: () => new PlainClient('alice', 'wrong') });
      expect(await faultOf(wrong)).to.contain('not answered');
      const byPlain = channelTo(login(broker), '127.0.0.1', { login: () => new PlainClient('alice', PASSWORD) });
      expect(await faultOf(byPlain)).to.equal('none');
    })).timeout(60_000);

  it('has channels log in anew before their login lapses, on the connection that they have', () => {
    const holdsMs = 60_000;
    const clock = new SkippingClock(nodeRuntime({ logger: silentLogger }).clock);
    const config = { 'listener.name.login.plain.connections.max.reauth.ms': String(holdsMs) };
    const looks = async (broker: LiveBroker): Promise<void> => {
      let logins = 0;
      const newLogin = () => {
        logins++;
        return new PlainClient('alice', PASSWORD);
      };
      const channel = channelTo(login(broker), '127.0.0.1', { login: newLogin }, clock);
      await channel.ask(Metadata, { topics: [] });
      const { connectionCount } = broker.node;
      for (let round = 1; round <= 3; round++) {
        clock.skip(holdsMs * 0.9);
        await eventually('it logs in anew', () => logins === 1 + round);
        // Answered behind the login.
        await channel.ask(Metadata, { topics: [] });
      }
      expect(broker.node.connectionCount).to.equal(connectionCount);
      channel.destroy();
    };
    return withBroker(config, looks, clock);
  });
});

async function addScramUser(broker: LiveBroker): Promise<void> {
  const salt = Buffer.from('salt-of-carol');
  const salted = await saltedPassword('SCRAM-SHA-256', SCRAM_PASSWORD, salt, 4096);
  const admin = await broker.connect();
  const upsertions = [{ name: 'carol', mechanism: 1, iterations: 4096, salt, saltedPassword: salted }];
  await admin.ask(AlterUserScramCredentials, 0, { deletions: [], upsertions });
  admin.destroy();
}

describe('Secrets', () => {
  it('stand in no line, no error and no description', async () => {
    const secrets = [PASSWORD, TOKEN_SECRET, SCRAM_PASSWORD, 'throw-away', 'Xyzzy'];
    await withBroker({}, async (broker) => {
      const said = new SecurityLines();
      await addScramUser(broker);
      for (const mechanism of ['PLAIN', 'SCRAM-SHA-256']) {
        for (const token of [plain('alice', PASSWORD), plain('alice', `${PASSWORD}x`), plain(PASSWORD, PASSWORD)]) {
          const client = await RawClient.connect(login(broker));
          said.add(await logInWith(client, mechanism, token).catch(String));
          client.destroy();
        }
      }
      const admin = await broker.connect();
      const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }];
      said.add(await admin.ask(DescribeConfigs, 4, { resources, includeSynonyms: true, includeDocumentation: false }));
      admin.destroy();
      said.add(broker.lines);
      for (const secret of secrets) expect(said.has(secret), secret).to.equal(false);
    });
  });
});
