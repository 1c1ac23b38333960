// Configs of who may connect, and how it is proved.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { brokerTokens } from '../../../../src/broker/security/authentication/broker-tokens.ts';
import { peerSecurityOf } from '../../../../src/broker/security/peer-security.ts';
import { SaslHandshake } from '../../../../src/protocol/messages/17-sasl-handshake.ts';
import { ApiVersions } from '../../../../src/protocol/messages/18-api-versions.ts';
import { CreateDelegationToken } from '../../../../src/protocol/messages/38-create-delegation-token.ts';
import { IncrementalAlterConfigs } from '../../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { DescribeDelegationToken } from '../../../../src/protocol/messages/41-describe-delegation-token.ts';
import { silentLogger } from '../../../../src/runtime/index.ts';
import { nextTurn, nodeRuntime } from '../../../../src/runtime/node/index.ts';
import { RawClient } from '../../raw-client.ts';
import {
  isTokenTaken,
  keyPath,
  keyText,
  logInWith,
  plain,
  SERVER_STORES,
  signedToken,
  tlsClient,
  unsignedToken,
} from '../../security/keys.ts';
import type { Probe, Probes } from './probe.ts';
import type { Config, ProbedBroker } from './probed-broker.ts';

const SECURE: Config = {
  listeners: 'PLAINTEXT://127.0.0.1:0,SECURE://127.0.0.1:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SSL',
  ...SERVER_STORES,
};
const PLAIN_USERS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="a";';
const LOGIN: Config = {
  listeners: 'PLAINTEXT://127.0.0.1:0,LOGIN://127.0.0.1:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'sasl.jaas.config': PLAIN_USERS,
};
const VALIDATOR = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler';
const OAUTH: Config = {
  ...LOGIN,
  'sasl.enabled.mechanisms': 'OAUTHBEARER',
  'sasl.jaas.config': 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
  'sasl.server.callback.handler.class': VALIDATOR,
  'sasl.oauthbearer.jwks.endpoint.url': `file://${keyPath('jwks.json')}`,
  'sasl.oauthbearer.expected.audience': 'ottla',
};

/** The listener beside the open one. */
const portOf = ({ node }: ProbedBroker): number => node.socketServer.listeners[1]?.port ?? 0;

/** What a client agrees on with the broker; undefined when it is not let in. */
async function agreed<T>(broker: ProbedBroker, certificate: string | undefined, look: (socket: TLSSocket) => T) {
  const client = await RawClient.connectTls(portOf(broker), tlsClient(certificate));
  const seen = look(client.socket as TLSSocket);
  const isIn = await client.ask(ApiVersions, 0, {}).then(
    () => true,
    () => false,
  );
  client.destroy();
  return isIn ? seen : undefined;
}

const isServed = (broker: ProbedBroker) => agreed(broker, undefined, () => true);
const isKnown = (broker: ProbedBroker) => agreed(broker, 'client-a', () => true);

/** A config of the key store: without it, or with another, the broker does not start. */
const keyStoreProbe = (wrong: string | undefined, right: string, beside: Config = SECURE): Probe => ({
  values: [wrong, right],
  sees: ['refused', true],
  look: isServed,
  beside,
});

/** Whether the store of somebody else may be set. */
const renewalProbe = (beside: Config): Probe => ({
  values: ['false', 'true'],
  sees: [42, 0],
  look: async (broker) => {
    const client = await RawClient.connect(broker.node.port);
    const name = 'listener.name.secure.ssl.keystore.location';
    const configs = [{ name, configOperation: 0, value: keyPath('client-a.p12') }];
    const resources = [{ resourceType: 4, resourceName: '1', configs }];
    const { responses } = await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: true });
    client.destroy();
    return responses[0]?.errorCode;
  },
  beside: { ...SECURE, ...beside },
});

const ENDPOINT = 'https://provider.test/token';
const AT_PROVIDER: Config = {
  'sasl.oauthbearer.token.endpoint.url': ENDPOINT,
  'ottla.sasl.oauthbearer.allowed.urls': ENDPOINT,
  'sasl.oauthbearer.client.credentials.client.id': 'broker',
  'sasl.oauthbearer.client.credentials.client.secret': 'secret',
};

/** What a provider hears, and what a broker has of it, at two logins at 70 % of the time of a token. */
const tokenFor =
  (what: 'token' | 'credentials' | 'body' | 'calls') =>
  async ({ node: { settings } }: ProbedBroker): Promise<unknown> => {
    const seen = { token: '', credentials: '', body: '', calls: 0 };
    let nowMs = 0;
    const claims = Buffer.from('{"exp":1000}').toString('base64url');
    const runtime = {
      ...nodeRuntime({ logger: silentLogger }),
      readUrl: (_: string, post?: { headers: Readonly<Record<string, string>>; body: string }) => {
        seen.calls += 1;
        seen.body = post?.body ?? '';
        const [, credentials = ''] = post?.headers['authorization']?.split(' ') ?? [];
        seen.credentials = Buffer.from(credentials, 'base64').toString();
        return Promise.resolve(JSON.stringify({ access_token: `h.${claims}.s` }));
      },
    };
    const clock = { ...runtime.clock, nowMs: () => nowMs };
    try {
      const token = brokerTokens({
        options: new Map(),
        entries: settings.entries,
        runtime: { ...runtime, clock },
      });
      await token();
      nowMs = 700_000;
      seen.token = (await token()) === `h.${claims}.s` ? 'new token' : '';
    } catch {
      return 'refused';
    }
    return seen[what];
  };

const PEM_IN_CONFIGS: Config = {
  ...SECURE,
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': undefined,
  'ssl.keystore.password': undefined,
  'ssl.keystore.key': keyText('server.key'),
  'ssl.keystore.certificate.chain': keyText('server.pem'),
};
const withoutTrust: Config = { ...SECURE, 'ssl.truststore.location': undefined, 'ssl.client.auth': 'required' };

async function principalOf(broker: ProbedBroker): Promise<string> {
  const client = await RawClient.connectTls(portOf(broker), tlsClient('client-a'));
  const { principalName } = await client.ask(CreateDelegationToken, 3, {
    ownerPrincipalType: null,
    ownerPrincipalName: null,
    renewers: [],
    maxLifetimeMs: -1,
  });
  client.destroy();
  return principalName;
}

const tokenProbe = (
  key: string,
  [one, other]: [string | undefined, string],
  token: () => string,
  sees: Probe['sees'],
) => ({
  [key]: {
    values: [one, other] as const,
    sees,
    look: (broker: ProbedBroker) => isTokenTaken(portOf(broker), token()),
    beside: OAUTH,
  },
});

async function loggedIn(broker: ProbedBroker): Promise<RawClient> {
  const client = await RawClient.connect(portOf(broker));
  await logInWith(client, 'PLAIN', plain('alice', 'a'));
  return client;
}

async function created(broker: ProbedBroker) {
  const client = await loggedIn(broker);
  const request = { ownerPrincipalType: null, ownerPrincipalName: null, renewers: [], maxLifetimeMs: -1 };
  const token = await client.ask(CreateDelegationToken, 3, request);
  client.destroy();
  return token;
}

const tokens = (look: Probe['look'], values: [string | undefined, string], sees: Probe['sees']): Probe => ({
  values,
  sees,
  look,
  beside: { ...LOGIN, 'delegation.token.secret.key': 's' },
});

/** Tokens that are left two seconds after the only one has expired. */
async function tokensLeft(broker: ProbedBroker): Promise<number> {
  await created(broker);
  await broker.wait(3000);
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  await broker.settle();
  const client = await loggedIn(broker);
  const { tokens: left } = await client.ask(DescribeDelegationToken, 3, { owners: null });
  client.destroy();
  return left.length;
}

/** Keys of a provider that change while the broker runs. */
const keysFile = join(mkdtempSync(join(tmpdir(), 'ottla-jwks-')), 'jwks.json');
const allKeys = JSON.parse(keyText('jwks.json')) as { keys: { kid: string }[] };
const writeKeys = (keys: readonly object[]): void => writeFileSync(keysFile, JSON.stringify({ keys }));
writeKeys(allKeys.keys.slice(1));

async function knowsNewKey(broker: ProbedBroker): Promise<boolean> {
  writeKeys(allKeys.keys);
  await broker.wait(2000);
  const isTaken = await isTokenTaken(portOf(broker), signedToken());
  writeKeys(allKeys.keys.slice(1));
  return isTaken;
}

async function isAnsweredSoon(broker: ProbedBroker): Promise<boolean> {
  const client = await RawClient.connect(portOf(broker));
  const answer = logInWith(client, 'PLAIN', plain('alice', 'wrong'));
  const isThere = await Promise.race([
    answer.then(() => true),
    broker
      .settle()
      .then(() => broker.settle())
      .then(() => false),
  ]);
  if (!isThere) await broker.wait(60_000);
  await answer;
  client.destroy();
  return isThere;
}

async function takesFrame(broker: ProbedBroker): Promise<boolean> {
  const client = await RawClient.connect(portOf(broker));
  const { errorCode } = await logInWith(client, 'PLAIN', plain('a'.repeat(200), 'a')).catch(() => ({
    errorCode: undefined,
  }));
  client.destroy();
  return errorCode !== undefined;
}

async function offered(broker: ProbedBroker): Promise<readonly string[]> {
  const client = await RawClient.connect(portOf(broker));
  const { mechanisms } = await client.ask(SaslHandshake, 1, { mechanism: 'NOPE' });
  client.destroy();
  return mechanisms;
}

const controllerLogin: Config = {
  listeners: 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'sasl.jaas.config': PLAIN_USERS,
};

export const securityProbes: Probes = {
  'ssl.client.auth': { values: ['none', 'required'], sees: [true, undefined], look: isServed, beside: SECURE },
  'ssl.cipher.suites': {
    values: ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
    sees: ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
    look: (broker) => agreed(broker, undefined, (socket) => socket.getCipher().standardName),
    beside: SECURE,
  },
  'ssl.enabled.protocols': {
    values: ['TLSv1.2', 'TLSv1.3'],
    sees: ['TLSv1.2', 'TLSv1.3'],
    look: (broker) => agreed(broker, undefined, (socket) => socket.getProtocol()),
    beside: SECURE,
  },
  'ssl.endpoint.identification.algorithm': {
    values: ['', 'https'],
    sees: [false, true],
    look: ({ node: { settings } }) => {
      const runtime = nodeRuntime({ logger: silentLogger });
      const parts = { runtime, entries: () => settings.entries, logger: silentLogger };
      return peerSecurityOf(settings.interBroker, { key: '', value: '' }, parts).tls?.checksHost;
    },
    beside: { ...SECURE, 'inter.broker.listener.name': 'SECURE' },
  },
  'ssl.keystore.type': keyStoreProbe('PEM', 'PKCS12'),
  'ssl.keystore.location': keyStoreProbe(undefined, keyPath('server.p12')),
  'ssl.keystore.password': keyStoreProbe('wrong', 'throw-away'),
  'ssl.keystore.key': keyStoreProbe(undefined, keyText('server.key'), PEM_IN_CONFIGS),
  'ssl.keystore.certificate.chain': keyStoreProbe(undefined, keyText('server.pem'), PEM_IN_CONFIGS),
  'ssl.key.password': keyStoreProbe(undefined, 'throw-away', {
    ...PEM_IN_CONFIGS,
    'ssl.keystore.key': keyText('client-a.encrypted.key'),
    'ssl.keystore.certificate.chain': keyText('client-a.pem'),
  }),
  'ssl.allow.dn.changes': renewalProbe({ 'ssl.allow.san.changes': 'true' }),
  'ssl.allow.san.changes': renewalProbe({ 'ssl.allow.dn.changes': 'true' }),
  'ssl.truststore.type': {
    values: ['PKCS12', 'PEM'],
    sees: ['refused', true],
    look: isServed,
    beside: SECURE,
  },
  'ssl.truststore.location': {
    values: [undefined, keyPath('ca.pem')],
    sees: [undefined, true],
    look: isKnown,
    beside: withoutTrust,
  },
  'ssl.truststore.password': {
    values: ['wrong', 'throw-away'],
    sees: ['refused', true],
    look: isServed,
    beside: { ...SECURE, 'ssl.truststore.type': 'PKCS12', 'ssl.truststore.location': keyPath('client-a.p12') },
  },
  'ssl.truststore.certificates': {
    values: [undefined, keyText('ca.pem')],
    sees: [undefined, true],
    look: isKnown,
    beside: withoutTrust,
  },
  'ssl.principal.mapping.rules': {
    values: ['DEFAULT', 'RULE:^CN=([^,]+),.*$/$1/L'],
    sees: ['CN=Alice,OU=users,O=Ottla throw-away,C=DE', 'alice'],
    look: principalOf,
    beside: { ...SECURE, 'ssl.client.auth': 'required' },
  },
  'security.inter.broker.protocol': {
    values: ['PLAINTEXT', 'SSL'],
    sees: ['PLAINTEXT', 'SSL'],
    look: ({ node }) => node.settings.interBroker.name,
    beside: {
      ...SECURE,
      listeners: 'PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SSL:SSL',
    },
  },
  'sasl.enabled.mechanisms': {
    values: ['PLAIN', 'SCRAM-SHA-256'],
    sees: [['PLAIN'], ['SCRAM-SHA-256']],
    look: offered,
    beside: LOGIN,
  },
  'sasl.jaas.config': { values: [undefined, PLAIN_USERS], sees: ['refused', ['PLAIN']], look: offered, beside: LOGIN },
  'sasl.mechanism.inter.broker.protocol': {
    values: ['PLAIN', 'GSSAPI'],
    sees: [['PLAIN'], 'refused'],
    look: offered,
    beside: {
      ...LOGIN,
      listeners: 'PLAINTEXT://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
      'security.inter.broker.protocol': 'SASL_PLAINTEXT',
      'sasl.jaas.config': `${PLAIN_USERS.slice(0, -1)} username="alice" password="a";`,
    },
  },
  'sasl.mechanism.controller.protocol': {
    values: [undefined, 'OAUTHBEARER'],
    sees: [true, 'refused'],
    look: () => true,
    beside: controllerLogin,
  },
  'sasl.oauthbearer.token.endpoint.url': {
    values: ['file:///no/such/token', ENDPOINT],
    sees: ['refused', 'new token'],
    look: tokenFor('token'),
    beside: AT_PROVIDER,
  },
  'sasl.oauthbearer.client.credentials.client.id': {
    values: ['a', 'b'],
    sees: ['a:secret', 'b:secret'],
    look: tokenFor('credentials'),
    beside: AT_PROVIDER,
  },
  'sasl.oauthbearer.client.credentials.client.secret': {
    values: ['a', 'b'],
    sees: ['broker:a', 'broker:b'],
    look: tokenFor('credentials'),
    beside: AT_PROVIDER,
  },
  'sasl.oauthbearer.scope': {
    values: [undefined, 'a b'],
    sees: ['grant_type=client_credentials', 'grant_type=client_credentials&scope=a%20b'],
    look: tokenFor('body'),
    beside: AT_PROVIDER,
  },
  'sasl.login.refresh.window.factor': {
    values: ['0.5', '0.8'],
    sees: [2, 1],
    look: tokenFor('calls'),
    beside: AT_PROVIDER,
  },
  'sasl.server.callback.handler.class': {
    values: [undefined, VALIDATOR],
    sees: [true, false],
    look: (broker) => isTokenTaken(portOf(broker), unsignedToken()),
    beside: OAUTH,
  },
  'sasl.server.max.receive.size': { values: ['524288', '100'], sees: [true, false], look: takesFrame, beside: LOGIN },
  'sasl.oauthbearer.jwks.endpoint.url': {
    values: [undefined, `file://${keyPath('jwks.json')}`],
    sees: ['refused', true],
    look: (broker) => isTokenTaken(portOf(broker), signedToken()),
    beside: OAUTH,
  },
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': {
    values: ['1000', '3600000'],
    sees: [true, false],
    look: knowsNewKey,
    beside: { ...OAUTH, 'sasl.oauthbearer.jwks.endpoint.url': `file://${keysFile}` },
  },
  ...tokenProbe(
    'sasl.oauthbearer.clock.skew.seconds',
    ['0', '100'],
    () => signedToken({ exp: Math.floor(Date.now() / 1000) - 50 }),
    [false, true],
  ),
  ...tokenProbe('sasl.oauthbearer.expected.audience', ['ottla', 'other'], signedToken, [true, false]),
  ...tokenProbe('sasl.oauthbearer.expected.issuer', [undefined, 'https://other.test'], signedToken, [true, false]),
  ...tokenProbe('sasl.oauthbearer.scope.claim.name', ['scope', 'scp'], () => signedToken({ scp: 7 }), [true, false]),
  ...tokenProbe('sasl.oauthbearer.sub.claim.name', ['sub', 'user'], signedToken, [true, false]),
  'connections.max.reauth.ms': {
    values: ['0', '5000'],
    sees: [0, 5000],
    look: async (broker) => {
      const client = await RawClient.connect(portOf(broker));
      const { sessionLifetimeMs } = await logInWith(client, 'PLAIN', plain('alice', 'a'));
      client.destroy();
      return sessionLifetimeMs;
    },
    beside: LOGIN,
  },
  'connection.failed.authentication.delay.ms': {
    values: ['0', '60000'],
    sees: [true, false],
    look: isAnsweredSoon,
    beside: { ...LOGIN, 'ottla.authentication.timeout.ms': '3600000' },
  },
  'delegation.token.secret.key': {
    values: [undefined, 's'],
    sees: [61, 0],
    look: async (broker) => (await created(broker)).errorCode,
    beside: LOGIN,
  },
  'delegation.token.expiry.time.ms': tokens(
    async (broker) => {
      const { expiryTimestampMs, issueTimestampMs } = await created(broker);
      return Number(expiryTimestampMs) - Number(issueTimestampMs);
    },
    ['1000', '5000'],
    [1000, 5000],
  ),
  'delegation.token.max.lifetime.ms': tokens(
    async (broker) => {
      const { maxTimestampMs, issueTimestampMs } = await created(broker);
      return Number(maxTimestampMs) - Number(issueTimestampMs);
    },
    ['1000', '5000'],
    [1000, 5000],
  ),
  'delegation.token.expiry.check.interval.ms': {
    values: ['1500', '3600000'],
    sees: [0, 1],
    look: tokensLeft,
    beside: { ...LOGIN, 'delegation.token.secret.key': 's', 'delegation.token.expiry.time.ms': '1000' },
  },
};
