// Kafka's programs that run a load or try out what a broker offers, and the tools that move replicas.

import { writeFileSync } from 'node:fs';
import { same, that } from '../../suite.ts';
import { type Session, type Steps, TOOLS } from './session.ts';

const REASSIGN = `${TOOLS}.reassign.ReassignPartitionsCommand`;
const THROTTLES = 'Clearing broker-level throttles on broker 0\nClearing topic-level throttles on topic made';

/** A file with the assignment of partitions of a topic, each to one broker. */
function assignment(s: Session, topic: string, replicas: readonly number[][]): string[] {
  const file = `${s.scratch}/assignment.json`;
  const partitions = replicas.map((each, partition) => ({ topic, partition, replicas: each }));
  writeFileSync(file, JSON.stringify({ version: 1, partitions }));
  return ['--reassignment-json-file', file];
}

export const PROGRAMS: Steps = {
  'reassign-partitions --list': async (s) => {
    const text = await s.ok(REASSIGN, ['--list']);
    that(text.includes('No partition reassignments found.'), text);
  },
  'reassign-partitions --generate': async (s) => {
    const file = `${s.scratch}/topics.json`;
    writeFileSync(file, JSON.stringify({ version: 1, topics: [{ topic: 'made-with' }] }));
    const text = await s.ok(REASSIGN, ['--generate', '--topics-to-move-json-file', file, '--broker-list', '0']);
    const [current, proposed] = [...text.matchAll(/^\{.*\}$/gm)].map(
      ([json]) => JSON.parse(json) as { partitions: object[] },
    );
    same([current?.partitions.length, proposed?.partitions.length], [2, 2], 'partitions');
    that(/"partition":1,"replicas":\[0\],"log_dirs":\["\/.*"\]/.test(text), text);
  },
  'reassign-partitions --execute to where they are, --verify': async (s) => {
    const file = assignment(s, 'made', [[0], [0]]);
    const text = await s.ok(REASSIGN, ['--execute', ...file]);
    that(text.includes('Successfully started partition reassignments for made-0,made-1'), text);
    const verified = await s.ok(REASSIGN, ['--verify', ...file]);
    that(verified.includes('Reassignment of partition made-1 is completed.') && verified.includes(THROTTLES), verified);
  },
  'reassign-partitions --cancel': async (s) => {
    const text = await s.ok(REASSIGN, ['--cancel', ...assignment(s, 'made', [[0], [0]])]);
    that(text.includes('None of the specified partition reassignments are active.') && text.includes(THROTTLES), text);
  },
  'reassign-partitions --execute to a broker that is not there': (s) =>
    s.refused(REASSIGN, ['--execute', ...assignment(s, 'made', [[0, 1]])], /Unknown broker id 1/),
  ClientCompatibilityTest: async (s) => {
    const served = (await s.ok(`${TOOLS}.BrokerApiVersionsCommand`, [])).match(/DescribeAcls\(29\): \d/) !== null;
    const flags = {
      topic: 'compatibility',
      'offsets-for-times-supported': 'True',
      'cluster-id-supported': 'True',
      'expect-record-too-large-exception': 'False',
      'num-cluster-nodes': '1',
      'create-topics-supported': 'True',
      'describe-acls-supported': served ? 'True' : 'False',
      'describe-configs-supported': 'True',
      'idempotent-producer-supported': 'True',
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const text = await s.ok(`${TOOLS}.ClientCompatibilityTest`, args);
    that(text.includes('SUCCESS.'), text.slice(-400));
  },
  'producer-performance': async (s) => {
    await s.topics('--create', '--topic', 'performance', '--partitions', '2');
    const size = ['--num-records', '20000', '--record-size', '100', '--throughput', '-1'];
    const text = await s.ok(`${TOOLS}.ProducerPerformance`, ['--topic', 'performance', ...size]);
    that(text.includes('20000 records sent'), text);
    const ends = (await s.offsets('--topic', 'performance')).map((line) => Number(line.split(':')[2]));
    same(ends[0] === undefined ? 0 : ends.reduce((sum, end) => sum + end, 0), 20_000, 'records');
  },
  'consumer-performance': async (s) => {
    const args = ['--topic', 'performance', '--num-records', '20000', '--timeout', '20000', '--group', 'performance'];
    const text = await s.ok(`${TOOLS}.ConsumerPerformance`, args);
    const [, numbers] = text.trim().split('\n').slice(-2);
    same(Number(numbers?.split(',')[4]), 20_000, 'records');
  },
  'verifiable-producer, verifiable-consumer': async (s) => {
    await s.topics('--create', '--topic', 'verifiable', '--partitions', '2');
    const produced = await s.ok(`${TOOLS}.VerifiableProducer`, ['--topic', 'verifiable', '--max-messages', '50']);
    that(/"name":"tool_data","sent":50,"acked":50,/.test(produced), produced.slice(-300));
    const args = ['--topic', 'verifiable', '--group-id', 'verifiable', '--max-messages', '50'];
    const consumed = await s.ok(`${TOOLS}.VerifiableConsumer`, args);
    const counts = [...consumed.matchAll(/"records_consumed","count":(\d+)/g)].map(([, count]) => Number(count));
    same(
      counts.reduce((sum, count) => sum + count, 0),
      50,
      'records',
    );
    that(/"offsets_committed".*"success":true/.test(consumed), consumed.slice(-300));
  },
  'end-to-end-latency': async (s) => {
    const args = ['--topic', 'latency', '--num-records', '100', '--producer-acks', 'all', '--record-size', '100'];
    const text = await s.ok(`${TOOLS}.EndToEndLatency`, args);
    that(/Percentiles: 50th = \d+, 99th = \d+/.test(text), text.slice(-300));
  },
};
