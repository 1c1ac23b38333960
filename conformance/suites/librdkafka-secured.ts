// librdkafka's own tests of TLS and logins: certificates in every form (0097), credentials that are set late (0135), logins that lapse
// (0142); its test of administration (0081) whole, parts of which want somebody who has logged in. 0126 has a suite of its own.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { type Librdkafka, librdkafkaTests, oneReplica, TESTS_VERSION } from '../toolchain/librdkafka.ts';
import { startLogins } from '../targets/logins.ts';
import { KEYS } from '../transcripts/login-target.ts';
import { TEST_LIMIT_MS, testsAgainst } from './librdkafka-test.ts';

const PASSWORD = 'throw-away';
/** Logins hold this long, and 0142 waits for each of fifteen to lapse. */
const REAUTHENTICATED = 'connections.max.reauth.ms=5000';
/** In TLS 1.3 a client has ended its handshake when it is refused, and 0097 takes that for another fault than it looks for. */
const OLD_TLS = 'listener.name.mtls_ssl.ssl.enabled.protocols=TLSv1.2';
/**
 * 0097 looks for the client's own SSL error where the client refuses the broker. Where the broker's first flight has come before the client
 * looks for it the first time, as happens on a busy machine, librdkafka tells the same as a fault of transport: of Apache Kafka too,
 * where with a load of 30 on two cores all three tries were red.
 */
const CERTIFICATE_ATTEMPTS = 3;
const key = (name: string): string => join(KEYS, name);

const TLS = ['security.protocol=ssl', `ssl.ca.location=${key('ca.pem')}`];
const SHOWN = [
  ...TLS,
  `ssl.certificate.location=${key('client-a.pem')}`,
  `ssl.key.location=${key('client-a.encrypted.key')}`,
  `ssl.key.password=${PASSWORD}`,
];
const loginAs = (user: string): readonly string[] => [
  'security.protocol=sasl_ssl',
  `ssl.ca.location=${key('ca.pem')}`,
  'sasl.mechanism=PLAIN',
  `sasl.username=${user}`,
  `sasl.password=${user}-secret`,
];
/**
 * 0081 gives the one who runs it ACLs, and wants to see them count: it may not be an administrator. It deletes groups of static members
 * six seconds after they have gone, and takes their sessions for shorter: test_create_consumer sets six seconds over the five that the
 * test has set. Whether the last session is over a millisecond before or after the deletion is chance, on any broker.
 */
const ADMIN_TEST = { digits: '0081', user: 'alice', limitMs: 600_000, attempts: 3 };
const OPEN_WITHOUT_ACLS = 'allow.everyone.if.no.acl.found=true';

export const librdkafkaSecured: Suite = {
  name: 'librdkafka-secured',
  isBlackBox: true,
  async available() {
    const built = await librdkafkaTests();
    return typeof built === 'string' ? { missing: built } : { version: `${TESTS_VERSION}, list secured` };
  },
  run,
};

async function run(context: SuiteContext): Promise<void> {
  const { jars, scratch, cases } = context;
  const built = await librdkafkaTests();
  if (typeof built === 'string') throw new Error(built);
  const target = await startLogins(context, { name: 'logins', more: [REAUTHENTICATED, OLD_TLS] });
  const on = (listener: string, settings: readonly string[]) =>
    testsAgainst(
      { bootstrap: `localhost:${target.ports.get(listener)}` },
      built,
      jars,
      join(scratch, listener),
      settings,
    );
  try {
    const [byCertificate, byLogin] = [await on('MTLS_SSL', SHOWN), await on('SASL_SSL', loginAs('admin'))];
    const env = certificatesIn(join(scratch, 'certificates'));
    const limitMs = TEST_LIMIT_MS + 10_000;
    const certificates = { digits: '0097', env, attempts: CERTIFICATE_ATTEMPTS };
    await cases.run('0097', () => byCertificate(certificates), CERTIFICATE_ATTEMPTS * limitMs);
    const alone = { env: { LD_PRELOAD: await oneReplica(scratch) } };
    await cases.run('0135', () => byLogin({ digits: '0135', ...alone }), limitMs);
    await cases.run('0142', () => byLogin({ digits: '0142', ...alone }), limitMs);
  } finally {
    await target.stop();
  }
  await administration(context, built);
}

/** Of the librdkafka that is `built`. */
async function administration(context: SuiteContext, built: Librdkafka): Promise<void> {
  const { jars, scratch, cases } = context;
  const { digits, user, limitMs, attempts } = ADMIN_TEST;
  const target = await startLogins(context, { name: 'administered', more: [OPEN_WITHOUT_ACLS] });
  try {
    const broker = { bootstrap: `localhost:${target.ports.get('SASL_SSL')}` };
    const runTest = await testsAgainst(broker, built, jars, join(scratch, 'admin'), loginAs(user));
    await cases.run(digits, () => runTest({ digits, timeoutMs: limitMs, attempts }), attempts * (limitMs + 10_000));
  } finally {
    await target.stop();
  }
}

/** The same certificate and key in all forms, named as trivup names them. */
function certificatesIn(directory: string): Record<string, string> {
  mkdirSync(directory, { recursive: true });
  const read = (name: string): string => readFileSync(key(name), 'utf8');
  const write = (name: string, bytes: Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, bytes);
    return path;
  };
  const secret = createPrivateKey({ key: read('client-a.encrypted.key'), passphrase: PASSWORD });
  return {
    SSL_pkcs: key('client-a.p12'),
    SSL_pub_pem: key('client-a.pem'),
    SSL_pub_der: write('pub.der', new X509Certificate(read('client-a.pem')).raw),
    SSL_priv_pem: key('client-a.encrypted.key'),
    SSL_priv_der: write('priv.der', secret.export({ type: 'pkcs8', format: 'der' })),
    SSL_ca_der: write('ca.der', new X509Certificate(read('ca.pem')).raw),
    SSL_all_cas_pem: key('ca.pem'),
    SSL_password: PASSWORD,
  };
}
