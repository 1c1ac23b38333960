// The ways in: TLS with and without a certificate of one's own, every SASL mechanism, and what is told to those who stay outside.
import { expect } from 'chai';
import { AuthenticationError, type ClientConfig, ClusterClient, Producer } from '../../../src/client/index.ts';
import { AlterUserScramCredentials } from '../../../src/protocol/messages/51-alter-user-scram-credentials.ts';
import { saltedPassword } from '../../../src/protocol/sasl/index.ts';
import { LiveBroker } from '../../broker/live-broker.ts';
import { keyPath, keyText, SERVER_STORES, signedToken, unsignedToken } from '../../broker/security/keys.ts';

const JAAS = 'org.apache.kafka.common.security';
const CONFIG = {
  listeners: 'PLAINTEXT://127.0.0.1:0,SECURE://127.0.0.1:0,LOGIN://127.0.0.1:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SSL,LOGIN:SASL_PLAINTEXT',
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.name.secure.ssl.client.auth': 'required',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,OAUTHBEARER',
  'listener.name.login.plain.sasl.jaas.config': `${JAAS}.plain.PlainLoginModule required user_alice="secret";`,
  'listener.name.login.oauthbearer.sasl.jaas.config': `${JAAS}.oauthbearer.OAuthBearerLoginModule required;`,
  ...SERVER_STORES,
};
const ITERATIONS = 4096;

describe('A client of a secured listener', () => {
  let broker: LiveBroker;

  before(async () => {
    broker = await LiveBroker.start(CONFIG);
    const client = new ClusterClient({ brokers: `127.0.0.1:${broker.port}` });
    const salt = Buffer.from('salt and pepper');
    const salted = await saltedPassword('SCRAM-SHA-256', 'secret', salt, ITERATIONS);
    const upsertion = { name: 'bob', mechanism: 1, iterations: ITERATIONS, salt, saltedPassword: salted };
    await client.askAny(AlterUserScramCredentials, { deletions: [], upsertions: [upsertion] });
    await client.close();
  });

  after(() => broker.close());

  const portOf = (listener: number): number => broker.node.socketServer.listeners[listener]?.port ?? 0;

  async function sends(config: ClientConfig, listener: number): Promise<string> {
    const brokers = `localhost:${portOf(listener)}`;
    await using producer = new Producer({ brokers, ...config, limits: { apiTimeoutMs: 3000 }, maxBlockMs: 3000 });
    return producer.send('secured', { value: 'x' }).then(
      ({ topic }) => topic,
      (error: unknown) => {
        expect(error).to.be.instanceOf(AuthenticationError);
        return (error as Error).message;
      },
    );
  }

  const login = (mechanism: string, jaas: string): ClientConfig => ({
    config: { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas },
  });

  it('shows a certificate whose key is encrypted, by name or by Kafka’s keys', async () => {
    const [ca, cert] = [keyText('ca.pem'), keyText('client-a.pem')];
    expect(await sends({ tls: { ca, cert, key: keyText('client-a.key') } }, 1)).to.equal('secured');
    const encrypted = { key: keyText('client-a.encrypted.key'), passphrase: 'throw-away' };
    expect(await sends({ tls: { ca, cert, ...encrypted } }, 1)).to.equal('secured');
    const config = {
      'security.protocol': 'SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': keyPath('ca.pem'),
      'ssl.keystore.type': 'PEM',
      // One line, as it often stands in a file of properties.
      'ssl.keystore.certificate.chain': cert.trim().replaceAll('\n', ' '),
      'ssl.keystore.key': encrypted.key.trim().replaceAll('\n', ' '),
      'ssl.key.password': encrypted.passphrase,
    };
    expect(await sends({ config }, 1)).to.equal('secured');
  });

  it('logs in by each mechanism', async () => {
    expect(await sends({ sasl: { mechanism: 'plain', username: 'alice', password: 'secret' } }, 2)).to.equal('secured');
    const plain = `${JAAS}.plain.PlainLoginModule required username="alice" password="secret";`;
    expect(await sends(login('PLAIN', plain), 2)).to.equal('secured');
    const scram = `${JAAS}.scram.ScramLoginModule required username="bob" password="secret";`;
    expect(await sends(login('SCRAM-SHA-256', scram), 2)).to.equal('secured');
    const oauth = `${JAAS}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="alice";`;
    expect(await sends(login('OAUTHBEARER', oauth), 2)).to.equal('secured');
    expect(await sends({ sasl: { mechanism: 'oauthbearer', token: unsignedToken } }, 2)).to.equal('secured');
  });

  it('learns at once that it is not let in, and why', async () => {
    const wrong = { mechanism: 'plain', username: 'alice', password: 'guess' } as const;
    expect(await sends({ sasl: wrong }, 2)).to.contain('Authentication failed');
    const scram = { mechanism: 'scram-sha-256', username: 'bob', password: 'guess' } as const;
    expect(await sends({ sasl: scram }, 2)).to.contain('login refused');
    const token = (): string => signedToken({ exp: 1_700_000_001 });
    expect(await sends({ sasl: { mechanism: 'oauthbearer', token } }, 2)).to.contain('invalid_token');
    expect(await sends({ sasl: { mechanism: 'scram-sha-512', username: 'bob', password: 'secret' } }, 2)).to.contain(
      'the peer offers PLAIN',
    );
  });
});
