// The answers that Apache Kafka 4.3.1 gave (verified.md, section 7), text for text.
import { expect } from 'chai';
import { Errors, KafkaError } from '../../../../src/protocol/index.ts';
import type { CreateTopicsRequest } from '../../../../src/protocol/messages/19-create-topics.ts';
import type { NodeUnderTest } from '../../node-under-test.ts';
import { openPolicy } from '../../node-under-test.ts';
import { rejected, World } from '../../world.ts';

type Topic = CreateTopicsRequest['topics'][number];

const zero = 'AAAAAAAAAAAAAAAAAAAAAA';
const topic = (name: string, change: Partial<Topic> = {}): Topic => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...change,
});
const assigned = (...brokers: [number, number[]][]): Partial<Topic> => ({
  numPartitions: -1,
  replicationFactor: -1,
  assignments: brokers.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
});

const policy = {
  ...openPolicy,
  checkConfigs(_type: number, _name: string, configs: ReadonlyMap<string, string>) {
    if (configs.has('no.such.config')) {
      throw new KafkaError(Errors.INVALID_CONFIG, 'Unknown topic config name: no.such.config');
    }
  },
  effectiveTopicConfigs: (overrides: ReadonlyMap<string, string>) => [
    {
      name: 'retention.ms',
      value: overrides.get('retention.ms') ?? '604800000',
      readOnly: false,
      configSource: overrides.has('retention.ms') ? 1 : 5,
      isSensitive: false,
    },
  ],
};

describe('topics', () => {
  let world: World;
  let node: NodeUnderTest;
  const create = (topics: Topic[], validateOnly = false) =>
    world.run(node.controller.createTopics({ topics, timeoutMs: 1000, validateOnly }));
  const remove = (topics: { name: string | null; topicId: string }[], topicNames: string[] = []) =>
    world.run(
      node.controller.deleteTopics({ topics, topicNames, timeoutMs: 1000 }, { apiVersion: 6, sharesFate: false }),
    );
  const grow = (name: string, count: number, brokers: number[][] | null = null, validateOnly = false) =>
    world.run(
      node.controller.createPartitions({
        topics: [{ name, count, assignments: brokers?.map((brokerIds) => ({ brokerIds })) ?? null }],
        timeoutMs: 1000,
        validateOnly,
      }),
    );

  beforeEach(async () => {
    world = new World();
    node = await world.open({ policy });
    await world.run(node.join());
    await create([topic('ct7'), topic('x.y_z'), topic('grow', { numPartitions: 2 })]);
  });

  it('are there for the publishers when their creation is answered, with what the answer says', async () => {
    const { topics } = await create([
      topic('new', { numPartitions: 3, configs: [{ name: 'retention.ms', value: '5' }] }),
    ]);
    const image = node.loader.image.topics.byName.get('new');
    expect(topics).to.deep.equal([
      {
        name: 'new',
        topicId: image?.id,
        errorCode: 0,
        errorMessage: null,
        topicConfigErrorCode: 0,
        numPartitions: 3,
        replicationFactor: 1,
        configs: [{ name: 'retention.ms', value: '5', readOnly: false, configSource: 1, isSensitive: false }],
      },
    ]);
    expect(image?.partitions).to.have.length(3);
    expect(image?.partitions[2]).to.deep.include({ partition: 2, leader: 1, leaderEpoch: 0, isr: [1], replicas: [1] });
    expect(image?.partitions[0]?.directories).to.deep.equal([node.formatted.metadataLogDir.directoryId]);
    expect(Object.fromEntries(node.loader.image.configs.get(2, 'new'))).to.deep.equal({ 'retention.ms': '5' });
  });

  const refusals: readonly [string, Topic, number, string][] = [
    ['a name that exists', topic('ct7'), 36, "Topic 'ct7' already exists."],
    [
      'a name with a space',
      topic('a b'),
      17,
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
    ['an empty name', topic(''), 17, 'Topic name is invalid: the empty string is not allowed'],
    ['a dot', topic('.'), 17, "Topic name is invalid: '.' is not allowed"],
    [
      '250 characters',
      topic('y'.repeat(250)),
      17,
      `Topic name is invalid: the length of '${'y'.repeat(250)}' is longer than the max allowed length 249`,
    ],
    ['a colliding name', topic('x_y.z'), 17, "Topic 'x_y.z' collides with existing topic: x.y_z"],
    [
      'the metadata topic',
      topic('__cluster_metadata'),
      42,
      'Creation of internal topic __cluster_metadata is prohibited.',
    ],
    [
      'three replicas on one broker',
      topic('n', { replicationFactor: 3 }),
      38,
      'Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.',
    ],
    [
      'no replicas',
      topic('n', { replicationFactor: 0 }),
      38,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    ],
    [
      'minus two replicas',
      topic('n', { replicationFactor: -2 }),
      38,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    ],
    [
      'no partitions',
      topic('n', { numPartitions: 0 }),
      37,
      'Number of partitions was set to an invalid non-positive value.',
    ],
    [
      'minus two partitions',
      topic('n', { numPartitions: -2 }),
      37,
      'Number of partitions was set to an invalid non-positive value.',
    ],
    [
      'assignment and replicas',
      topic('n', { ...assigned([0, [1]]), replicationFactor: 1 }),
      42,
      'A manual partition assignment was specified, but replication factor was not set to -1.',
    ],
    [
      'assignment and partitions',
      topic('n', { ...assigned([0, [1]]), numPartitions: 1 }),
      42,
      'A manual partition assignment was specified, but numPartitions was not set to -1.',
    ],
    ['a gap', topic('n', assigned([1, [1]])), 39, 'partitions should be a consecutive 0-based integer sequence'],
    [
      'an unknown broker',
      topic('n', assigned([0, [9]])),
      39,
      'The manual partition assignment includes broker 9, but no such broker is registered.',
    ],
    [
      'a broker twice',
      topic('n', assigned([0, [1, 1]])),
      39,
      'The manual partition assignment includes the broker 1 more than once.',
    ],
    [
      'a partition twice',
      topic('n', assigned([0, [1]], [0, [1]])),
      39,
      'Found multiple manual partition assignments for partition 0',
    ],
    ['no broker', topic('n', assigned([0, []])), 39, 'The manual partition assignment includes an empty replica list.'],
    [
      'an unknown config',
      topic('n', { configs: [{ name: 'no.such.config', value: '1' }] }),
      40,
      'Unknown topic config name: no.such.config',
    ],
    [
      'a null config',
      topic('n', { configs: [{ name: 'retention.ms', value: null }] }),
      40,
      'Null value not supported for topic configs: retention.ms',
    ],
  ];
  for (const [what, asked, errorCode, errorMessage] of refusals) {
    it(`are not created with ${what}`, async () => {
      const before = node.raft.logEndOffset;
      const { topics } = await create([asked]);
      expect(topics).to.deep.equal([
        {
          name: asked.name,
          topicId: zero,
          errorCode,
          errorMessage,
          numPartitions: -1,
          replicationFactor: -1,
          configs: [],
        },
      ]);
      expect(node.raft.logEndOffset).to.equal(before);
    });
  }

  it('take the defaults, manual assignments, names of 249 characters and configs given twice', async () => {
    const configs = [
      { name: 'retention.ms', value: '1' },
      { name: 'retention.ms', value: '2' },
    ];
    const { topics } = await create([
      topic('def', { numPartitions: -1, replicationFactor: -1 }),
      topic('asg', assigned([0, [1]], [1, [1]])),
      topic('y'.repeat(249)),
      topic('dc', { configs }),
    ]);
    expect(topics.map(({ errorCode, numPartitions }) => [errorCode, numPartitions])).to.deep.equal([
      [0, 1],
      [0, 2],
      [0, 1],
      [0, 1],
    ]);
    expect(node.loader.image.configs.get(2, 'dc').get('retention.ms')).to.equal('2');
  });

  it('that stand twice in a request are refused, the others are created', async () => {
    const { topics } = await create([topic('dup'), topic('dup'), topic('notdup')]);
    expect(topics.map(({ name, errorCode, errorMessage }) => [name, errorCode, errorMessage])).to.deep.equal([
      ['notdup', 0, null],
      ['dup', 42, 'Duplicate topic name.'],
    ]);
    expect(node.loader.image.topics.byName.has('notdup')).to.equal(true);
  });

  it('of more than 10,000 partitions fail as a request', async () => {
    const error = await rejected(create([topic('mp', { numPartitions: 10_001 })]));
    expect(error).to.include({
      code: Errors.POLICY_VIOLATION,
      wireMessage: 'Excessively large number of partitions per request.',
    });
  });

  it('are only looked at with validateOnly', async () => {
    const { topics } = await create([topic('vo', { numPartitions: 2 }), topic('ct7')], true);
    expect(topics[0]).to.include({ name: 'vo', errorCode: 0, numPartitions: 2 });
    expect(topics[1]).to.include({ errorCode: 36 });
    expect(node.loader.image.topics.byName.has('vo')).to.equal(false);
  });

  it('are deleted by name or id, with their configs, and come back with another id', async () => {
    await create([topic('del', { configs: [{ name: 'retention.ms', value: '5' }] }), topic('del2')]);
    const first = node.loader.image.topics.byName.get('del')?.id as string;
    const other = node.loader.image.topics.byName.get('del2')?.id as string;
    expect(
      await remove([
        { name: null, topicId: first },
        { name: 'del2', topicId: zero },
      ]),
    ).to.deep.equal({
      throttleTimeMs: 0,
      responses: [
        { name: 'del', topicId: first, errorCode: 0, errorMessage: null },
        { name: 'del2', topicId: other, errorCode: 0, errorMessage: null },
      ],
    });
    expect(node.loader.image.topics.byName.has('del')).to.equal(false);
    expect(node.loader.image.configs.get(2, 'del').size).to.equal(0);
    await create([topic('del')]);
    expect(node.loader.image.topics.byName.get('del')?.id).not.to.equal(first);
  });

  it("are refused for deletion in Kafka's words", async () => {
    const id = node.loader.image.topics.byName.get('ct7')?.id as string;
    const unknown = 'tL0Yn4KbTHe2BQ1UQmTB7w';
    const answers = async (...asked: { name: string | null; topicId: string }[]) => (await remove(asked)).responses;
    expect(await answers({ name: 'nope', topicId: zero }, { name: null, topicId: unknown })).to.deep.equal([
      { name: null, topicId: unknown, errorCode: 100, errorMessage: 'This server does not host this topic ID.' },
      { name: 'nope', topicId: zero, errorCode: 3, errorMessage: 'This server does not host this topic-partition.' },
    ]);
    expect(await answers({ name: 'ct7', topicId: id })).to.deep.equal([
      { name: 'ct7', topicId: id, errorCode: 42, errorMessage: 'You may not specify both topic name and topic id.' },
    ]);
    expect(await answers({ name: null, topicId: zero })).to.deep.equal([
      { name: null, topicId: zero, errorCode: 42, errorMessage: 'Neither topic name nor id were specified.' },
    ]);
    expect(await answers({ name: 'ct7', topicId: zero }, { name: null, topicId: id })).to.deep.equal([
      {
        name: 'ct7',
        topicId: id,
        errorCode: 42,
        errorMessage: 'The provided topic name maps to an ID that was already supplied.',
      },
    ]);
    expect((await remove([], ['nope', 'ct7', 'ct7', 'ct7'])).responses).to.deep.equal([
      { name: 'ct7', topicId: zero, errorCode: 42, errorMessage: 'Duplicate topic name.' },
      { name: 'nope', topicId: zero, errorCode: 3, errorMessage: 'This server does not host this topic-partition.' },
    ]);
    expect(node.loader.image.topics.byName.has('ct7')).to.equal(true);
  });

  it('grow, never shrink, and only as asked', async () => {
    const refused: [number, number[][] | null, number, string][] = [
      [2, null, 37, 'Topic already has 2 partition(s).'],
      [1, null, 37, 'The topic grow currently has 2 partition(s); 1 would not be an increase.'],
      [0, null, 37, 'The topic grow currently has 2 partition(s); 0 would not be an increase.'],
      [-1, null, 37, 'The topic grow currently has 2 partition(s); -1 would not be an increase.'],
      [4, [[1]], 39, 'Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.'],
      [3, [[9]], 39, 'The manual partition assignment includes broker 9, but no such broker is registered.'],
      [3, [[]], 39, 'The manual partition assignment includes an empty replica list.'],
      [20_000, null, 44, 'Excessively large number of partitions per request.'],
    ];
    for (const [count, brokers, errorCode, errorMessage] of refused) {
      expect((await grow('grow', count, brokers)).results).to.deep.equal([{ name: 'grow', errorCode, errorMessage }]);
    }
    expect((await grow('nope', 3)).results).to.deep.equal([{ name: 'nope', errorCode: 3, errorMessage: null }]);
    expect((await grow('grow', 5, null, true)).results).to.deep.equal([
      { name: 'grow', errorCode: 0, errorMessage: null },
    ]);
    expect(node.loader.image.topics.byName.get('grow')?.partitions).to.have.length(2);
    await grow('grow', 3);
    await grow('grow', 4, [[1]]);
    expect(node.loader.image.topics.byName.get('grow')?.partitions).to.have.length(4);
    const twice = { name: 'grow', count: 6, assignments: null };
    const answer = await world.run(
      node.controller.createPartitions({ topics: [twice, twice], timeoutMs: 1, validateOnly: false }),
    );
    expect(answer.results).to.deep.equal([{ name: 'grow', errorCode: 42, errorMessage: 'Duplicate topic name.' }]);
  });

  it('are seen by the next operation before they are committed', async () => {
    const both = await world.run(
      Promise.all([
        node.controller.createTopics({ topics: [topic('twin')], timeoutMs: 1, validateOnly: false }),
        node.controller.createTopics({ topics: [topic('twin')], timeoutMs: 1, validateOnly: false }),
      ]),
    );
    expect(both.map(({ topics }) => topics[0]?.errorCode)).to.deep.equal([0, 36]);
  });
});
