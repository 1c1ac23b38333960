// The answers that Apache Kafka 4.3.1 gave (verified.md, section 8), as far as the controller gives them.
import { expect } from 'chai';
import { Errors, KafkaError } from '../../../../src/protocol/index.ts';
import type { NodeUnderTest } from '../../node-under-test.ts';
import { openPolicy } from '../../node-under-test.ts';
import { World } from '../../world.ts';

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

const policy = {
  ...openPolicy,
  checkConfigs(type: number, _name: string, configs: ReadonlyMap<string, string>) {
    if (type === 99) throw new KafkaError(Errors.INVALID_REQUEST, 'Unknown resource type 99');
    if (configs.get('retention.ms') === 'x') {
      const words = 'Invalid value x for configuration retention.ms: Not a number of type LONG';
      throw new KafkaError(Errors.INVALID_CONFIG, words);
    }
  },
};

type Change = [name: string, configOperation: number, value: string | null];

describe('configs', () => {
  let world: World;
  let node: NodeUnderTest;
  const resource = (resourceType: number, resourceName: string, ...changes: Change[]) => ({
    resourceType,
    resourceName,
    configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
  });
  const alter = async (resources: ReturnType<typeof resource>[], validateOnly = false) => {
    const answer = await world.run(node.controller.incrementalAlterConfigs({ resources, validateOnly }));
    return answer.responses.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]);
  };
  const topic = (...changes: Change[]) => alter([resource(2, 'cfg', ...changes)]);
  const entries = (type: number, name: string) => Object.fromEntries(node.loader.image.configs.get(type, name));
  const OK = [[0, null]];

  beforeEach(async () => {
    world = new World();
    node = await world.open({ policy });
    await world.run(node.join());
    await world.run(node.createTopic('cfg'));
  });

  it('are set, appended, subtracted and deleted', async () => {
    expect(await topic(['retention.ms', SET, '5000'])).to.deep.equal(OK);
    expect(await topic(['cleanup.policy', APPEND, 'compact'])).to.deep.equal(OK);
    expect(entries(2, 'cfg')).to.deep.equal({ 'retention.ms': '5000', 'cleanup.policy': 'delete,compact' });
    const before = node.raft.logEndOffset;
    expect(await topic(['cleanup.policy', APPEND, 'compact'])).to.deep.equal(OK);
    expect(node.raft.logEndOffset).to.equal(before);
    expect(await topic(['cleanup.policy', SUBTRACT, 'delete'])).to.deep.equal(OK);
    expect(await topic(['cleanup.policy', SUBTRACT, 'delete'])).to.deep.equal(OK);
    expect(entries(2, 'cfg')['cleanup.policy']).to.equal('compact');
    expect(await topic(['cleanup.policy', SUBTRACT, 'compact'])).to.deep.equal(OK);
    expect(entries(2, 'cfg')['cleanup.policy']).to.equal('');
    expect(await topic(['cleanup.policy', DELETE, null])).to.deep.equal(OK);
    expect(await topic(['flush.ms', DELETE, null])).to.deep.equal(OK);
    expect(await topic()).to.deep.equal(OK);
    expect(entries(2, 'cfg')).to.deep.equal({ 'retention.ms': '5000' });
  });

  const refusals: readonly [string, Change[], number, string][] = [
    [
      'a bad value',
      [['retention.ms', SET, 'x']],
      40,
      'Invalid value x for configuration retention.ms: Not a number of type LONG',
    ],
    ['null', [['retention.ms', SET, null]], 42, 'Null value not supported for : retention.ms'],
    [
      'an append to what is no list',
      [['retention.ms', APPEND, '1']],
      40,
      "Can't APPEND to key retention.ms because its type is not LIST.",
    ],
    [
      'a key given twice',
      [
        ['flush.ms', SET, '1'],
        ['flush.ms', SET, '2'],
      ],
      42,
      'Error due to duplicate config keys',
    ],
    ['an operation that nobody knows', [['flush.ms', 9, '1']], 42, 'Unknown config operation 9'],
    [
      'a value beyond 32 KiB',
      [['flush.ms', SET, 'x'.repeat(32_768)]],
      40,
      'The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.',
    ],
  ];
  for (const [what, changes, errorCode, errorMessage] of refusals) {
    it(`refuse ${what}, and the controller stays what it is`, async () => {
      expect(await topic(...changes)).to.deep.equal([[errorCode, errorMessage]]);
      expect(node.controller.isActive).to.equal(true);
      expect(entries(2, 'cfg')).to.deep.equal({});
    });
  }

  it('belong to resources that exist, each named once', async () => {
    expect(await alter([resource(2, 'nope', ['flush.ms', SET, '1'])])).to.deep.equal([
      [3, "The topic 'nope' does not exist."],
    ]);
    expect(await alter([resource(99, 'x', ['a', SET, '1'])])).to.deep.equal([[42, 'Unknown resource type 99']]);
    const one = resource(2, 'cfg', ['flush.ms', SET, '1']);
    const words = 'Each resource must appear at most once.';
    expect(await alter([one, one])).to.deep.equal([
      [42, words],
      [42, words],
    ]);
    expect(await alter([resource(4, '9', ['a', SET, '1'])])).to.deep.equal([[102, 'No broker with id 9 found.']]);
  });

  it('are only looked at with validateOnly', async () => {
    expect(await alter([resource(2, 'cfg', ['flush.ms', SET, '7'])], true)).to.deep.equal(OK);
    expect(entries(2, 'cfg')).to.deep.equal({});
  });

  it("are kept for brokers, groups and client metrics, brokers' even when they stay the same", async () => {
    const resources = [
      resource(4, '', ['log.retention.ms', SET, '604800001']),
      resource(4, '1', ['log.cleaner.threads', SET, '2']),
      resource(32, 'cg-x', ['consumer.session.timeout.ms', SET, '50000']),
      resource(16, 'sub1', ['metrics', SET, 'org.apache.kafka.']),
    ];
    expect(await alter(resources)).to.deep.equal([OK[0], OK[0], OK[0], OK[0]]);
    expect(entries(4, '')).to.include({ 'log.retention.ms': '604800001' });
    expect(entries(32, 'cg-x')).to.deep.equal({ 'consumer.session.timeout.ms': '50000' });
    const before = node.raft.logEndOffset;
    await alter(resources);
    expect(node.raft.logEndOffset).to.equal(before + 2);
  });

  it('guard min.insync.replicas while eligible replicas are on, and end them when it changes', async () => {
    expect(await alter([resource(4, '1', ['min.insync.replicas', SET, '2'])])).to.deep.equal([
      [40, 'Broker-level min.insync.replicas cannot be altered while ELR is enabled.'],
    ]);
    expect(await alter([resource(4, '', ['min.insync.replicas', DELETE, null])])).to.deep.equal([
      [40, 'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.'],
    ]);
    const before = node.raft.logEndOffset;
    expect(await topic(['min.insync.replicas', SET, '2'])).to.deep.equal(OK);
    expect(node.raft.logEndOffset).to.equal(before + 2);
  });

  it('are replaced by the legacy request: what is not named goes', async () => {
    await topic(['retention.ms', SET, '5000'], ['flush.ms', SET, '1']);
    const legacy = async (name: string, configs: { name: string; value: string | null }[]) => {
      const resources = [{ resourceType: 2, resourceName: name, configs }];
      const { responses } = await world.run(node.controller.alterConfigs({ resources, validateOnly: false }));
      return responses.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]);
    };
    expect(await legacy('cfg', [{ name: 'max.message.bytes', value: '100000' }])).to.deep.equal(OK);
    expect(entries(2, 'cfg')).to.deep.equal({ 'max.message.bytes': '100000' });
    expect(await legacy('cfg', [{ name: 'max.message.bytes', value: null }])).to.deep.equal([
      [42, 'Null value not supported for : max.message.bytes'],
    ]);
    expect(await legacy('nope', [{ name: 'max.message.bytes', value: '1' }])).to.deep.equal([
      [3, "The topic 'nope' does not exist."],
    ]);
  });
});
