// Brokers and controllers that make sure of each other: by SCRAM, by certificates and by tokens of an OAuth provider, over TLS. A record
// that is on two brokers has gone through all of it: replication, registration, and the metadata quorum.
import { expect } from 'chai';
import { Kafka, logLevel } from 'kafkajs';
import { type Cluster, type ClusterOptions, startCluster } from '../../../src/index.ts';
import { OAuthProvider } from '../security/oauth-provider.ts';

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const OAUTH = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required';
const VALIDATOR = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler';
const CLIENTS = { node: 'node-secret' };
const ACLS: NonNullable<ClusterOptions['acls']> = [{ principal: 'nobody', operations: ['READ'], topic: 'orders' }];

/** How the listeners of a cluster for its own nodes are secured; that for clients is theirs by TLS and SCRAM. */
function protocols(nodes: string, controllers: string): Record<string, string> {
  return {
    'listener.security.protocol.map': `SASL_SSL:SASL_SSL,SSL:SSL,NODES:${nodes},CONTROLLER:${controllers}`,
  };
}

async function replicates(options: ClusterOptions, isRestarted = false): Promise<void> {
  const common = { nodes: 2, topics: { orders: 1 }, tls: true, users: CLIENTS, acls: ACLS };
  const cluster = await startCluster({ ...common, ...options });
  try {
    await cluster.awaitIsr('orders', 0, [1, 2]);
    expect(await send(cluster)).to.equal(0);
    if (!isRestarted) return;
    await cluster.kill(2);
    await cluster.awaitIsr('orders', 0, [1]);
    await cluster.restart(2);
    await cluster.awaitIsr('orders', 0, [1, 2]);
  } finally {
    await cluster.close();
  }
}

/** The error code. */
async function send({ bootstrapServers, ca }: Cluster): Promise<number | undefined> {
  const kafka = new Kafka({
    brokers: bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    ssl: { ca: ca as string },
    sasl: { mechanism: 'scram-sha-512', username: 'node', password: CLIENTS.node },
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const [sent] = await producer.send({ topic: 'orders', acks: -1, messages: [{ value: 'x', partition: 0 }] });
    return sent?.errorCode;
  } finally {
    await producer.disconnect();
  }
}

describe('Brokers among themselves', function () {
  this.timeout(60_000);

  it('log in by SCRAM over TLS, and controllers by PLAIN over TLS, also after a restart', () =>
    replicates(
      {
        config: {
          ...protocols('SASL_SSL', 'SASL_SSL'),
          // Whoever is killed is missed soon.
          'broker.session.timeout.ms': 3_000,
          'broker.heartbeat.interval.ms': 500,
          'super.users': 'User:node;User:root',
          'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
          'listener.name.nodes.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
          'listener.name.nodes.scram-sha-512.sasl.jaas.config': `${SCRAM} username="node" password="node-secret";`,
          'sasl.mechanism.controller.protocol': 'PLAIN',
          'listener.name.controller.plain.sasl.jaas.config': `${PLAIN} username="root" password="r" user_root="r";`,
        },
      },
      true,
    ));

  it('are known by their certificates', () =>
    replicates({
      config: {
        ...protocols('SSL', 'SSL'),
        'super.users': 'User:node;User:broker-localhost',
        'listener.name.nodes.ssl.client.auth': 'required',
        'listener.name.nodes.ssl.principal.mapping.rules': 'RULE:^CN=([a-z]+)$/broker-$1/',
        'listener.name.controller.ssl.client.auth': 'required',
        'listener.name.controller.ssl.principal.mapping.rules': 'RULE:^CN=([a-z]+)$/broker-$1/',
      },
    }));

  it('log in by tokens that an OAuth provider gives them, whose keys it lists', async () => {
    const provider = await OAuthProvider.open();
    const login = `${OAUTH} clientId="node" clientSecret="provider-secret";`;
    try {
      await replicates({
        config: {
          ...protocols('SASL_SSL', 'SASL_SSL'),
          'super.users': 'User:node',
          'sasl.mechanism.inter.broker.protocol': 'OAUTHBEARER',
          'sasl.mechanism.controller.protocol': 'OAUTHBEARER',
          'sasl.oauthbearer.token.endpoint.url': provider.tokenUrl,
          'sasl.oauthbearer.jwks.endpoint.url': provider.keysUrl,
          'sasl.oauthbearer.expected.audience': 'ottla',
          'ottla.sasl.oauthbearer.allowed.urls': `${provider.tokenUrl},${provider.keysUrl}`,
          ...Object.fromEntries(
            ['nodes', 'controller'].flatMap((name) => [
              [`listener.name.${name}.sasl.enabled.mechanisms`, 'OAUTHBEARER'],
              [`listener.name.${name}.oauthbearer.sasl.jaas.config`, login],
              [`listener.name.${name}.oauthbearer.sasl.server.callback.handler.class`, VALIDATOR],
            ]),
          ),
        },
      });
      expect(provider.asked).to.include('/keys').and.include('/token');
    } finally {
      await provider.close();
    }
  });
});
