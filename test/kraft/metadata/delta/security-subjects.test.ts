// ACLs, client quotas, SCRAM credentials and delegation tokens: whatever records the log holds, in whatever order, the image
// is what a plain map would be, its snapshot makes it again, and publishers hear each change once.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  MetadataDelta,
  MetadataImage,
  MetadataLoader,
  type MetadataPublisher,
  type MetadataRecord,
  snapshotRecords,
} from '../../../../src/kraft/metadata/index.ts';
import { silentLogger } from '../../../../src/runtime/index.ts';

const id = fc.constantFrom('AAAAAAAAQAAAAAAAAAAAAA', 'BBBBBBBBQBBBBBBBBBBBBA', 'CCCCCCCCQCCCCCCCCCCCCA');
const user = fc.constantFrom('alice', 'bob', 'ü');
const mechanism = fc.constantFrom(1, 2);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 4 });
const type = <T extends string>(name: T) => ({ type: fc.constant(name), version: fc.constant(0) });
const entities: { entityType: string; entityName: string | null }[][] = [
  [{ entityType: 'user', entityName: 'alice' }],
  [{ entityType: 'user', entityName: null }],
  [
    { entityType: 'user', entityName: 'alice' },
    { entityType: 'client-id', entityName: null },
  ],
  [
    { entityType: 'client-id', entityName: null },
    { entityType: 'user', entityName: 'alice' },
  ],
  [{ entityType: 'ip', entityName: '10.0.0.1' }],
];
const entity = fc.constantFrom(...entities);
const record: fc.Arbitrary<MetadataRecord> = fc.oneof(
  fc.record({
    ...type('AccessControlEntryRecord'),
    id,
    resourceType: fc.constantFrom(2, 3, 4),
    resourceName: fc.constantFrom('*', 'orders'),
    patternType: fc.constantFrom(3, 4),
    principal: user.map((name) => `User:${name}`),
    host: fc.constant('*'),
    operation: fc.integer({ min: 2, max: 12 }),
    permissionType: fc.constantFrom(2, 3),
  }),
  fc.record({ ...type('RemoveAccessControlEntryRecord'), id }),
  fc.record({
    ...type('ClientQuotaRecord'),
    entity,
    key: fc.constantFrom('producer_byte_rate', 'consumer_byte_rate'),
    value: fc.double({ noNaN: true }),
    remove: fc.boolean(),
  }),
  fc.record({
    ...type('UserScramCredentialRecord'),
    name: user,
    mechanism,
    salt: bytes,
    storedKey: bytes,
    serverKey: bytes,
    iterations: fc.integer({ min: 4096, max: 16384 }),
  }),
  fc.record({ ...type('RemoveUserScramCredentialRecord'), name: user, mechanism }),
  fc.record({
    ...type('DelegationTokenRecord'),
    owner: user,
    requester: user,
    renewers: fc.array(user, { maxLength: 2 }),
    issueTimestamp: fc.nat(),
    maxTimestamp: fc.nat(),
    expirationTimestamp: fc.nat(),
    tokenId: id,
  }),
  fc.record({ ...type('RemoveDelegationTokenRecord'), tokenId: id }),
);

/** What a subject holds, by key, as plain text: the model, the image and a follower of deltas must agree on it. */
type State = Map<string, string>;

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part));
/** The fields by name, whatever their order. */
const fieldsOf = (value: object): string =>
  textOf(Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))));
const entityText = (parts: readonly { entityType: string; entityName: string | null }[]): string =>
  parts
    .map((part) => `${part.entityType}=${part.entityName}`)
    .sort()
    .join();

function applyToModel(model: State, one: MetadataRecord): void {
  switch (one.type) {
    case 'AccessControlEntryRecord': {
      const { type: _, version: __, ...entry } = one;
      model.set(`acl ${one.id}`, fieldsOf(entry));
      break;
    }
    case 'RemoveAccessControlEntryRecord':
      model.delete(`acl ${one.id}`);
      break;
    case 'ClientQuotaRecord':
      if (one.remove) model.delete(`quota ${entityText(one.entity)} ${one.key}`);
      else model.set(`quota ${entityText(one.entity)} ${one.key}`, String(one.value));
      break;
    case 'UserScramCredentialRecord': {
      const { type: _, version: __, ...credential } = one;
      model.set(`scram ${one.mechanism} ${one.name}`, fieldsOf(credential));
      break;
    }
    case 'RemoveUserScramCredentialRecord':
      model.delete(`scram ${one.mechanism} ${one.name}`);
      break;
    case 'DelegationTokenRecord': {
      const { type: _, version: __, ...token } = one;
      model.set(`token ${one.tokenId}`, fieldsOf(token));
      break;
    }
    case 'RemoveDelegationTokenRecord':
      model.delete(`token ${one.tokenId}`);
      break;
    default:
      throw new Error(`not of these subjects: ${one.type}`);
  }
}

function stateOf(image: MetadataImage): State {
  const state: State = new Map();
  const put = (key: string, value: object): unknown => state.set(key, fieldsOf(value));
  for (const [key, entry] of image.acls) put(`acl ${key}`, entry);
  for (const credential of image.scram.values()) put(`scram ${credential.mechanism} ${credential.name}`, credential);
  for (const [key, token] of image.delegationTokens) put(`token ${key}`, token);
  for (const { entity: parts, quotas } of image.clientQuotas.values()) {
    for (const [key, value] of quotas) state.set(`quota ${entityText(parts)} ${key}`, String(value));
  }
  return state;
}

/** Knows only what deltas tell. */
class Follower implements MetadataPublisher {
  readonly name = 'follower';
  readonly state: State = new Map();
  readonly heard: string[][] = [];

  publish({ acls, clientQuotas, scram, delegationTokens }: MetadataDelta): void {
    this.heard.push([...acls.changed.keys()]);
    for (const [key, entry] of acls.changed) this.#put(`acl ${key}`, entry);
    for (const [key, token] of delegationTokens.changed) this.#put(`token ${key}`, token);
    for (const { name, mechanism: number, credential } of scram.changed)
      this.#put(`scram ${number} ${name}`, credential);
    for (const { entity: parts, quotas } of clientQuotas.changed) {
      const prefix = `quota ${entityText(parts)} `;
      for (const key of this.state.keys()) if (key.startsWith(prefix)) this.state.delete(key);
      for (const [key, value] of quotas) this.state.set(prefix + key, String(value));
    }
  }

  #put(key: string, value: object | null): void {
    if (value === null) this.state.delete(key);
    else this.state.set(key, fieldsOf(value));
  }
}

class Log {
  #next = 0;
  readonly loader = new MetadataLoader(silentLogger);

  commit(records: readonly MetadataRecord[]): void {
    const baseOffset = this.#next;
    this.#next += Math.max(1, records.length);
    const decoded = records.map((one) => decodeMetadataRecord(encodeMetadataRecord(one)));
    const facts = { epoch: 1, appendTimestamp: 5, sizeInBytes: 100 };
    this.loader.handleCommit([{ baseOffset, lastOffset: this.#next - 1, ...facts, records: decoded }]);
  }
}

const sorted = (state: State): [string, string][] => [...state].sort(([one], [other]) => (one < other ? -1 : 1));

describe('the security subjects of metadata', () => {
  it('are what a map of their records would be, in images, snapshots and with publishers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(record, { maxLength: 5 }), { maxLength: 12 }), async (batches) => {
        const log = new Log();
        log.commit([{ type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 14 }]);
        const follower = new Follower();
        await log.loader.install([follower]);
        const model: State = new Map();
        for (const batch of batches) {
          log.commit(batch);
          for (const one of batch) applyToModel(model, one);
          expect(sorted(stateOf(log.loader.image))).to.deep.equal(sorted(model));
          expect(sorted(follower.state)).to.deep.equal(sorted(model));
        }
        const snapshot = [...snapshotRecords(log.loader.image)].map(encodeMetadataRecord);
        const delta = new MetadataDelta(MetadataImage.empty);
        for (const value of snapshot) delta.replay(decodeMetadataRecord(value));
        const again = delta.apply(log.loader.image.provenance);
        expect(sorted(stateOf(again))).to.deep.equal(sorted(model));
        expect([...snapshotRecords(again)].map(encodeMetadataRecord)).to.have.deep.members(snapshot);
      }),
      { numRuns: 200 },
    );
  });

  it('tell a publisher which entries came and went, and a late one all that are there', async () => {
    const log = new Log();
    const early = new Follower();
    await log.loader.install([early]);
    const entry = {
      type: 'AccessControlEntryRecord',
      version: 0,
      id: 'AAAAAAAAQAAAAAAAAAAAAA',
      resourceType: 2,
      resourceName: 'orders',
      patternType: 3,
      principal: 'User:alice',
      host: '*',
      operation: 3,
      permissionType: 3,
    } as const;
    log.commit([entry, { ...entry, id: 'BBBBBBBBQBBBBBBBBBBBBA' }]);
    log.commit([{ type: 'NoOpRecord', version: 0 }]);
    log.commit([{ type: 'RemoveAccessControlEntryRecord', version: 0, id: entry.id }]);
    expect(early.heard).to.deep.equal([[], [entry.id, 'BBBBBBBBQBBBBBBBBBBBBA'], [], [entry.id]]);
    expect([...early.state.keys()]).to.deep.equal(['acl BBBBBBBBQBBBBBBBBBBBBA']);
    const late = new Follower();
    await log.loader.install([late]);
    expect(late.heard).to.deep.equal([['BBBBBBBBQBBBBBBBBBBBBA']]);
  });

  it('leave an image as it is when nothing of theirs changes', () => {
    const delta = new MetadataDelta(MetadataImage.empty);
    expect(delta.isEmpty).to.equal(true);
    const image = delta.apply(MetadataImage.empty.provenance);
    expect(image.acls).to.equal(MetadataImage.empty.acls);
    expect(image.scram).to.equal(MetadataImage.empty.scram);
    expect(image.clientQuotas).to.equal(MetadataImage.empty.clientQuotas);
    expect(image.delegationTokens).to.equal(MetadataImage.empty.delegationTokens);
  });
});
