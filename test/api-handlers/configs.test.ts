// DescribeConfigs, AlterConfigs and IncrementalAlterConfigs: the recorded session of Apache Kafka, line by line, and what
// it does not show.
import { expect } from 'chai';
import { createTopics } from '../../src/api-handlers/19-create-topics.ts';
import { describeConfigs } from '../../src/api-handlers/32-describe-configs.ts';
import { alterConfigs } from '../../src/api-handlers/33-alter-configs.ts';
import { incrementalAlterConfigs } from '../../src/api-handlers/44-incremental-alter-configs.ts';
import { canonical, differences } from '../../conformance/transcripts/compare.ts';
import type { Logger } from '../../src/runtime/index.ts';
import { ControllerBench } from './controller-bench.ts';
import { answerOf, expectRecorded, recorded, recordedSettings } from './recorded.ts';

interface Entry {
  name: string;
  value: string | null;
  configSource: number;
  readOnly: boolean;
  isSensitive: boolean;
  configType: number;
  synonyms: { name: string; value: string | null; source: number }[];
  documentation: string | null;
}

const SET = 0;

describe('Configs', () => {
  let bench: ControllerBench;
  const describe_ = async (
    resourceType: number,
    resourceName: string,
    keys: string[] | null = null,
    flags: object = {},
  ) => {
    const request = {
      resources: [{ resourceType, resourceName, configurationKeys: keys }],
      includeSynonyms: true,
      includeDocumentation: true,
      ...flags,
    };
    const answer = await answerOf(describeConfigs(bench.describer), 4, request);
    return (answer['results'] as { errorCode: number; errorMessage: string; configs: Entry[] }[])[0];
  };
  const alter = async (
    resourceType: number,
    resourceName: string,
    name: string,
    value: string | null,
    operation = SET,
    validateOnly = false,
  ) => {
    const resource = { resourceType, resourceName, configs: [{ name, configOperation: operation, value }] };
    const answer = await answerOf(incrementalAlterConfigs(bench.validators, bench), 1, {
      resources: [resource],
      validateOnly,
    });
    const [response] = answer['responses'] as { errorCode: number; errorMessage: string | null }[];
    return [response?.errorCode, response?.errorMessage];
  };

  beforeEach(() => {
    bench = new ControllerBench(recordedSettings());
    bench.setConfig(4, '', 'min.insync.replicas', '1');
  });

  it('are set and shown as Apache Kafka does', async () => {
    const handlers = [
      createTopics(bench),
      describeConfigs(bench.describer),
      alterConfigs(bench.validators, bench),
      incrementalAlterConfigs(bench.validators, bench),
    ];
    const lines = recorded(/^(setup\.create\.cfg|describeconfigs\.|incremental\.|alterconfigs\.)/);
    let played = 0;
    for (const line of lines) {
      const handler = handlers.find(({ api }) => api.key === line.key);
      const isOurs = line.conn === 'c' && line.unstable !== true && line.id !== 'incremental.op9';
      if (handler === undefined || !isOurs) continue;
      await expectRecorded(handler as never, line);
      played++;
    }
    expect(played).to.be.greaterThan(55);
  });

  it('of the broker are those of Apache Kafka: names, values, sources, synonyms, types, what is secret and what is fixed', async () => {
    const [line] = recorded(/^describeconfigs\.broker$/);
    const theirs =
      (line as { responseJson: { results: { configs: Entry[] }[] } }).responseJson.results[0]?.configs ?? [];
    const ours = (await describe_(4, '1'))?.configs ?? [];
    const known = new Map(ours.map((entry) => [entry.name, entry]));
    // Defaults that are our own, and what only a broker that has been formatted and started sets.
    const differing = new Set([
      'advertised.listeners',
      'node.id',
      'log.dirs',
      'listeners',
      'process.roles',
      'controller.listener.names',
    ]);
    for (const entry of theirs) {
      if (differing.has(entry.name)) continue;
      const own = known.get(entry.name);
      const plain = { ...entry, documentation: null };
      expect(
        differences(canonical(plain, new Set()), canonical({ ...own, documentation: null }, new Set())),
        entry.name,
      ).to.deep.equal([]);
    }
    const missing = theirs.filter(({ name }) => !known.has(name)).map(({ name }) => name);
    const surplus = ours.filter(({ name }) => !theirs.some((entry) => entry.name === name)).map(({ name }) => name);
    expect(missing).to.deep.equal([]);
    expect(surplus.filter((name) => !name.startsWith('ottla.'))).to.deep.equal([]);
  });

  it('show documentation only when it is asked for, and have one for every key', async () => {
    for (const [type, name] of [
      [4, '1'],
      [32, 'g'],
      [16, 's'],
    ] as const) {
      const custom = /^listener\.name\.|^super\.users$/;
      for (const entry of (await describe_(type, name))?.configs ?? []) {
        if (!custom.test(entry.name)) expect(entry.documentation, entry.name).to.match(/\S/);
      }
      const plain = await describe_(type, name, null, { includeDocumentation: false });
      expect(plain?.configs.every(({ documentation }) => documentation === null)).to.equal(true);
    }
  });

  it('of a topic follow topic, broker, all brokers, file and default, in this order', async () => {
    bench.createTopic('t');
    const effective = async () => {
      const entry = (await describe_(2, 't', ['segment.bytes']))?.configs[0];
      return [entry?.value, entry?.configSource, entry?.synonyms.map(({ source }) => source)];
    };
    expect(await effective()).to.deep.equal(['1073741824', 5, [5]]);
    bench.setConfig(4, '', 'log.segment.bytes', '2000000');
    expect(await effective()).to.deep.equal(['2000000', 3, [3, 5]]);
    bench.setConfig(4, '1', 'log.segment.bytes', '3000000');
    expect(await effective()).to.deep.equal(['3000000', 2, [2, 3, 5]]);
    bench.setConfig(2, 't', 'segment.bytes', '4000000');
    expect(await effective()).to.deep.equal(['4000000', 1, [1, 2, 3, 5]]);
    bench.setConfig(4, '1', 'log.segment.bytes', null);
    bench.setConfig(2, 't', 'segment.bytes', null);
    expect(await effective()).to.deep.equal(['2000000', 3, [3, 5]]);
  });

  it('of a topic turn hours and minutes of the file into milliseconds', async () => {
    for (const [key, text, expected] of [
      ['log.retention.hours', '2', '7200000'],
      ['log.retention.minutes', '3', '180000'],
      ['log.retention.ms', '4', '4'],
    ] as const) {
      bench = new ControllerBench(
        new Map([
          ['log.retention.hours', '2'],
          [key, text],
        ]),
      );
      bench.createTopic('t');
      expect((await describe_(2, 't', ['retention.ms']))?.configs[0]?.value, key).to.equal(expected);
      const [created] = bench.describer.effectiveTopicConfigs(new Map()).filter(({ name }) => name === 'retention.ms');
      expect([created?.value, created?.configSource], key).to.deep.equal([expected, 4]);
    }
  });

  it('of a broker are refused in the words of Apache Kafka', async () => {
    const refused: [number, string, string, string | null, number, unknown[]][] = [
      [4, '1', 'log.retention.ms', '1', 2, [40, 'Config value append is not allowed for config key: log.retention.ms']],
      [
        4,
        '1',
        'log.retention.ms',
        '1',
        3,
        [40, 'Config value subtract is not allowed for config key: log.retention.ms'],
      ],
      [
        4,
        '1',
        'log.cleanup.policy',
        'bad',
        2,
        [42, 'Invalid value bad for configuration log.cleanup.policy: String must be one of: compact, delete'],
      ],
      [4, '1', 'no.such', 'x', 2, [40, 'Unknown config name: no.such']],
      [4, '1', 'no.such', 'x', 9, [42, 'Unknown operations type 9']],
      [
        4,
        '',
        'ssl.keystore.location',
        '/x',
        SET,
        [
          42,
          'These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]',
        ],
      ],
      [
        4,
        '',
        'ssl.protocol',
        'TLS',
        SET,
        [42, 'Cannot update these configs at default cluster level, broker id must be specified: [ssl.protocol]'],
      ],
      [
        4,
        '1',
        'num.io.threads',
        '0',
        SET,
        [42, 'Invalid value 0 for configuration num.io.threads: Value must be at least 1'],
      ],
      [
        4,
        '1',
        'leader.replication.throttled.rate',
        '-1',
        SET,
        [42, 'Invalid value -1 for configuration leader.replication.throttled.rate: Value must be at least 0'],
      ],
      [
        4,
        '1',
        'log.segment.bytes',
        '5',
        SET,
        [42, 'Invalid value 5 for configuration log.segment.bytes: Value must be at least 1048576'],
      ],
      [8, '1', 'root', null, 1, [42, 'Removing the log level of the root logger is not allowed']],
      [8, '1', 'root', 'INFO', 2, [42, 'APPEND operation is not allowed for the BROKER_LOGGER resource']],
      [8, '2', 'root', 'INFO', SET, [42, 'Unexpected node id. Expected 1, but received 2']],
      [8, '', 'root', 'INFO', SET, [42, 'Node id must be an integer, but it is: ']],
      [32, '', 'consumer.session.timeout.ms', '46000', SET, [42, 'Default group resources are not allowed.']],
      [
        32,
        'g',
        'consumer.session.timeout.ms',
        '99000000',
        SET,
        [40, 'consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms'],
      ],
      [
        32,
        'g',
        'share.auto.offset.reset',
        'x',
        SET,
        [
          40,
          "Invalid value x for configuration share.auto.offset.reset: Invalid value `x` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
        ],
      ],
      [
        32,
        'g',
        'share.delivery.count.limit',
        '11',
        2,
        [40, "Can't APPEND to key share.delivery.count.limit because its type is not LIST."],
      ],
      [16, '', 'interval.ms', '200', SET, [42, "Subscription name can't be empty"]],
      [16, 's', 'nope', '200', SET, [42, 'Unknown client metrics configuration: nope']],
      [16, 's', 'match', 'client_id=a', 2, [40, "Can't APPEND to key match because its type is not LIST."]],
      [0, 's', 'match', 'x', SET, [42, 'Unknown resource type 0']],
    ];
    for (const [type, name, key, value, operation, expected] of refused) {
      expect(await alter(type, name, key, value, operation), `${type} ${name} ${key} ${value}`).to.deep.equal(expected);
    }
  });

  it('of a topic are refused in the words of Apache Kafka', async () => {
    bench.createTopic('t');
    const refused: [string, string, string][] = [
      [
        'compression.gzip.level',
        '0',
        'Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1',
      ],
      ['retention.ms', '-2', 'Invalid value -2 for configuration retention.ms: Value must be at least -1'],
      [
        'leader.replication.throttled.replicas',
        'x',
        "Invalid value [x] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
      ],
      [
        'segment.bytes',
        '2097152.5',
        'Invalid value 2097152.5 for configuration segment.bytes: Not a number of type INT',
      ],
      [
        'remote.storage.enable',
        'true',
        'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
      ],
      [
        'max.compaction.lag.ms',
        '-1',
        'Invalid value -1 for configuration max.compaction.lag.ms: Value must be at least 1',
      ],
    ];
    for (const [key, value, message] of refused)
      expect(await alter(2, 't', key, value), key).to.deep.equal([40, message]);
    expect(await alter(2, 't', 'min.compaction.lag.ms', '10')).to.deep.equal([0, null]);
    expect(await alter(2, 't', 'max.compaction.lag.ms', '5')).to.deep.equal([
      40,
      'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
    ]);
  });

  it('are not changed by operations that do not exist, and whoever asks is told so', async () => {
    bench.createTopic('t');
    expect(await alter(2, 't', 'flush.ms', '1', 9)).to.deep.equal([42, 'Unknown config operation 9']);
    const words = 'Unknown operation type 9 is not allowed for the BROKER_LOGGER resource';
    expect(await alter(8, '1', 'root', 'INFO', 9)).to.deep.equal([42, words]);
  });

  it('of a broker take effect at once, and a trial does not', async () => {
    const changes: string[] = [];
    bench.configs.onChange((changed) => changes.push(...changed));
    expect(await alter(4, '1', 'max.connections', '7', SET, true)).to.deep.equal([0, null]);
    expect(bench.configs.text('max.connections')).to.equal('2147483647');
    expect(await alter(4, '1', 'max.connections', '7')).to.deep.equal([0, null]);
    expect(bench.configs.text('max.connections')).to.equal('7');
    expect(await alter(4, '1', 'max.connections', null, 1)).to.deep.equal([0, null]);
    expect(bench.configs.text('max.connections')).to.equal('2147483647');
    expect(changes).to.deep.equal(['max.connections', 'max.connections']);
  });

  it('of a directory that another program wrote are passed over where they cannot be read or changed', () => {
    bench.setConfig(4, '', 'max.connections', 'many');
    bench.setConfig(4, '', 'num.partitions', '5');
    expect([bench.configs.text('max.connections'), bench.configs.text('num.partitions')]).to.deep.equal([
      '2147483647',
      '1',
    ]);
  });

  it('of loggers are levels, changed in this broker alone', async () => {
    const said: string[] = [];
    const sink: Logger = { log: (_, message) => void said.push(message), child: () => sink };
    const logger = bench.loggers.filtered(sink);
    const chatty = logger.child('controller');
    chatty.log('debug', 'quiet');
    expect(await alter(8, '1', 'controller', 'DEBUG')).to.deep.equal([0, null]);
    chatty.log('debug', 'loud');
    logger.log('debug', 'quiet');
    expect(await alter(8, '1', 'root', 'ERROR')).to.deep.equal([0, null]);
    logger.log('warn', 'quiet');
    expect(said).to.deep.equal(['loud']);
    const levels = (await describe_(8, '1'))?.configs.map(({ name, value }) => [name, value]);
    expect(levels).to.deep.equal([
      ['root', 'ERROR'],
      ['controller', 'DEBUG'],
    ]);
    expect(await alter(8, '1', 'controller', null, 1)).to.deep.equal([0, null]);
    expect((await describe_(8, '1', ['controller']))?.configs[0]?.value).to.equal('ERROR');
    expect(bench.image.configs.resourceCount).to.equal(1);
  });

  it('of a topic without a name are INVALID_REQUEST, whatever is asked of it, and of its neighbour they are changed', async () => {
    bench.createTopic('t');
    const resources = ['', 't'].map((resourceName) => ({
      resourceType: 2,
      resourceName,
      configs: [{ name: 'retention.ms', configOperation: SET, value: '1' }],
    }));
    for (const validateOnly of [false, true]) {
      const answers = [
        await answerOf(incrementalAlterConfigs(bench.validators, bench), 1, { resources, validateOnly }),
        await answerOf(alterConfigs(bench.validators, bench), 2, { resources, validateOnly }),
      ];
      for (const answer of answers) {
        expect(answer['responses']).to.deep.equal([
          {
            errorCode: 42,
            errorMessage: 'Default topic resources are not allowed.',
            resourceType: 2,
            resourceName: '',
          },
          { errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't' },
        ]);
      }
    }
    expect(await alter(2, 'a b', 'retention.ms', '1')).to.have.property('0', 17);
  });

  it('of several resources fail and succeed one by one, in the order of the question', async () => {
    bench.createTopic('t');
    const resource = (resourceType: number, resourceName: string, name: string, value: string) => ({
      resourceType,
      resourceName,
      configs: [{ name, value }],
    });
    const resources = [
      resource(4, '9', 'max.connections', '1'),
      resource(2, 't', 'retention.ms', '1'),
      resource(99, 'x', 'a', '1'),
      resource(2, 'nope', 'retention.ms', '1'),
      resource(4, '1', 'max.connections', '1'),
    ];
    const answer = await answerOf(alterConfigs(bench.validators, bench), 2, { resources, validateOnly: false });
    const codes = (answer['responses'] as { resourceName: string; errorCode: number }[]).map((one) => [
      one.resourceName,
      one.errorCode,
    ]);
    expect(codes).to.deep.equal([
      ['9', 42],
      ['t', 0],
      ['x', 42],
      ['nope', 3],
      ['1', 0],
    ]);
  });
});
