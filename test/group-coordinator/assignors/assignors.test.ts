import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Assignor,
  AssignorError,
  type GroupSpec,
  type MemberSpec,
  rangeAssignor,
  simpleAssignor,
  type TopicPartitions,
  uniformAssignor,
} from '../../../src/group-coordinator/assignors/index.ts';

const TOPICS = ['AAAAAAAAAAAAAAAAAAAAAQ', '_____________________w', 'BAAAAAAAAAAAAAAAAAAAAA', 'zzzzzzzzzzzzzzzzzzzzzg'];
const partitionCount = 7;
const countOf = (): number => partitionCount;

/** Assignments that no assignor would give: partitions that are not there, or that several members have. */
const anyAssigned = fc
  .array(fc.tuple(fc.constantFrom(...TOPICS), fc.uniqueArray(fc.nat(partitionCount + 2), { maxLength: 9 })), {
    maxLength: 4,
  })
  .map((rows) => new Map(rows.map(([topicId, partitions]) => [topicId, new Set(partitions)])));
const anySubscription = fc.subarray(TOPICS).map((topics) => new Set(topics));

const anyGroup = (isHomogeneous: boolean): fc.Arbitrary<GroupSpec> =>
  fc
    .tuple(anySubscription, fc.array(fc.tuple(anySubscription, anyAssigned), { minLength: 1, maxLength: 12 }))
    .map(([shared, rows]) => {
      const members = rows.map(([own, assigned], index): [string, MemberSpec] => {
        const subscribedTopicIds = isHomogeneous ? shared : own;
        return [`member-${index}`, { instanceId: null, rackId: null, subscribedTopicIds, assigned }];
      });
      return { members: new Map(members), isHomogeneous };
    });

/** The members that each partition which somebody has subscribed to was given to. */
function ownersOf(spec: GroupSpec, targets: ReadonlyMap<string, TopicPartitions>): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const { subscribedTopicIds } of spec.members.values())
    for (const topicId of subscribedTopicIds)
      for (let i = 0; i < partitionCount; i++) owners.set(`${topicId} ${i}`, []);
  for (const [memberId, topics] of targets)
    for (const [topicId, partitions] of topics) {
      expect(spec.members.get(memberId)?.subscribedTopicIds.has(topicId)).to.equal(true);
      for (const partition of partitions) owners.get(`${topicId} ${partition}`)?.push(memberId);
      for (const partition of partitions) expect(partition).to.be.lessThan(partitionCount);
    }
  return owners;
}

const sizeOf = (topics: TopicPartitions): number => [...topics.values()].reduce((sum, { size }) => sum + size, 0);
const assign = (assignor: Assignor, spec: GroupSpec) => assignor.assign(spec, countOf);

describe('uniform, range and simple', () => {
  for (const [name, isHomogeneous] of [
    ['the same', true],
    ['different topics', false],
  ] as const) {
    it(`give each partition one owner, whatever members had, when they subscribe to ${name}`, () => {
      fc.assert(
        fc.property(anyGroup(isHomogeneous), fc.constantFrom(uniformAssignor, rangeAssignor), (spec, assignor) => {
          for (const owners of ownersOf(spec, assign(assignor, spec)).values()) expect(owners.length).to.equal(1);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('change nothing when nothing has changed', () => {
    const property = fc.property(anyGroup(true), (spec) => {
      const targets = assign(uniformAssignor, spec);
      const settled = [...spec.members].map(([id, member]): [string, MemberSpec] => {
        return [id, { ...member, assigned: targets.get(id) ?? new Map() }];
      });
      const again = assign(uniformAssignor, { members: new Map(settled), isHomogeneous: true });
      for (const [id, topics] of again) expect(topics).to.equal(targets.get(id));
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('uniform gives members with one subscription as many partitions, give or take one', () => {
    const property = fc.property(anyGroup(true), (spec) => {
      const sizes = [...assign(uniformAssignor, spec).values()].map(sizeOf);
      if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).to.be.lessThan(2);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('simple gives each partition a member, and each member as many partitions as the others, or nearly so', () => {
    const property = fc.property(anyGroup(true), (spec) => {
      const targets = assign(simpleAssignor, spec);
      for (const owners of ownersOf(spec, targets).values()) expect(owners.length).to.be.greaterThan(0);
      const sizes = [...targets.values()].map(sizeOf);
      if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).to.be.lessThan(3);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('refuse a topic that is not there, and touch nothing that they were given', () => {
    const assigned = new Map([['AAAAAAAAAAAAAAAAAAAAAQ', new Set([0, 1, 2])]]);
    const member = {
      instanceId: null,
      rackId: null,
      subscribedTopicIds: new Set(['AAAAAAAAAAAAAAAAAAAAAQ']),
      assigned,
    };
    const members = new Map([
      ['one', member],
      ['two', { ...member, assigned: new Map() }],
    ]);
    for (const assignor of [uniformAssignor, rangeAssignor, simpleAssignor]) {
      for (const isHomogeneous of [true, false]) {
        expect(() => assignor.assign({ members, isHomogeneous }, () => -1)).to.throw(AssignorError);
        expect(assignor.assign({ members, isHomogeneous }, () => 3).size).to.equal(2);
      }
    }
    expect(assigned).to.deep.equal(new Map([['AAAAAAAAAAAAAAAAAAAAAQ', new Set([0, 1, 2])]]));
  });
});
