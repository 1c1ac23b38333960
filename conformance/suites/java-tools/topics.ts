import { same, that } from '../../suite.ts';
import { type Steps, TOOLS } from './session.ts';

export const TOPICS: Steps = {
  'topics --create': async (s) => {
    const text = await s.topics('--create', '--topic', 'made', '--partitions', '3', '--replication-factor', '1');
    that(text.includes('Created topic made.'), text);
  },
  'topics --create with configs': async (s) => {
    const configs = ['--config', 'retention.ms=60000', '--config', 'segment.bytes=2097152'];
    await s.topics('--create', '--topic', 'made-with', '--partitions', '1', ...configs);
    const text = await s.topics('--describe', '--topic', 'made-with');
    that(/Configs: .*retention\.ms=60000/.test(text) && text.includes('segment.bytes=2097152'), text);
  },
  'topics --create with defaults': async (s) => {
    await s.topics('--create', '--topic', 'made-default');
    that((await s.topics('--describe', '--topic', 'made-default')).includes('PartitionCount: 4'), 'partitions');
  },
  'topics --create of one that exists': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--create', '--topic', 'made'], /Topic 'made' already exists/),
  'topics --create --if-not-exists': async (s) =>
    void (await s.topics('--create', '--topic', 'made', '--if-not-exists')),
  'topics --create with a bad name': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--create', '--topic', 'not good'], /illegal|invalid/i),
  'topics --create with a factor too large': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--create', '--topic', 'too-much', '--replication-factor', '3'],
      /Unable to replicate the partition 3 time\(s\): The target replication factor of 3 cannot be reached/,
    ),
  'topics --create with no partitions': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--create', '--topic', 'none', '--partitions', '0'],
      /partitions must be greater than 0|Number of partitions/i,
    ),
  'topics --create with a wrong config': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--create', '--topic', 'wrong', '--config', 'retention.ms=soon'],
      /Invalid value soon for configuration retention\.ms|Not a number|soon/,
    ),
  'topics --create with replica assignment': async (s) => {
    await s.topics('--create', '--topic', 'assigned', '--replica-assignment', '0,0');
    that((await s.topics('--describe', '--topic', 'assigned')).includes('PartitionCount: 2'), 'partitions');
  },
  'topics --list': async (s) => {
    const listed = (await s.topics('--list', '--exclude-internal')).trim().split('\n').sort();
    same(listed, ['assigned', 'made', 'made-default', 'made-with'], 'topics');
  },
  'topics --describe': async (s) => {
    const text = await s.topics('--describe', '--topic', 'made');
    that(/Topic: made\s+TopicId: \S{22}\s+PartitionCount: 3\s+ReplicationFactor: 1/.test(text), text);
    that(/Topic: made\s+Partition: 2\s+Leader: 0\s+Replicas: 0\s+Isr: 0/.test(text), text);
  },
  'topics --describe --under-replicated-partitions': async (s) =>
    same(await s.topics('--describe', '--under-replicated-partitions'), '', 'output'),
  'topics --describe of one that is not there': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--describe', '--topic', 'absent'], /Topic 'absent' does not exist/),
  'topics --alter adds partitions': async (s) => {
    await s.topics('--alter', '--topic', 'made', '--partitions', '5');
    that((await s.topics('--describe', '--topic', 'made')).includes('PartitionCount: 5'), 'partitions');
  },
  'topics --alter to fewer': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--alter', '--topic', 'made', '--partitions', '2'],
      /currently has 5 partition\(s\).*would not be an increase|currently has 5 partitions/s,
    ),
  'topics --delete': async (s) => {
    await s.topics('--delete', '--topic', 'assigned');
    that(!(await s.topics('--list')).includes('assigned'), 'still listed');
  },
  'topics --delete of one that is not there': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--delete', '--topic', 'absent'], /Topic 'absent' does not exist/),
  'topics --delete --if-exists, --alter --if-exists': async (s) => {
    same((await s.topics('--delete', '--topic', 'absent', '--if-exists')).trim(), '', 'output');
    same((await s.topics('--alter', '--topic', 'absent', '--if-exists', '--partitions', '9')).trim(), '', 'output');
  },
  'topics --create of names that collide': async (s) => {
    const made = await s.topics('--create', '--topic', 'a.b');
    that(made.includes("topics with a period ('.') or underscore ('_') could collide"), made);
    const collides = /Topic 'a_b' collides with existing topic: a\.b/;
    await s.refused(`${TOOLS}.TopicCommand`, ['--create', '--topic', 'a_b'], collides);
    await s.topics('--delete', '--topic', 'a.b');
  },
  'topics --create of names that cannot be': async (s) => {
    const refusals: [string, RegExp][] = [
      ['..', /Topic name is invalid: '\.\.' is not allowed/],
      ['x'.repeat(250), /the length of '.*' is longer than the max allowed length 249/],
      ['sla/sh', /contains one or more characters other than ASCII alphanumerics/],
    ];
    for (const [name, message] of refusals) {
      await s.refused(`${TOOLS}.TopicCommand`, ['--create', '--topic', name], message);
    }
  },
  'topics --create and --alter with a broker that is not there': async (s) => {
    const message = /The manual partition assignment includes broker 9, but no such broker is registered/;
    const create = ['--create', '--topic', 'nowhere', '--replica-assignment', '0,9'];
    await s.refused(`${TOOLS}.TopicCommand`, create, message);
    const alter = ['--alter', '--topic', 'made-with', '--partitions', '2', '--replica-assignment', '0,9'];
    await s.refused(`${TOOLS}.TopicCommand`, alter, message);
  },
  'topics --alter with an assignment': async (s) => {
    await s.topics('--alter', '--topic', 'made-with', '--partitions', '2', '--replica-assignment', '0,0');
    that((await s.topics('--describe', '--topic', 'made-with')).includes('PartitionCount: 2'), 'partitions');
  },
  'topics --list and --describe by pattern': async (s) => {
    same((await s.topics('--list', '--topic', 'made-.*')).trim().split('\n'), ['made-default', 'made-with'], 'topics');
    const text = await s.topics('--describe', '--topic', 'made-.*');
    same([...text.matchAll(/TopicId: \S{22}/g)].length, 2, 'topics');
  },
  'topics --describe by health': async (s) => {
    for (const filter of ['--unavailable-partitions', '--under-min-isr-partitions']) {
      same((await s.topics('--describe', filter)).trim(), '', filter);
    }
    const text = await s.topics('--describe', '--at-min-isr-partitions', '--topic', 'made-with');
    that(/Topic: made-with\s+Partition: 1\s+Leader: 0\s+Replicas: 0\s+Isr: 0\s+Elr:/.test(text), text);
    // Under ELR every topic has min.insync.replicas as an override of its own.
    const overridden = await s.topics('--describe', '--topics-with-overrides', '--topic', 'made-.*');
    that(
      /Topic: made-with\s.*segment\.bytes=2097152/.test(overridden) && !overridden.includes('Partition: 0'),
      overridden,
    );
  },
  'topics --describe --topic-id, page by page': async (s) => {
    const id = /TopicId: (\S{22})/.exec(await s.topics('--describe', '--topic', 'made'))?.[1] ?? '';
    that((await s.topics('--describe', '--topic-id', id)).includes('Topic: made'), 'by id');
    const text = await s.topics('--describe', '--topic', 'made', '--partition-size-limit-per-response', '2');
    same([...text.matchAll(/Partition: \d/g)].length, 5, 'partitions');
  },
};
