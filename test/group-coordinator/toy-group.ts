// A kind of group that Apache Kafka does not have, for tests of the contract: one record makes a group, and says who may commit,
// which topic is in use, and by how much its offsets are older than they look.
import { Errors, type ErrorCode, int64, message, string, addInt64, type Int64 } from '../../src/protocol/index.ts';
import type {
  Committer,
  DescribedGroup,
  Fetcher,
  Group,
  GroupKind,
  ListedGroup,
} from '../../src/group-coordinator/group.ts';
import type { GroupEffects } from '../../src/group-coordinator/group-effects.ts';
import { type CommittedOffset, GroupRecordType } from '../../src/group-coordinator/group-record.ts';

const toyKey = message('ToyGroupKey', [0, 0], undefined, { name: string });
const toyValue = message('ToyGroupValue', [0, 0], undefined, { owner: string, usedTopic: string, agedMs: int64 });

export const toyRecords = new GroupRecordType({
  number: 1_000,
  key: toyKey,
  value: toyValue,
  groupIdOf: ({ name }) => name,
});

interface ToyFacts {
  /** Empty: nobody is in it. */
  readonly owner: string;
  readonly usedTopic: string;
  readonly agedMs: number;
}

class ToyGroup implements Group {
  readonly groupId: string;
  readonly type = 'toy';
  readonly #facts: ToyFacts;

  constructor(groupId: string, facts: ToyFacts) {
    this.groupId = groupId;
    this.#facts = facts;
  }
  get isEmpty(): boolean {
    return this.#facts.owner === '';
  }
  get shouldExpire(): boolean {
    return this.isEmpty;
  }
  checkCommit({ memberId }: Committer): ErrorCode {
    return memberId === this.#facts.owner ? Errors.NONE : Errors.FENCED_MEMBER_EPOCH;
  }
  checkFetch({ memberId }: Fetcher): ErrorCode {
    return memberId === 'thief' ? Errors.UNKNOWN_MEMBER_ID : Errors.NONE;
  }
  checkDeleteOffsets(): ErrorCode {
    return Errors.NONE;
  }
  isSubscribedTo(topic: string): boolean {
    return topic === this.#facts.usedTopic;
  }
  offsetsAgeFrom(): (offset: CommittedOffset) => Int64 {
    return ({ commitTimestampMs }) => addInt64(commitTimestampMs, -this.#facts.agedMs);
  }
  appendTombstones(effects: GroupEffects): void {
    effects.append(toyRecords.record({ name: this.groupId }, null));
  }
  cancelTimers(): void {
    // A toy has no timers.
  }
  listed(): ListedGroup {
    const { groupId, type } = this;
    return { groupId, protocolType: 'play', groupState: this.isEmpty ? 'Lost' : 'Found', groupType: type };
  }
  described(): DescribedGroup {
    const { groupId } = this;
    return {
      errorCode: 0,
      errorMessage: null,
      groupId,
      groupState: 'Toy',
      protocolType: 'play',
      protocolData: '',
      members: [],
    };
  }
}

export const toyKind: GroupKind<ToyGroup> = {
  type: 'toy',
  recordTypes: [toyRecords],
  replay(_known, record) {
    const value = toyRecords.read(record)?.value;
    return value === null || value === undefined ? undefined : new ToyGroup(record.groupId, value);
  },
};
