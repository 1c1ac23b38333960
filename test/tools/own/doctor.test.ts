import { expect } from 'chai';
import type { ClientError } from '../../../src/client/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { buildBatch } from '../../../src/protocol/index.ts';
import type { ClusterFacts } from '../../../src/tools/own/doctor/cluster-facts.ts';
import { clusterFindings } from '../../../src/tools/own/doctor/cluster-findings.ts';
import { directoryFindings } from '../../../src/tools/own/doctor/directory-findings.ts';
import { exitCodeOf, type Finding, findingsText } from '../../../src/tools/own/doctor/findings.ts';

const NOW = 1_800_000_000_000;

const broker = (id: number, more: Partial<ClusterFacts['brokers'][number]> = {}): ClusterFacts['brokers'][number] => ({
  id,
  address: `b${id}:9092`,
  isFenced: false,
  unreachable: undefined,
  apis: '0:13 1:18',
  ...more,
});

const partition = (index: number, leader: number | undefined, replicas: readonly number[], isr = replicas) => ({
  partition: index,
  leader,
  leaderEpoch: 0,
  replicas,
  isr,
  offlineReplicas: [],
  eligibleLeaderReplicas: undefined,
  lastKnownEligibleLeaderReplicas: undefined,
});

const topic = (name: string, partitions: ReturnType<typeof partition>[]) => ({
  name,
  topicId: undefined,
  isInternal: false,
  partitions,
  authorizedOperations: undefined,
});

const HEALTHY: ClusterFacts = {
  nowMs: NOW,
  brokers: [broker(1), broker(2)],
  controllerId: 1,
  topics: [topic('t', [partition(0, 1, [1, 2]), partition(1, 2, [2, 1])])],
  minInsyncReplicas: new Map([['t', 1]]),
  groups: [{ group: 'g', state: 'Stable', members: 1, lag: 5, progress: 5, growth: 5 }],
  hanging: [],
  longTransactions: [],
  disks: [],
  quorum: { leaderId: 1, lag: new Map([[1, 0]]), leaderNowMs: NOW },
  unasked: [],
};

const said = (facts: Partial<ClusterFacts>): string =>
  clusterFindings({ ...HEALTHY, ...facts })
    .map(({ gravity, what }) => `${gravity}: ${what}`)
    .join('\n');

const disk = (description: object): ClusterFacts['disks'] => [
  {
    brokerId: 1,
    dir: '/d',
    description: {
      error: undefined,
      replicas: [],
      totalBytes: 100,
      usableBytes: 50,
      isCordoned: false,
      ...description,
    },
  },
];

describe('The doctor of a cluster', () => {
  it('has nothing to say of one that is well', () => expect(said({})).to.equal(''));

  const cases: readonly (readonly [string, Partial<ClusterFacts>, RegExp])[] = [
    [
      'a listener that nobody can reach',
      { brokers: [broker(1), broker(2, { unreachable: 'refused' })] },
      /error: Broker 2 tells clients to come to b2:9092, and nobody answers/,
    ],
    [
      'brokers that are fenced',
      { brokers: [broker(1), broker(2, { isFenced: true })] },
      /error: Fenced by the controller: 2\./,
    ],
    [
      'a mix of releases',
      { brokers: [broker(1), broker(2, { apis: '0:12' })] },
      /warning: Brokers do not all serve the same versions.*\[1\] and \[2\]/,
    ],
    ['no controller', { controllerId: undefined }, /error: Nobody knows the controller/],
    [
      'partitions without leader',
      { topics: [topic('t', [partition(0, undefined, [1, 2])])] },
      /error: 1 partition has no leader.*t-0/,
    ],
    [
      'replicas that are behind',
      { topics: [topic('t', [partition(0, 1, [1, 2], [1])])] },
      /warning: 1 partition is under-replicated: t-0/,
    ],
    [
      'replicas on brokers that are not',
      { topics: [topic('t', [partition(0, 1, [1, 9])])] },
      /error: Replicas are placed on brokers.*: 9/,
    ],
    [
      'too few in sync',
      { topics: [topic('t', [partition(0, 1, [1, 2], [1])])], minInsyncReplicas: new Map([['t', 2]]) },
      /error: Fewer replicas are in sync.*t-0 \(1 of 2\)/,
    ],
    ['just enough in sync', { topics: [topic('t', [partition(0, 1, [1, 2], [1])])] }, /warning: One more replica lost/],
    [
      'more wanted in sync than there are',
      { topics: [topic('t', [partition(0, 1, [1])])], minInsyncReplicas: new Map([['t', 2]]) },
      /error: min\.insync\.replicas is larger/,
    ],
    [
      'leaders out of place',
      {
        topics: [
          topic(
            't',
            Array.from({ length: 10 }, (_, at) => partition(at, 2, [1, 2])),
          ),
        ],
      },
      /warning: 10 of 10 partitions are led by another[^]*warning: Broker 2 leads 10 of 10|warning: 10 of 10/,
    ],
    [
      'a group that is stuck',
      { groups: [{ group: 'g', state: 'Stable', members: 2, lag: 9, progress: 0, growth: 1 }] },
      /warning: Group g has 2 members and has committed nothing while 9 records wait/,
    ],
    [
      'a group that falls behind',
      { groups: [{ group: 'g', state: 'Stable', members: 1, lag: 9, progress: 3, growth: 8 }] },
      /warning: Group g falls behind/,
    ],
    [
      'a group without members',
      { groups: [{ group: 'g', state: 'Empty', members: 0, lag: 9, progress: 0, growth: 0 }] },
      /note: Group g has no members, and 9 records wait/,
    ],
    [
      'a group that rebalances',
      { groups: [{ group: 'g', state: 'PreparingRebalance', members: 1, lag: 9, progress: 0, growth: 0 }] },
      /note: Group g is rebalancing/,
    ],
    [
      'hanging transactions',
      { hanging: [{ place: 'a-b-0', producerId: '7', startOffset: 3, lastTimestamp: 0 }] },
      /error: A transaction of producer 7 hangs in a-b-0 from offset 3/,
    ],
    [
      'transactions beyond their time',
      { longTransactions: [{ id: 'x', openMs: 90_000, timeoutMs: 60_000 }] },
      /warning: The transaction of x is open for 1m30s/,
    ],
    [
      'a lost disk',
      { disks: disk({ error: new Error('KAFKA_STORAGE_ERROR') as ClientError }) },
      /error: Directory \/d of broker 1 is lost/,
    ],
    ['a full disk', { disks: disk({ usableBytes: 5 }) }, /warning: Directory \/d of broker 1 has 5B of 100B left/],
    [
      'clocks apart',
      { quorum: { leaderId: 1, lag: new Map(), leaderNowMs: NOW - 60_000 } },
      /warning: The clock of controller 1 is 1m00s behind/,
    ],
    [
      'voters behind',
      { quorum: { leaderId: 1, lag: new Map([[3, 5000]]), leaderNowMs: NOW } },
      /warning: Voters of the metadata are behind: 3 \(5000 records\)/,
    ],
    [
      'what it could not look at',
      { unasked: ['groups: not allowed'] },
      /note: This could not be looked at: groups: not allowed/,
    ],
  ];
  for (const [name, facts, words] of cases) it(`tells of ${name}`, () => expect(said(facts)).to.match(words));

  it('puts the worst first, and tells it by the exit code', () => {
    const findings: Finding[] = [
      { gravity: 'note', what: 'a', advice: 'A' },
      { gravity: 'error', what: 'b', advice: 'B' },
      { gravity: 'warning', what: 'c', advice: 'C' },
    ];
    expect(findingsText(findings, 'Looked.', false)).to.equal(
      'ERROR: b\n  B\n\nWARNING: c\n  C\n\nnote: a\n  A\n\nLooked. 1 error and 1 warning.\n',
    );
    expect([findings, findings.slice(0, 1), findings.slice(2), []].map(exitCodeOf)).to.deep.equal([2, 0, 1, 0]);
  });
});

describe('The doctor of a data directory', () => {
  const META = 'version=1\nnode.id=1\ncluster.id=aaaaaaaaaaaaaaaaaaaaaa\ndirectory.id=bbbbbbbbbbbbbbbbbbbbbb\n';

  function directory(segment: Uint8Array, files: Readonly<Record<string, string>> = {}): MemoryDisk {
    const memory = new MemoryDisk({ nowMs: () => 0 });
    memory.makeDirectorySync('/data/t-0');
    memory.writeFileSync('/data/meta.properties', Buffer.from(META));
    memory.writeFileSync('/data/.kafka_cleanshutdown', Buffer.from('{}'));
    memory.writeFileSync('/data/t-0/00000000000000000000.log', segment);
    for (const [path, content] of Object.entries(files)) {
      memory.makeDirectorySync(path.slice(0, path.lastIndexOf('/')));
      memory.writeFileSync(path, Buffer.from(content));
    }
    return memory;
  }

  const batch = (baseOffset: number): Buffer =>
    buildBatch([{ key: null, value: Buffer.from('v'), headers: [] }], { baseOffset });
  const findings = (memory: MemoryDisk, isDeep = true): string =>
    directoryFindings(memory, '/data', isDeep)
      .findings.map(({ gravity, what }) => `${gravity}: ${what}`)
      .join('\n');

  it('has nothing to say of one that is whole, and changes nothing', () => {
    const memory = directory(Buffer.concat([batch(0), batch(1)]));
    const { findings: found, looked } = directoryFindings(memory, '/data', true);
    expect(found).to.deep.equal([]);
    expect(looked).to.match(/1 log, 1 segment.*2 batches/);
    expect(
      memory
        .listSync('/data')
        .map(({ name }) => name)
        .sort(),
    ).to.deep.equal(['.kafka_cleanshutdown', 'meta.properties', 't-0']);
  });

  it('tells of batches that are damaged, or cut', () => {
    const damaged = Buffer.concat([batch(0), batch(1)]);
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] as number) ^ 0xff;
    expect(findings(directory(damaged))).to.match(/warning: t-0\/0+\.log, position \d+: Record is corrupt/);
    expect(findings(directory(batch(0).subarray(0, 40)))).to.match(
      /warning: .*40 bytes follow that are no whole batch/,
    );
    expect(findings(directory(Buffer.concat([batch(0), Buffer.alloc(100)])))).to.match(/100 bytes of zeros follow/);
    const older = directory(damaged, { '/data/t-0/00000000000000000005.log': '' });
    expect(findings(older)).to.match(/error: t-0\/0+\.log/);
    expect(findings(older, false)).to.equal('');
  });

  it('tells of offsets that go back', () => {
    expect(findings(directory(Buffer.concat([batch(5), batch(2)])))).to.match(
      /error: .*begins at offset 2, and 6 was expected/,
    );
  });

  it('tells of indexes, leftovers and identity', () => {
    const memory = directory(batch(0), {
      '/data/t-0/00000000000000000000.index': 'abc',
      '/data/t-0/00000000000000000000.log.cleaned': '',
      '/data/u-0.0123456789abcdef0123456789abcdef-stray/x': '',
    });
    expect(findings(memory))
      .to.match(/\.index has 3 bytes/)
      .and.match(/cleaning was interrupted/)
      .and.match(/Strays/);
    memory.removeSync('/data/meta.properties');
    memory.removeSync('/data/.kafka_cleanshutdown');
    expect(findings(memory))
      .to.match(/error: There are logs, and no meta\.properties/)
      .and.match(/note: The broker runs, or was not stopped/);
    memory.writeFileSync('/data/meta.properties', Buffer.from('version=0\n'));
    expect(findings(memory)).to.match(/error: .*version 0/);
  });
});
