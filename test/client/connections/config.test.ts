// What a program says of its cluster, by name or by Kafka's keys, and what is told where it makes no sense.
import { expect } from 'chai';
import { parseJaas } from '../../../src/client/connections/jaas.ts';
import { aboutUnknownKeys } from '../../../src/client/connections/known-keys.ts';
import { readProperties, resolveConfig } from '../../../src/client/connections/resolve-config.ts';
import { ConfigurationError } from '../../../src/client/index.ts';
import { PlainClient, ScramClient } from '../../../src/protocol/sasl/index.ts';
import type { Logger } from '../../../src/runtime/index.ts';

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="a \\"b\\"";';
const SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required username=bob password='c;d';";

const refused = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigurationError);
    expect((error as ConfigurationError).advice).to.be.a('string');
    return (error as Error).message;
  }
  return 'taken';
};

describe('The config of a client', () => {
  it('finds addresses in every form', () => {
    const at = (brokers: string | string[]) => resolveConfig({ brokers }).brokers;
    expect(at('a:1, SSL://b:2,c')).to.deep.equal([
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
      { host: 'c', port: 9092 },
    ]);
    expect(at(['[::1]:5'])).to.deep.equal([{ host: '::1', port: 5 }]);
    expect(resolveConfig({ config: { 'bootstrap.servers': 'k:7' } }).brokers).to.deep.equal([{ host: 'k', port: 7 }]);
    expect(refused(() => at('a:b:c'))).to.contain("'a:b:c' is no address");
    expect(refused(() => at(''))).to.contain('at least one');
    expect(refused(() => resolveConfig({}))).to.contain('say where');
  });

  it('reads a file of properties, and lets names win over it', () => {
    const config = readProperties(`# ours
client.id = from file
request.timeout.ms=1234
connections.max.idle.ms=-1
retry.backoff.ms: 7
`);
    const { clientId, limits } = resolveConfig({ brokers: 'a', config, limits: { firstBackoffMs: 9 } });
    expect([clientId, limits.requestTimeoutMs, limits.firstBackoffMs]).to.deep.equal(['from file', 1234, 9]);
    expect([limits.metadataMaxAgeMs, limits.maxIdleMs]).to.deep.equal([300_000, -1]);
    expect(resolveConfig({ brokers: 'a' }).limits.maxIdleMs).to.equal(540_000);
    expect(refused(() => resolveConfig({ brokers: 'a', config: { 'request.timeout.ms': 'soon' } }))).to.equal(
      "request.timeout.ms: 'soon' is no number",
    );
  });

  it('names keys that nobody knows once, and what was most likely meant', () => {
    const told: string[] = [];
    const logger: Logger = { log: (_, message) => void told.push(message), child: () => logger };
    resolveConfig({ brokers: 'a', config: { 'linger.msec': 1, acks: 1, 'my.own.thing': 1 }, runtime: { logger } });
    expect(told).to.deep.equal([
      'unknown config keys have no effect: linger.msec (did you mean linger.ms?), my.own.thing',
    ]);
    expect(aboutUnknownKeys(['bootstrap.servers', 'group.id'])).to.equal(undefined);
  });

  it('logs in as sasl.jaas.config says', async () => {
    const client = (mechanism: string, jaas: string) =>
      resolveConfig({
        brokers: 'a',
        config: { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas },
      }).security?.login?.();
    const plain = await client('PLAIN', PLAIN);
    expect(plain).to.be.instanceOf(PlainClient);
    expect(Buffer.from((plain as PlainClient).first()).toString()).to.equal('\0alice\0a "b"');
    expect(await client('SCRAM-SHA-512', SCRAM)).to.be.instanceOf(ScramClient);
    expect(refused(() => client('SCRAM-SHA-256', PLAIN))).to.contain('needs ScramLoginModule');
    expect(refused(() => client('GSSAPI', PLAIN))).to.contain('none of PLAIN');
    expect(refused(() => client('PLAIN', 'nonsense'))).to.contain('cannot be read');
    expect(refused(() => client('OAUTHBEARER', 'a.OAuthBearerLoginModule required;'))).to.contain('token.endpoint.url');
  });

  it('reads a login module with its options, and tells no secret of one that cannot be read', () => {
    expect([...parseJaas(SCRAM).options]).to.deep.equal([
      ['username', 'bob'],
      ['password', 'c;d'],
    ]);
    const text = refused(() => parseJaas('x.PlainLoginModule required password="hidden"'));
    expect(text).to.contain('semicolon').and.not.contain('hidden');
  });

  it('takes PEM only, and says how to come by it', () => {
    const config = { 'security.protocol': 'SSL', 'ssl.truststore.location': '/none.jks' };
    expect(refused(() => resolveConfig({ brokers: 'a', config }))).to.contain('only PEM');
    const { security } = resolveConfig({
      brokers: 'a',
      config: { 'security.protocol': 'SSL', 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': '/none.pem' },
    });
    // Files are read when they are needed.
    expect(refused(() => security?.tls?.settings())).to.contain('there is no file /none.pem');
    expect(security?.tls?.checksHost).to.equal(true);
    const unchecked = { 'security.protocol': 'SSL', 'ssl.endpoint.identification.algorithm': '' };
    expect(resolveConfig({ brokers: 'a', config: unchecked }).security?.tls?.checksHost).to.equal(false);
  });
});
