// Clients of other houses over TLS, client certificates, PLAIN, SCRAM and OAUTHBEARER, against a broker with the listeners of the
// recorded logins; who should not get in is refused.
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlterUserScramCredentials } from '../../src/protocol/messages/51-alter-user-scram-credentials.ts';
import { CreateTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { Channel, type ApiSchema, type Fields, type InputOf } from '../../src/protocol/index.ts';
import { SCRAM_MECHANISMS, saltedPassword } from '../../src/protocol/sasl/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/node/index.ts';
import { type Suite, type SuiteContext, that } from '../suite.ts';
import { exec } from '../toolchain/exec.ts';
import { pythonEnvironment } from '../toolchain/python.ts';
import { KEYS, type LoginTarget, startLoginTarget } from '../transcripts/login-target.ts';

const RECORDED = fileURLToPath(new URL('../../test/fixtures/security/login-transcripts.jsonl.gz', import.meta.url));
const PROGRAM = join(import.meta.dirname, '..', 'clients', 'secured.py');
const LIMIT_MS = 90_000;
const REFUSED = 3;

/** Library, its package, as pip writes it, and the name of its environment. */
const LIBRARIES = [
  { library: 'confluent', environment: 'confluent-kafka', package: 'confluent-kafka==2.16.1' },
  { library: 'kafka-python', environment: 'kafka-python', package: 'kafka-python==3.0.12' },
] as const;

/** The way in, the listener, and whether it leads in. */
const WAYS: readonly (readonly [way: string, listener: string, isIn: boolean])[] = [
  ['plain', 'SASL_SSL', true],
  ['scram-256', 'SASL_SSL', true],
  ['scram-512', 'SASL_SSL', true],
  ['oauth', 'OAUTH', true],
  ['client-a', 'MTLS_SSL', true],
  ['no-certificate', 'SSL', true],
  ['wrong-password', 'SASL_SSL', false],
  ['unknown-user', 'SASL_SSL', false],
  ['oauth-bad', 'OAUTH', false],
  ['no-certificate', 'MTLS_SSL', false],
  ['client-expired', 'MTLS_SSL', false],
  ['client-self', 'MTLS_SSL', false],
];

export const secured: Suite = {
  name: 'secured',
  isBlackBox: false,
  available: () => Promise.resolve({ version: 'python clients' }),
  run,
};

async function run({ cases }: SuiteContext): Promise<void> {
  const target = await startLoginTarget(RECORDED, false, /^(authorizer\.class\.name|super\.users)=/);
  try {
    await prepare(target);
    for (const { library, environment, package: wheel } of LIBRARIES) {
      const found = await pythonEnvironment(environment, [wheel]);
      if (typeof found === 'string') throw new Error(found);
      for (const [way, listener, isIn] of WAYS) {
        await cases.run(`${library}: ${way} on ${listener} is ${isIn ? 'let in' : 'refused'}`, async () => {
          const token = way === 'oauth' ? signedToken() : `${signedToken()}x`;
          const args = [PROGRAM, library, String(target.ports.get(listener)), way, KEYS, token];
          const { status, stderr } = await exec(found.python, args, { timeoutMs: LIMIT_MS });
          that(status === (isIn ? 0 : REFUSED), `exit code ${status}: ${stderr.slice(-1000)}`);
        });
      }
    }
  } finally {
    await target.stop();
  }
}

/** A topic, and alice's SCRAM credentials. */
async function prepare({ ports }: LoginTarget): Promise<void> {
  const { network, clock, random } = nodeRuntime({ logger: silentLogger });
  const channel = new Channel({
    network,
    clock,
    random,
    logger: silentLogger,
    host: '127.0.0.1',
    port: ports.get('PLAINTEXT') ?? 0,
    clientId: 'suite',
    software: { name: 'suite', version: '1' },
  });
  const ask = <Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, request: InputOf<Q>) =>
    channel.ask(api, request);
  const topic = { name: 'secured', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
  await ask(CreateTopics, { topics: [topic], timeoutMs: 10_000, validateOnly: false });
  for (const [index, mechanism] of SCRAM_MECHANISMS.entries()) {
    const salt = Buffer.from('salt-of-the-suite');
    const salted = await saltedPassword(mechanism, 'alice-secret', salt, 4096);
    const upsertion = { name: 'alice', mechanism: index + 1, iterations: 4096, salt, saltedPassword: salted };
    await ask(AlterUserScramCredentials, { deletions: [], upsertions: [upsertion] });
  }
  await channel.close();
}

function signedToken(): string {
  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { sub: 'alice', iss: 'https://issuer.test', aud: 'ottla', iat: seconds, exp: seconds + 3600 };
  const signed = `${base64({ alg: 'RS256', kid: 'throw-away-rsa-0' })}.${base64(claims)}`;
  const key = createPrivateKey(readFileSync(join(KEYS, 'jwt-rsa.pem')));
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
