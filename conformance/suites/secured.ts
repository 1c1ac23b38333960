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
import { type Cases, type Suite, type SuiteContext, that } from '../suite.ts';
import { exec } from '../toolchain/exec.ts';
import { goProgram } from '../toolchain/go.ts';
import { confluent, type NpmClient, platformatic } from '../toolchain/npm-clients.ts';
import { pythonEnvironment } from '../toolchain/python.ts';
import { KEYS, type LoginTarget, startLoginTarget } from '../transcripts/login-target.ts';

const RECORDED = fileURLToPath(new URL('../../test/fixtures/security/login-transcripts.jsonl.gz', import.meta.url));
const CLIENTS = join(import.meta.dirname, '..', 'clients');
const LIMIT_MS = 90_000;
const REFUSED = 3;

/** How a client is run: what stands before its own arguments, or why it cannot be had here. */
interface Runner {
  readonly command: string;
  readonly args: readonly string[];
  /** Where its libraries are found. */
  readonly cwd?: string;
}

interface Client {
  readonly library: string;
  readonly find: () => Promise<Runner | string>;
  /** It has no OAUTHBEARER. */
  readonly isWithoutTokens?: boolean;
}

const python = (library: string, environment: string, wheel: string): Client => ({
  library,
  async find() {
    const found = await pythonEnvironment(environment, [wheel]);
    if (typeof found === 'string') return found;
    return { command: found.python, args: [join(CLIENTS, 'secured.py'), library] };
  },
});

const go = (library: string, isWithoutTokens: boolean): Client => ({
  library,
  isWithoutTokens,
  async find() {
    const found = await goProgram('secured-go', join(CLIENTS, 'secured-go'));
    return typeof found === 'string' ? found : { command: found.program, args: [library] };
  },
});

const node = (library: string, home: () => Promise<Pick<NpmClient, 'home' | 'node'> | string>): Client => ({
  library,
  async find() {
    const found = await home();
    if (typeof found === 'string') return found;
    const program = ['--import', import.meta.resolve('tsx'), join(CLIENTS, 'secured.mts'), library];
    return { command: found.node, args: program, cwd: found.home };
  },
});

const ROOT = join(import.meta.dirname, '..', '..');
const ALL: readonly Client[] = [
  python('confluent', 'confluent-kafka', 'confluent-kafka==2.16.1'),
  python('kafka-python', 'kafka-python', 'kafka-python==3.0.12'),
  go('franz-go', false),
  go('kafka-go', true),
  node('kafkajs', () => Promise.resolve({ home: ROOT, node: process.execPath })),
  node('@platformatic/kafka', platformatic),
  node('@confluentinc/kafka-javascript', confluent),
];

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
  available: () => Promise.resolve({ version: 'clients in Python, Go and JavaScript' }),
  run,
};

async function run({ cases }: SuiteContext): Promise<void> {
  const target = await startLoginTarget(RECORDED, false, /^(authorizer\.class\.name|super\.users)=/);
  try {
    await prepare(target);
    for (const client of ALL) {
      const found = await client.find();
      if (typeof found === 'string') cases.add(client.library, 'skipped', found);
      else await tryWays(client, found, target, cases);
    }
  } finally {
    await target.stop();
  }
}

async function tryWays(
  { library, isWithoutTokens }: Client,
  { command, args, cwd }: Runner,
  target: LoginTarget,
  cases: Cases,
): Promise<void> {
  for (const [way, listener, isIn] of WAYS) {
    if (isWithoutTokens === true && way.startsWith('oauth')) continue;
    await cases.run(`${library}: ${way} on ${listener} is ${isIn ? 'let in' : 'refused'}`, async () => {
      const token = way === 'oauth' ? signedToken() : `${signedToken()}x`;
      const whole = [...args, String(target.ports.get(listener)), way, KEYS, token];
      const { status, stderr } = await exec(command, whole, { timeoutMs: LIMIT_MS, ...(cwd !== undefined && { cwd }) });
      that(status === (isIn ? 0 : REFUSED), `exit code ${status}: ${stderr.slice(-1000)}`);
    });
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
