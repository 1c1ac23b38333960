// librdkafka's own test of logins by the tokens of an OAuth provider (0126): client credentials, signed assertions, a machine's own
// identity, tokens that are past their time or none at all, each with a consumer and a share consumer. Needs a build with curl.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { librdkafkaOidcTests, oneReplica, TESTS_VERSION } from '../toolchain/librdkafka.ts';
import { startLogins } from '../targets/logins.ts';
import { testsAgainst } from './librdkafka-test.ts';
import { assertionKey, CLIENT, OidcProvider } from './oidc-provider.ts';

/** Two dozen parts, most of which wait for ten seconds. */
const LIMIT_MS = 1_000_000;
const PASSWORD = 'throw-away';
const WITHOUT_AUTHORIZER = /^(authorizer\.class\.name|super\.users)=/;

const LOGIN = [
  'security.protocol=sasl_plaintext',
  'sasl.mechanism=OAUTHBEARER',
  'sasl.oauthbearer.method=oidc',
  `sasl.oauthbearer.client.id=${CLIENT.id}`,
  `sasl.oauthbearer.client.secret=${CLIENT.secret}`,
  'sasl.oauthbearer.scope=test',
];

export const librdkafkaOidc: Suite = {
  name: 'librdkafka-oidc',
  isBlackBox: true,
  async available() {
    const built = await librdkafkaOidcTests();
    return typeof built === 'string' ? { missing: built } : { version: `${TESTS_VERSION}, list oidc` };
  },
  run,
};

async function run(context: SuiteContext): Promise<void> {
  const { jars, scratch, cases } = context;
  const built = await librdkafkaOidcTests();
  if (typeof built === 'string') throw new Error(built);
  const provider = await OidcProvider.open();
  const target = await startLogins(context, { name: 'logins', without: WITHOUT_AUTHORIZER });
  const keys = { plain: join(scratch, 'assertion.key'), encrypted: join(scratch, 'assertion.encrypted.key') };
  writeFileSync(keys.plain, assertionKey());
  writeFileSync(keys.encrypted, assertionKey(PASSWORD));
  try {
    const broker = { bootstrap: `127.0.0.1:${target.ports.get('OAUTH')}` };
    // Part of the test makes a client without a token endpoint of its own.
    const settings = [...LOGIN, `sasl.oauthbearer.token.endpoint.url=${provider.url('token')}`];
    const runTest = await testsAgainst(broker, built, jars, join(scratch, 'client'), settings);
    const env = {
      LD_PRELOAD: await oneReplica(scratch),
      VALID_OIDC_URL: provider.url('token'),
      EXPIRED_TOKEN_OIDC_URL: provider.url('expired'),
      INVALID_OIDC_URL: provider.url('invalid'),
      OAUTHBEARER_CLIENT_PRIVATE_KEY: keys.plain,
      OAUTHBEARER_CLIENT_PRIVATE_KEY_ENCRYPTED: keys.encrypted,
      OAUTHBEARER_CLIENT_PRIVATE_KEY_PASSWORD: PASSWORD,
    };
    await cases.run('0126', () => runTest({ digits: '0126', env, timeoutMs: LIMIT_MS }), LIMIT_MS + 10_000);
  } finally {
    await target.stop();
    await provider.close();
  }
}
