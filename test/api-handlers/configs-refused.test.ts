// What AlterConfigs and IncrementalAlterConfigs refuse, in the words of Apache Kafka.
import { expect } from 'chai';
import { alterConfig, SET } from './alter-config.ts';
import { ControllerBench } from './controller-bench.ts';
import { recordedSettings } from './recorded.ts';

describe('Configs', () => {
  let bench: ControllerBench;

  beforeEach(() => {
    bench = new ControllerBench(recordedSettings());
    bench.setConfig(4, '', 'min.insync.replicas', '1');
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
      expect(
        await alterConfig(bench, type, name, key, value, operation),
        `${type} ${name} ${key} ${value}`,
      ).to.deep.equal(expected);
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
      expect(await alterConfig(bench, 2, 't', key, value), key).to.deep.equal([40, message]);
    expect(await alterConfig(bench, 2, 't', 'min.compaction.lag.ms', '10')).to.deep.equal([0, null]);
    expect(await alterConfig(bench, 2, 't', 'max.compaction.lag.ms', '5')).to.deep.equal([
      40,
      'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
    ]);
  });

  it('are not changed by operations that do not exist, and whoever asks is told so', async () => {
    bench.createTopic('t');
    expect(await alterConfig(bench, 2, 't', 'flush.ms', '1', 9)).to.deep.equal([42, 'Unknown config operation 9']);
    const words = 'Unknown operation type 9 is not allowed for the BROKER_LOGGER resource';
    expect(await alterConfig(bench, 8, '1', 'root', 'INFO', 9)).to.deep.equal([42, words]);
  });
});
