// ACLs, quotas, SCRAM users and delegation tokens of a broker of our own, by the Admin.
import { expect } from 'chai';
import { Admin, allOf, type ClientConfig, type ClientError } from '../../../src/client/index.ts';
import { startBroker } from '../../../src/index.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const BINDING = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'PREFIXED',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
} as const;

describe('Admin: security', () => {
  let broker: Broker;
  let admin: Admin;

  const as = (username: string, password: string): ClientConfig => ({
    brokers: broker.bootstrapServers,
    sasl: { mechanism: 'scram-sha-256', username, password },
  });

  before(async () => {
    broker = await startBroker({
      port: 0,
      memory: true,
      users: { root: 'secret', bob: 'bob-secret' },
      config: { 'super.users': 'User:root', 'delegation.token.secret.key': 'key' },
      acls: [],
    });
    admin = new Admin(as('root', 'secret'));
  });

  after(async () => {
    await admin.close();
    await broker.close();
  });

  it('makes, finds and deletes ACLs', async () => {
    const wrong = { ...BINDING, operation: 'CLUSTER_ACTION' } as const;
    const made = await admin.createAcls([BINDING, { ...BINDING, operation: 'WRITE' }, { ...wrong, resourceName: '' }]);
    expect(made.map(({ result }) => (result as ClientError | undefined)?.code)).to.deep.equal([
      undefined,
      undefined,
      'INVALID_REQUEST',
    ]);
    const found = await admin.describeAcls({ resourceType: 'TOPIC', resourceName: 'orders-eu', patternType: 'MATCH' });
    expect(found).to.have.deep.members([BINDING, { ...BINDING, operation: 'WRITE' }]);
    expect(await admin.describeAcls({ principal: 'User:nobody' })).to.deep.equal([]);
    const [deleted, none] = await admin.deleteAcls([{ operation: 'READ' }, { principal: 'User:nobody' }]);
    expect(deleted?.result).to.deep.equal([{ binding: BINDING, result: undefined }]);
    expect(none?.result).to.deep.equal([]);
    expect(await admin.describeAcls()).to.deep.equal([{ ...BINDING, operation: 'WRITE' }]);
  });

  it('sets and removes quotas', async () => {
    const [set, refused] = await admin.alterClientQuotas([
      { entity: { user: 'alice', 'client-id': null }, changes: { producer_byte_rate: 1000, request_percentage: 50 } },
      { entity: { user: 'alice' }, changes: { nonsense: 1 } },
    ]);
    expect(set?.result).to.equal(undefined);
    expect((refused?.result as ClientError | undefined)?.code).to.equal('INVALID_REQUEST');
    const entity = { user: 'alice', 'client-id': null };
    const quotas = { producer_byte_rate: 1000, request_percentage: 50 };
    expect(await admin.describeClientQuotas({ components: [{ type: 'user' }] })).to.deep.equal([{ entity, quotas }]);
    const exactly = { components: [{ type: 'client-id', match: null }], strict: true };
    expect(await admin.describeClientQuotas(exactly)).to.deep.equal([]);
    await admin.alterClientQuotas([{ entity, changes: { producer_byte_rate: null, request_percentage: null } }]);
    expect(await admin.describeClientQuotas()).to.deep.equal([]);
  });

  it('makes users who can log in, and unmakes them', async () => {
    const mechanism = 'SCRAM-SHA-256';
    const altered = await admin.alterUserScramCredentials([
      { user: 'carol', mechanism, password: 'carols', iterations: 5000 },
      { user: 'dave', mechanism, password: '' },
      { user: 'eve', mechanism, isDeleted: true },
    ]);
    expect([...altered].map(([user, error]) => [user, (error as ClientError | undefined)?.code])).to.deep.equal([
      ['carol', undefined],
      ['dave', 'UNACCEPTABLE_CREDENTIAL'],
      ['eve', 'RESOURCE_NOT_FOUND'],
    ]);
    const users = await admin.describeUserScramCredentials(['carol', 'dave']);
    expect(users.get('carol')).to.deep.equal([{ mechanism, iterations: 5000 }]);
    expect((users.get('dave') as ClientError).code).to.equal('RESOURCE_NOT_FOUND');
    await using carol = new Admin(as('carol', 'carols'));
    expect((await carol.describeCluster()).nodes).to.have.length(1);
    const denied = await carol.createTopics([{ name: 'x' }]);
    expect((denied.get('x') as ClientError).name).to.equal('AuthorizationError');
    expect(allOf(await admin.alterUserScramCredentials([{ user: 'carol', mechanism, isDeleted: true }])).size).to.equal(
      1,
    );
    expect([...(await admin.describeUserScramCredentials()).keys()]).not.to.include('carol');
  });

  it('makes tokens to log in with, renews and ends them', async () => {
    const bob = { type: 'User', name: 'bob' };
    const token = await admin.createDelegationToken({ renewers: [bob], maxLifetimeMs: 3_600_000 });
    expect(token.owner).to.deep.equal({ type: 'User', name: 'root' });
    const [found] = await admin.describeDelegationToken();
    expect(found).to.deep.equal(token);
    expect(await admin.describeDelegationToken({ owners: [{ type: 'User', name: 'carol' }] })).to.deep.equal([]);
    const password = Buffer.from(token.hmac).toString('base64');
    const sasl = { mechanism: 'scram-sha-256', username: token.tokenId, password, isToken: true } as const;
    await using holder = new Admin({ brokers: broker.bootstrapServers, sasl });
    expect(await holder.listTopics()).to.deep.equal([]);
    const renewed = await admin.renewDelegationToken(token.hmac, { renewPeriodMs: 60_000 });
    expect(renewed).to.be.lessThan(token.expiresAt);
    const foreign = await admin.renewDelegationToken(new Uint8Array(20)).catch((error: unknown) => error);
    expect((foreign as ClientError).code).to.equal('DELEGATION_TOKEN_NOT_FOUND');
    await admin.expireDelegationToken(token.hmac);
    expect(await admin.describeDelegationToken()).to.deep.equal([]);
    const forBob = await admin.createDelegationToken({ owner: bob });
    expect([forBob.owner, forBob.requester?.name]).to.deep.equal([bob, 'root']);
  });

  it('says why a login is refused', async () => {
    await using wrong = new Admin({ ...as('root', 'wrong'), limits: { apiTimeoutMs: 500 } });
    const error = await wrong.listTopics().catch((one: unknown) => one);
    expect(error).to.deep.include({
      name: 'AuthenticationError',
      code: 'SASL_AUTHENTICATION_FAILED',
      retriable: false,
    });
  });
});
