// What the tests of published faults meet: a broker in a process of its own with users, ACLs and an administrator, and a server that
// whoever is lured would come to.
import { expect } from 'chai';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { STANDARD_AUTHORIZER } from '../../../src/broker/configs/config.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { CreateAcls } from '../../../src/protocol/messages/30-create-acls.ts';
import { RawClient } from '../raw-client.ts';
import { BrokerProcess } from './broker-process.ts';
import { keyPath, logInWith, plain } from './keys.ts';

/** Stands in every password. */
export const SECRET = 'Xyzzy-secret';
export const FROM_ENVIRONMENT = 'Xyzzy-of-the-environment';
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const OAUTH = 'org.apache.kafka.common.security.oauthbearer';
const OPERATIONS = { READ: 3, WRITE: 4, DESCRIBE: 8 } as const;
const TYPES = { TOPIC: 2, GROUP: 3 } as const;
const PERMISSIONS = { deny: 2, allow: 3 } as const;
const PREFIXED = 4;
const LITERAL = 3;

const USERS = ['admin', 'bob', 'eve'].map((name) => `user_${name}="${SECRET}-${name}"`).join(' ');
const LOGIN = `${PLAIN} required username="admin" password="${SECRET}-admin" ${USERS};`;
export const SETTINGS: Readonly<Record<string, string>> = {
  listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
  'inter.broker.listener.name': 'SASL_PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,OAUTHBEARER',
  'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'listener.name.sasl_plaintext.plain.sasl.jaas.config': LOGIN,
  'authorizer.class.name': STANDARD_AUTHORIZER,
  'super.users': 'User:admin',
  'sasl.server.callback.handler.class': `${OAUTH}.OAuthBearerValidatorCallbackHandler`,
  'sasl.oauthbearer.jwks.endpoint.url': `file://${keyPath('jwks.json')}`,
  'sasl.oauthbearer.expected.audience': 'ottla',
  'group.initial.rebalance.delay.ms': '0',
};

export interface Rule {
  readonly user: string;
  readonly permission?: keyof typeof PERMISSIONS;
  readonly type: keyof typeof TYPES;
  /** With a star at its end: a prefix. */
  readonly name: string;
  readonly operations: readonly (keyof typeof OPERATIONS)[];
}

export class SecuredProcess {
  readonly broker: BrokerProcess;
  readonly admin: RawClient;

  private constructor(broker: BrokerProcess, admin: RawClient) {
    this.broker = broker;
    this.admin = admin;
  }

  /** `more`: settings above SETTINGS. */
  static async start(more: Readonly<Record<string, string>> = {}): Promise<SecuredProcess> {
    const broker = await BrokerProcess.start({ ...SETTINGS, ...more }, { OTTLA_TEST_SECRET: FROM_ENVIRONMENT });
    return new SecuredProcess(broker, await loggedIn(broker.port, 'admin'));
  }

  get port(): number {
    return this.broker.port;
  }
  async stop(): Promise<void> {
    this.admin.destroy();
    await this.broker.stop();
  }

  /** A client that has logged in as one of admin, bob, eve. */
  as(user: string): Promise<RawClient> {
    return loggedIn(this.port, user);
  }

  async rule({ user, permission = 'allow', type, name, operations }: Rule): Promise<void> {
    const isPrefix = name.endsWith('*');
    const creations = operations.map((operation) => ({
      resourceType: TYPES[type],
      resourceName: isPrefix ? name.slice(0, -1) : name,
      resourcePatternType: isPrefix ? PREFIXED : LITERAL,
      principal: `User:${user}`,
      host: '*',
      operation: OPERATIONS[operation],
      permissionType: PERMISSIONS[permission],
    }));
    const { results } = await this.admin.ask(CreateAcls, 3, { creations });
    for (const { errorCode, errorMessage } of results) expect(errorCode, String(errorMessage)).to.equal(Errors.NONE);
  }
}

async function loggedIn(port: number, user: string): Promise<RawClient> {
  const client = await RawClient.connect(port);
  const { errorCode } = await logInWith(client, 'PLAIN', plain(user, `${SECRET}-${user}`));
  expect(errorCode, user).to.equal(Errors.NONE);
  return client;
}

/** The code that one batch for partition 0 of a topic is answered with. */
export async function produced(client: RawClient, topic: string, records: Buffer): Promise<number | undefined> {
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
  const answer = await client.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData });
  return answer.responses[0]?.partitionResponses[0]?.errorCode;
}

/** A server that whoever is lured would come to. */
export class Lure {
  readonly #server: Server;
  visits = 0;

  private constructor() {
    this.#server = createServer((socket) => {
      this.visits += 1;
      socket.destroy();
    });
  }

  static async open(): Promise<Lure> {
    const lure = new Lure();
    await new Promise<void>((resolve) => lure.#server.listen(0, '127.0.0.1', resolve));
    return lure;
  }
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
