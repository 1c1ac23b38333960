// Kafka's own tools over SASL_SSL: an administrator makes users, ACLs, quotas and delegation tokens, and the users are let do what they
// may, and no more. A JVM for each step.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { same, type Suite, type SuiteContext, that } from '../suite.ts';
import { describeEnd, type Finished } from '../toolchain/exec.ts';
import { KAFKA_VERSION, type KafkaJars, runTool } from '../toolchain/kafka-jars.ts';
import { KEYS, startLoginTarget } from '../transcripts/login-target.ts';
import { CONFIG_COMMAND, TOOLS } from './java-tools/session.ts';

const RECORDED = fileURLToPath(new URL('../../test/fixtures/security/login-transcripts.jsonl.gz', import.meta.url));
const STEP_LIMIT_MS = 400_000;
const TOOL_LIMIT_MS = 120_000;
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
const ACLS = `${TOOLS}.AclCommand`;
const TOKENS = `${TOOLS}.DelegationTokenCommand`;

export const securedTools: Suite = {
  name: 'secured-tools',
  isBlackBox: false,
  available: (jars) => Promise.resolve(typeof jars === 'string' ? { missing: jars } : { version: KAFKA_VERSION }),
  run,
};

async function run({ jars, scratch, cases }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const target = await startLoginTarget(RECORDED, false);
  const tools = new SecuredTools(jars, target.ports.get('SASL_SSL') ?? 0, scratch);
  try {
    for (const [name, step] of Object.entries(STEPS)) await cases.run(name, () => step(tools), STEP_LIMIT_MS);
  } finally {
    await target.stop();
  }
}

/** A delegation token, as the tool prints it. */
interface Token {
  readonly id: string;
  readonly hmac: string;
}

class SecuredTools {
  readonly #jars: KafkaJars;
  readonly #port: number;
  readonly #scratch: string;
  token: Token = { id: '', hmac: '' };

  constructor(jars: KafkaJars, port: number, scratch: string) {
    this.#jars = jars;
    this.#port = port;
    this.#scratch = scratch;
    this.#login('admin', 'PLAIN', `${PLAIN} username="admin" password="admin-secret";`);
    this.#login('bob', 'PLAIN', `${PLAIN} username="bob" password="bob-secret";`);
    this.#login('carol', 'SCRAM-SHA-512', `${SCRAM} username="carol" password="carol-secret";`);
    this.#login('carol-256', 'SCRAM-SHA-256', `${SCRAM} username="carol" password="carol-secret";`);
    this.#login('stranger', 'SCRAM-SHA-256', `${SCRAM} username="carol" password="guess";`);
  }

  hasToken(token: Token): void {
    this.token = token;
    const { id, hmac } = token;
    this.#login('token', 'SCRAM-SHA-256', `${SCRAM} username="${id}" password="${hmac}" tokenauth=true;`);
  }

  #login(name: string, mechanism: string, jaas: string): void {
    const rows = [
      'security.protocol=SASL_SSL',
      `sasl.mechanism=${mechanism}`,
      `sasl.jaas.config=${jaas}`,
      'ssl.truststore.type=PEM',
      `ssl.truststore.location=${join(KEYS, 'ca.pem')}`,
      'default.api.timeout.ms=60000',
      'request.timeout.ms=30000',
    ];
    writeFileSync(this.#file(name), rows.join('\n'));
  }

  #file(name: string): string {
    return join(this.#scratch, `${name}.properties`);
  }

  run(as: string, main: string, args: readonly string[], input?: string): Promise<Finished> {
    const address = ['--bootstrap-server', `localhost:${this.#port}`, '--command-config', this.#file(as)];
    const options = { timeoutMs: TOOL_LIMIT_MS, ...(input !== undefined && { input }) };
    return runTool(this.#jars, main, [...address, ...args], options);
  }

  async ok(as: string, main: string, args: readonly string[], input?: string): Promise<string> {
    const finished = await this.run(as, main, args, input);
    // A stack trace begins with what matters, and ends with what does not.
    const fault = /^.*(?:Exception|rror)\b.*$/m.exec(finished.stdout + finished.stderr)?.[0] ?? '';
    that(finished.status === 0, `${fault}\n${describeEnd(finished)}`);
    return finished.stdout + finished.stderr;
  }

  /** Some tools that fail end with status 0. */
  async refused(as: string, main: string, args: readonly string[], words: RegExp, input?: string): Promise<void> {
    const finished = await this.run(as, main, args, input);
    that(words.test(finished.stdout + finished.stderr), describeEnd(finished));
  }

  produce(as: string, line: string): Promise<Finished> {
    const patience = ['max.block.ms=8000', 'delivery.timeout.ms=8000', 'request.timeout.ms=5000', 'linger.ms=0'];
    const properties = patience.flatMap((one) => ['--command-property', one]);
    return this.run(as, `${TOOLS}.ConsoleProducer`, ['--topic', 'tools', ...properties], `${line}\n`);
  }
}

type Step = (tools: SecuredTools) => Promise<void>;

const ofUser = ['--entity-type', 'users', '--entity-name', 'carol'];
const DENIED = /TopicAuthorizationException|Not authorized to access topics/;
/** Who may write to no topic at all gets no producer id either (Kafka's AuthHelper: WRITE on any topic, or IDEMPOTENT_WRITE). */
const NO_PRODUCER_ID = /ClusterAuthorizationException|Cluster authorization failed/;

const STEPS: Readonly<Record<string, Step>> = {
  'kafka-broker-api-versions, kafka-topics --create': async (t) => {
    const text = await t.ok('admin', `${TOOLS}.BrokerApiVersionsCommand`, []);
    that(/CreateDelegationToken\(38\)/.test(text), text.slice(-400));
    await t.ok('admin', `${TOOLS}.TopicCommand`, ['--create', '--topic', 'tools', '--partitions', '1']);
  },
  'kafka-configs makes a SCRAM user': async (t) => {
    // Kafka's controller takes one mechanism of a user in a request, whatever its manual says.
    for (const secret of [
      'SCRAM-SHA-256=[password=carol-secret]',
      'SCRAM-SHA-512=[iterations=8192,password=carol-secret]',
    ]) {
      await t.ok('admin', CONFIG_COMMAND, ['--alter', '--add-config', secret, ...ofUser]);
    }
    const text = await t.ok('admin', CONFIG_COMMAND, ['--describe', ...ofUser]);
    that(/SCRAM-SHA-256=iterations=4096/.test(text) && /SCRAM-SHA-512=iterations=8192/.test(text), text);
    that(!text.includes('carol-secret'), 'the password is told');
  },
  'the user logs in by both mechanisms, and sees nothing': async (t) => {
    for (const as of ['carol', 'carol-256']) {
      same((await t.ok(as, `${TOOLS}.TopicCommand`, ['--list'])).includes('tools'), false, 'the topic');
    }
  },
  'a wrong password is refused': (t) =>
    t.refused('stranger', `${TOOLS}.TopicCommand`, ['--list'], /SaslAuthenticationException|Authentication failed/),
  'nobody writes without an ACL': async (t) => {
    const { stdout, stderr } = await t.produce('carol', 'no');
    that(DENIED.test(stdout + stderr), stderr.slice(-600));
  },
  'kafka-acls --add, --list': async (t) => {
    const may = ['--add', '--allow-principal', 'User:carol', '--topic', 'tools'];
    await t.ok('admin', ACLS, [...may, '--producer']);
    await t.ok('admin', ACLS, [...may, '--consumer', '--group', 'readers-', '--resource-pattern-type', 'prefixed']);
    await t.ok('admin', ACLS, [...may, '--operation', 'Read', '--operation', 'Describe']);
    const text = await t.ok('admin', ACLS, ['--list', '--topic', 'tools']);
    for (const operation of ['WRITE', 'DESCRIBE', 'CREATE', 'READ']) {
      that(text.includes(`(principal=User:carol, host=*, operation=${operation}, permissionType=ALLOW)`), text);
    }
  },
  'kafka-acls may be asked by nobody but an administrator': (t) =>
    t.refused('carol', ACLS, ['--list'], /ClusterAuthorizationException|Cluster authorization failed/),
  'kafka-console-producer and -consumer as the user': async (t) => {
    const sent = await t.produce('carol', 'over TLS');
    that(sent.status === 0 && !DENIED.test(sent.stderr), describeEnd(sent));
    const limits = ['--from-beginning', '--max-messages', '1', '--timeout-ms', '20000'];
    const text = await t.ok('carol', `${TOOLS}.consumer.ConsoleConsumer`, [
      '--topic',
      'tools',
      '--group',
      'readers-1',
      ...limits,
    ]);
    that(text.includes('over TLS'), text);
  },
  'another user is denied, and so is a group of another name': async (t) => {
    const { stdout, stderr } = await t.produce('bob', 'no');
    that(DENIED.test(stdout + stderr), stderr.slice(-600));
    const args = ['--topic', 'tools', '--group', 'others', '--timeout-ms', '8000'];
    await t.refused(
      'carol',
      `${TOOLS}.consumer.ConsoleConsumer`,
      args,
      /GroupAuthorizationException|Not authorized to access group/,
    );
  },
  'kafka-configs sets quotas of users, clients and defaults': async (t) => {
    const quota = [
      '--alter',
      '--add-config',
      'producer_byte_rate=1048576,consumer_byte_rate=2097152,request_percentage=200',
    ];
    await t.ok('admin', CONFIG_COMMAND, [...quota, ...ofUser]);
    await t.ok('admin', CONFIG_COMMAND, [
      ...quota,
      '--entity-type',
      'users',
      '--entity-default',
      '--entity-type',
      'clients',
      '--entity-name',
      'c',
    ]);
    const text = await t.ok('admin', CONFIG_COMMAND, ['--describe', ...ofUser]);
    that(/producer_byte_rate=1048576/.test(text) && /request_percentage=200/.test(text), text);
    await t.ok('admin', CONFIG_COMMAND, ['--alter', '--delete-config', 'producer_byte_rate', ...ofUser]);
    const after = await t.ok('admin', CONFIG_COMMAND, ['--describe', ...ofUser]);
    that(!after.includes('producer_byte_rate=') && after.includes('consumer_byte_rate=2097152'), after);
  },
  'kafka-configs limits the connections of an address': async (t) => {
    const ip = ['--entity-type', 'ips', '--entity-name', '192.0.2.7'];
    await t.ok('admin', CONFIG_COMMAND, ['--alter', '--add-config', 'connection_creation_rate=10', ...ip]);
    const text = await t.ok('admin', CONFIG_COMMAND, ['--describe', ...ip]);
    that(/connection_creation_rate=10/.test(text), text);
  },
  'kafka-delegation-tokens --create, --describe': async (t) => {
    const text = await t.ok('carol', TOKENS, [
      '--create',
      '--max-life-time-period',
      '-1',
      '--renewer-principal',
      'User:admin',
    ]);
    const [, id = '', hmac = ''] = /^(\S+)\s+(\S+==?)\s+User:carol/m.exec(text) ?? [];
    that(id !== '' && hmac !== '', text);
    t.hasToken({ id, hmac });
    // Without an owner the tool asks for those of an empty list of owners, and is told of none, by Kafka as well.
    const describe = ['--describe', '--owner-principal', 'User:carol'];
    that((await t.ok('carol', TOKENS, describe)).includes(id), 'the token is not described to its owner');
    that(!(await t.ok('bob', TOKENS, describe)).includes(id), 'the token is described to others');
  },
  'a token logs in as its owner, and may ask for no other': async (t) => {
    const sent = await t.produce('token', 'by token');
    that(sent.status === 0 && !DENIED.test(sent.stderr), describeEnd(sent));
    const args = ['--create', '--max-life-time-period', '-1'];
    await t.refused('token', TOKENS, args, /DelegationToken|not allowed/);
  },
  'kafka-delegation-tokens --renew, --expire': async (t) => {
    const of = ['--hmac', t.token.hmac];
    await t.ok('admin', TOKENS, ['--renew', '--renew-time-period', '60000', ...of]);
    await t.ok('carol', TOKENS, ['--expire', '--expiry-time-period', '-1', ...of]);
    await t.refused('token', `${TOOLS}.TopicCommand`, ['--list'], /SaslAuthenticationException|Authentication failed/);
  },
  'kafka-acls --remove takes away what was given': async (t) => {
    await t.ok('admin', ACLS, ['--remove', '--force', '--topic', 'tools']);
    const { stdout, stderr } = await t.produce('carol', 'no');
    const text = stdout + stderr;
    that(DENIED.test(text) || NO_PRODUCER_ID.test(text), text.slice(0, 1200));
  },
  'kafka-configs removes a SCRAM user': async (t) => {
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      await t.ok('admin', CONFIG_COMMAND, ['--alter', '--delete-config', mechanism, ...ofUser]);
    }
    await t.refused('carol', `${TOOLS}.TopicCommand`, ['--list'], /SaslAuthenticationException|Authentication failed/);
  },
};
