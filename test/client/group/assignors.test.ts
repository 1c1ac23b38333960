// What the assignors of Kafka's Java client 4.3.1 have made of groups drawn from a seed, with members that come and go and tell of older
// generations: ours make the same of them (test/golden/client/assignors.jsonl.gz). One line is left out, of a topic that had become smaller:
// Kafka gave a partition to two members there.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { assignorNamed } from '../../../src/client/group/assignors/index.ts';
import { type AssignorMember, type TopicPartitions } from '../../../src/client/index.ts';

type ByTopic = Readonly<Record<string, readonly number[]>>;

interface Row {
  readonly assignor: string;
  readonly sequence: number;
  readonly step: number;
  readonly topics: Readonly<Record<string, number>>;
  readonly members: readonly {
    readonly id: string;
    readonly instance?: string;
    readonly topics: readonly string[];
    readonly generation: number;
    readonly owned?: ByTopic;
    readonly userData?: string;
  }[];
  readonly assignment: Readonly<Record<string, ByTopic>>;
}

const file = new URL('../../golden/client/assignors.jsonl.gz', import.meta.url);
const rows = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

const partitionsOf = (byTopic: ByTopic = {}): TopicPartitions[] =>
  Object.entries(byTopic).map(([topic, partitions]) => ({ topic, partitions: [...partitions] }));

/** In one order, so that only what is given to whom counts. */
const sorted = (share: readonly TopicPartitions[]): [string, number[]][] =>
  share
    .map(({ topic, partitions }): [string, number[]] => [topic, [...partitions].sort((a, b) => a - b)])
    .sort(([a], [b]) => (a < b ? -1 : 1));

const memberOf = (member: Row['members'][number]): AssignorMember => ({
  memberId: member.id,
  groupInstanceId: member.instance ?? null,
  topics: member.topics,
  owned: partitionsOf(member.owned),
  generationId: member.generation,
  userData: member.userData === undefined ? null : Buffer.from(member.userData, 'hex'),
});

describe('The assignors of classic groups', () => {
  for (const name of ['range', 'roundrobin', 'sticky', 'cooperative-sticky']) {
    it(`${name}: give what Kafka's give`, () => {
      const own = rows.filter(({ assignor }) => assignor === name);
      expect(own.length).to.be.greaterThan(300);
      for (const row of own) {
        const shares = assignorNamed(name).assign(row.members.map(memberOf), new Map(Object.entries(row.topics)));
        for (const { id } of row.members) {
          const expected = sorted(partitionsOf(row.assignment[id]));
          expect(sorted(shares.get(id) ?? []), `${row.sequence}/${row.step} ${id}`).to.deep.equal(expected);
        }
      }
    });
  }

  it('tell what they had in the bytes of Kafka', () => {
    const row = rows.find((one) => one.members.some(({ userData }) => userData !== undefined)) as Row;
    const member = row.members.find(({ userData }) => userData !== undefined);
    const bytes = Buffer.from(member?.userData ?? '', 'hex');
    const topics: TopicPartitions[] = [];
    let at = 4;
    for (let left = bytes.readInt32BE(0); left > 0; left--) {
      const length = bytes.readInt16BE(at);
      const topic = bytes.toString('utf8', at + 2, at + 2 + length);
      const count = bytes.readInt32BE(at + 2 + length);
      at += 6 + length;
      topics.push({
        topic,
        partitions: Array.from({ length: count }, (_, index) => bytes.readInt32BE(at + index * 4)),
      });
      at += count * 4;
    }
    const told = assignorNamed('sticky').userData?.(topics, bytes.readInt32BE(at));
    expect(Buffer.from(told ?? []).toString('hex')).to.equal(member?.userData);
  });
});
