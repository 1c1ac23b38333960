// Configs of SASL: who may log in, and how it is proved.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerTokens } from '../../../../src/broker/security/authentication/broker-tokens.ts';
import { SaslHandshake } from '../../../../src/protocol/messages/17-sasl-handshake.ts';
import { silentLogger } from '../../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../../src/runtime/node/index.ts';
import { RawClient } from '../../raw-client.ts';
import { isTokenTaken, keyPath, keyText, logInWith, plain, signedToken, unsignedToken } from '../../security/keys.ts';
import type { Probe, Probes } from './probe.ts';
import type { Config, ProbedBroker } from './probed-broker.ts';
import { LOGIN, PLAIN_USERS, portOf } from './secured-listener.ts';

const VALIDATOR = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler';
const OAUTH: Config = {
  ...LOGIN,
  'sasl.enabled.mechanisms': 'OAUTHBEARER',
  'sasl.jaas.config': 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
  'sasl.server.callback.handler.class': VALIDATOR,
  'sasl.oauthbearer.jwks.endpoint.url': `file://${keyPath('jwks.json')}`,
  'sasl.oauthbearer.expected.audience': 'ottla',
};

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

/** Three answers each. */
const ROUNDS = 40;

async function isAnsweredSoon(broker: ProbedBroker): Promise<boolean> {
  const client = await RawClient.connect(portOf(broker));
  let isThere = false;
  const answer = logInWith(client, 'PLAIN', plain('alice', 'wrong')).then(() => {
    isThere = true;
  });
  // A delay of 0 is a timer all the same, which comes a millisecond later: longer than a few answers take.
  for (let round = 0; round < ROUNDS && !isThere; round++) await broker.settle();
  const isSoon = isThere;
  if (!isSoon) await broker.wait(60_000);
  await answer;
  client.destroy();
  return isSoon;
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

export const saslProbes: Probes = {
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
};
