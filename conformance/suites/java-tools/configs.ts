import { writeFileSync } from 'node:fs';
import { that } from '../../suite.ts';
import { CONFIG_COMMAND, type Steps } from './session.ts';

const topic = ['--entity-type', 'topics', '--entity-name', 'made'];
const broker = ['--entity-type', 'brokers', '--entity-name', '0'];

export const CONFIGS: Steps = {
  'configs --alter of a topic': async (s) => {
    await s.configs('--alter', ...topic, '--add-config', 'retention.ms=123456,cleanup.policy=[compact,delete]');
    const text = await s.configs('--describe', ...topic);
    that(text.includes('retention.ms=123456') && text.includes('cleanup.policy=compact,delete'), text);
    that(text.includes('DYNAMIC_TOPIC_CONFIG:retention.ms=123456'), text);
  },
  'configs --describe --all of a topic': async (s) => {
    const text = await s.configs('--describe', '--all', ...topic);
    for (const key of ['max.message.bytes=1048588', 'segment.bytes=1073741824', 'min.insync.replicas=1']) {
      that(text.includes(key), `${key} in ${text}`);
    }
  },
  'configs --delete-config of a topic': async (s) => {
    await s.configs('--alter', ...topic, '--delete-config', 'retention.ms,cleanup.policy');
    that(!(await s.configs('--describe', ...topic)).includes('retention.ms'), 'still there');
  },
  'configs --alter of a topic with a wrong value': (s) =>
    s.refused(CONFIG_COMMAND, ['--alter', ...topic, '--add-config', 'segment.bytes=1'], /segment\.bytes/),
  'configs --alter of a topic with an unknown key': (s) =>
    s.refused(CONFIG_COMMAND, ['--alter', ...topic, '--add-config', 'no.such=1'], /no\.such/),
  'configs --describe of an absent topic': (s) =>
    s.refused(
      CONFIG_COMMAND,
      ['--describe', '--entity-type', 'topics', '--entity-name', 'absent'],
      /The topic 'absent' doesn't exist and doesn't have dynamic config|does not exist/,
    ),
  'configs --describe --all of a broker': async (s) => {
    const text = await s.configs('--describe', '--all', ...broker);
    that(text.includes('num.partitions=4') && text.includes('node.id=0'), text.slice(0, 500));
  },
  'configs --alter of a broker': async (s) => {
    await s.configs('--alter', ...broker, '--add-config', 'log.retention.ms=7654321');
    const text = await s.configs('--describe', ...broker);
    that(text.includes('DYNAMIC_BROKER_CONFIG:log.retention.ms=7654321'), text);
    that((await s.configs('--describe', '--all', ...topic)).includes('retention.ms=7654321'), 'topic default');
    await s.configs('--alter', ...broker, '--delete-config', 'log.retention.ms');
  },
  'configs --alter of all brokers': async (s) => {
    const all = ['--entity-type', 'brokers', '--entity-default'];
    await s.configs('--alter', ...all, '--add-config', 'message.max.bytes=2000000');
    that((await s.configs('--describe', ...all)).includes('message.max.bytes=2000000'), 'default');
    await s.configs('--alter', ...all, '--delete-config', 'message.max.bytes');
  },
  'configs --alter of a read-only key': (s) =>
    s.refused(CONFIG_COMMAND, ['--alter', ...broker, '--add-config', 'node.id=7'], /node\.id/),
  'configs --describe of all topics': async (s) => {
    const text = await s.configs('--describe', '--entity-type', 'topics');
    for (const name of ['made', 'made-with', 'lines'])
      that(text.includes(`Dynamic configs for topic ${name} are:`), name);
    that(
      /segment\.bytes=2097152 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:segment\.bytes=2097152, /.test(text),
      text,
    );
  },
  'configs --describe of all brokers': async (s) => {
    const text = await s.configs('--describe', '--entity-type', 'brokers');
    that(
      text.includes('Dynamic configs for broker 0 are:') &&
        /Default configs for brokers in the cluster are:/.test(text),
      text,
    );
  },
  'configs --describe of a broker that is not there': (s) =>
    s.refused(
      CONFIG_COMMAND,
      ['--describe', '--entity-type', 'brokers', '--entity-name', '9'],
      /The broker '9' doesn't exist and doesn't have dynamic config/,
    ),
  'configs --add-config-file': async (s) => {
    const file = `${s.scratch}/topic.properties`;
    writeFileSync(file, 'cleanup.policy=compact,delete\nretention.bytes=1234567\n');
    await s.configs('--alter', ...topic, '--add-config-file', file);
    const text = await s.configs('--describe', ...topic);
    that(text.includes('cleanup.policy=compact,delete') && text.includes('retention.bytes=1234567'), text);
    await s.configs('--alter', ...topic, '--delete-config', 'cleanup.policy,retention.bytes');
  },
  'configs --alter of a broker with a wrong value': (s) =>
    s.refused(
      CONFIG_COMMAND,
      ['--alter', ...broker, '--add-config', 'log.retention.ms=soon'],
      /Invalid value soon for configuration log\.retention\.ms: Not a number of type LONG/,
    ),
  'configs --alter of min.insync.replicas of one broker, under ELR': (s) =>
    s.refused(
      CONFIG_COMMAND,
      ['--alter', ...broker, '--add-config', 'min.insync.replicas=2'],
      /Broker-level min\.insync\.replicas cannot be altered while ELR is enabled/,
    ),
  'configs --alter of a thread count, at most double': (s) =>
    s.refused(
      CONFIG_COMMAND,
      ['--alter', ...broker, '--add-config', 'num.io.threads=100'],
      /Dynamic thread count update validation failed for num\.io\.threads=100, value should not be greater than double the current value 8/,
    ),
  'configs of broker loggers': async (s) => {
    const loggers = ['--entity-type', 'broker-loggers', '--entity-name', '0'];
    await s.configs('--alter', ...loggers, '--add-config', 'root=WARN');
    that(/root=WARN sensitive=false/.test(await s.configs('--describe', ...loggers)), 'root=WARN');
    await s.configs('--alter', ...loggers, '--add-config', 'root=INFO');
    const unknown = ['--alter', ...loggers, '--add-config', 'no.such.logger=INFO'];
    await s.refused(CONFIG_COMMAND, unknown, /Invalid broker logger\(s\): no\.such\.logger/);
    const loud = ['--alter', ...loggers, '--add-config', 'root=LOUD'];
    await s.refused(
      CONFIG_COMMAND,
      loud,
      /Cannot set the log level of root to LOUD as it is not a supported log level/,
    );
  },
};
