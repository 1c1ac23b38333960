// Where there are several nodes: replicas, reassignment, elections. In order: later steps use what earlier ones made.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { same, that } from '../../suite.ts';
import {
  ALL,
  CLUSTER,
  described,
  ELECTION,
  executed,
  plan,
  REASSIGN,
  RECORDS,
  type ReplicaSteps,
  verifiedDone,
  withPlan,
} from './replicated.ts';
import { rowsOf, TOOLS } from './session.ts';

export const REPLICAS: ReplicaSteps = {
  'topics --create with three replicas': async ({ s }) => {
    await s.topics('--create', '--topic', 'whole', '--partitions', '3', '--replication-factor', '3');
    const found = await described(s, 'whole');
    same(found.size, 3, 'partitions');
    for (const { replicas, isr, leader } of found.values()) {
      same(replicas.split(',').sort(), ALL.split(','), 'replicas');
      same([isr, leader], [ALL.split(','), replicas.split(',')[0]], 'ISR, leader');
    }
    same(new Set([...found.values()].map(({ leader }) => leader)).size, 3, 'leaders');
  },
  'topics --create with an assignment': async ({ s }) => {
    await s.topics('--create', '--topic', 'one', '--replica-assignment', '0:1:2,2:1:0');
    const found = await described(s, 'one');
    same([found.get('one-0')?.replicas, found.get('one-1')?.replicas], ['0,1,2', '2,1,0'], 'replicas');
  },
  'topics --create with more replicas than brokers': ({ s }) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--create', '--topic', 'four', '--replication-factor', '4'],
      /Unable to replicate the partition 4 time\(s\): The target replication factor of 4 cannot be reached because only 3 broker\(s\) are registered/,
    ),
  'broker-api-versions of each': async ({ s }) => {
    const text = await s.ok(`${TOOLS}.BrokerApiVersionsCommand`, []);
    const ids = [...text.matchAll(/\(id: (\d) rack: RACK(\d) isFenced: false\) -> \(/g)].map(([, id, rack]) => [
      id,
      rack,
    ]);
    same(
      ids.sort(([one], [other]) => Number(one) - Number(other)),
      [
        ['0', '0'],
        ['1', '1'],
        ['2', '2'],
      ],
      'brokers',
    );
  },
  'cluster list-endpoints': async ({ s }) => {
    const text = await s.ok(CLUSTER, ['list-endpoints', '--include-fenced-brokers']);
    const rows = rowsOf(text, 'ID').map((row) => `${row['ID']} ${row['RACK']} ${row['STATE']} ${row['ENDPOINT_TYPE']}`);
    same(
      rows.sort(),
      [0, 1, 2].map((id) => `${id} RACK${id} unfenced broker`),
      'endpoints',
    );
  },
  'records on three replicas, deleted on all of them': async ({ s }) => {
    await s.produce('one', RECORDS, '--command-property', 'acks=all');
    const ends = await s.offsets('--topic', 'one');
    const sum = ends.reduce((total, line) => total + Number(line.split(':')[2]), 0);
    same(sum, RECORDS.length, 'records');
    const [first = ''] = ends.filter((line) => Number(line.split(':')[2]) > 0);
    const [, partition = '', end = ''] = first.split(':');
    const file = join(s.scratch, 'delete.json');
    const partitions = [{ topic: 'one', partition: Number(partition), offset: Number(end) }];
    writeFileSync(file, JSON.stringify({ version: 1, partitions }));
    const text = await s.ok(`${TOOLS}.DeleteRecordsCommand`, ['--offset-json-file', file]);
    that(text.includes(`partition: one-${partition}\tlow_watermark: ${end}`), text);
  },
  'log-dirs --describe of all brokers': async ({ s }) => {
    const text = await s.ok(`${TOOLS}.LogDirsCommand`, ['--describe', '--broker-list', ALL, '--topic-list', 'one']);
    const { brokers } = JSON.parse(text.slice(text.indexOf('{'))) as {
      brokers: { broker: number; logDirs: { partitions: { partition: string; offsetLag: number }[] }[] }[];
    };
    const found = brokers.map(({ broker, logDirs }) => [
      broker,
      logDirs.flatMap(({ partitions }) => partitions.map((p) => `${p.partition} ${p.offsetLag}`)).sort(),
    ]);
    const both = ['one-0 0', 'one-1 0'];
    same(
      found.sort(([one], [other]) => Number(one) - Number(other)),
      [
        [0, both],
        [1, both],
        [2, both],
      ],
      'replicas',
    );
  },
  'configs of each broker': async ({ s }) => {
    const seen = await s.configs('--describe', '--entity-type', 'brokers', '--entity-name', '2', '--all');
    that(/\bnode\.id=2\b/.test(seen) && /\bbroker\.rack=RACK2\b/.test(seen), seen.slice(0, 400));
  },
  'transactions describe-producers of a replica': async ({ s }) => {
    const args = ['describe-producers', '--topic', 'one', '--partition', '0', '--broker-id', '1'];
    that((await s.ok(`${TOOLS}.TransactionsCommand`, args)).includes('ProducerId'), 'producers');
  },
};

export const REASSIGNMENT: ReplicaSteps = {
  'reassign-partitions --generate': async ({ s }) => {
    const file = join(s.scratch, 'topics.json');
    writeFileSync(file, JSON.stringify({ version: 1, topics: [{ topic: 'one' }] }));
    const text = await s.ok(REASSIGN, ['--generate', '--topics-to-move-json-file', file, '--broker-list', ALL]);
    const [, proposed = ''] = text.split('Proposed partition reassignment configuration');
    const { partitions } = JSON.parse(proposed) as { partitions: { replicas: number[] }[] };
    const on = partitions.map(({ replicas }) => replicas.toSorted((one, other) => one - other));
    same(
      on,
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
      'replicas',
    );
  },
  'reassign-partitions --execute: another order, one replica less': async ({ s }) => {
    const file = plan(s, 'moved', { 'one-0': [2, 1], 'one-1': [0, 2] });
    const text = await s.ok(REASSIGN, withPlan('execute', file));
    that(text.includes('Successfully started partition reassignments for one-0,one-1'), text);
    that((await verifiedDone(s, file)).includes('Reassignment of partition one-1 is completed.'), 'verified');
    const found = await described(s, 'one');
    same([found.get('one-0')?.replicas, found.get('one-1')?.replicas], ['2,1', '0,2'], 'replicas');
    same(found.get('one-1')?.isr, ['0', '2'], 'ISR');
  },
  'reassign-partitions to a broker that is not there': ({ s }) =>
    s.refused(REASSIGN, withPlan('execute', plan(s, 'absent', { 'one-0': [7] })), /Unknown broker id 7/),
  'reassign-partitions --throttle, --list, --cancel': async ({ s }) => {
    await s.topics('--create', '--topic', 'big', '--replica-assignment', '0');
    const size = ['--num-records', '2000', '--record-size', '5000', '--throughput', '-1'];
    await s.ok(`${TOOLS}.ProducerPerformance`, ['--topic', 'big', ...size]);
    const file = plan(s, 'big', { 'big-0': [1] });
    const text = await s.ok(REASSIGN, withPlan('execute', file, '--throttle', '1000'));
    that(text.includes('The inter-broker throttle limit was set to 1000 B/s'), text);
    const list = await s.ok(REASSIGN, ['--list']);
    that(/big-0: replicas: 1,0\. adding: 1\. removing: 0\./.test(list), list);
    const limits = await s.configs('--describe', '--entity-type', 'brokers', '--entity-name', '0');
    that(limits.includes('leader.replication.throttled.rate=1000'), limits);
    const cancelled = await s.ok(REASSIGN, withPlan('cancel', file));
    that(/Successfully cancelled partition reassignment for: big-0/.test(cancelled), cancelled);
    that((await s.ok(REASSIGN, ['--list'])).includes('No partition reassignments found.'), 'list');
    same((await described(s, 'big')).get('big-0')?.replicas, '0', 'replicas');
    const after = await s.configs('--describe', '--entity-type', 'brokers', '--entity-name', '0');
    that(!after.includes('throttled.rate=1000'), after);
  },
  'reassign-partitions of all that a topic has': async ({ s }) => {
    const file = plan(s, 'big', { 'big-0': [1] });
    await s.ok(REASSIGN, withPlan('execute', file, '--throttle', '100000000'));
    const text = await verifiedDone(s, file);
    that(/Clearing broker-level throttles on brokers 0,1,2/.test(text), text);
    const found = (await described(s, 'big')).get('big-0');
    same([found?.replicas, found?.leader, found?.isr], ['1', '1', ['1']], 'replicas, leader, ISR');
    same((await s.offsets('--topic', 'big')).join(), 'big:0:2000', 'offsets');
  },
};

export const ELECTIONS: ReplicaSteps = {
  'leader-election preferred': async ({ s }) => {
    await s.topics('--create', '--topic', 'led', '--replica-assignment', '0:1:2');
    await verifiedDone(s, await executed(s, plan(s, 'led', { 'led-0': [1, 0, 2] })));
    same((await described(s, 'led')).get('led-0')?.leader, '0', 'leader');
    const args = ['--election-type', 'preferred', '--topic', 'led', '--partition', '0'];
    const text = await s.ok(ELECTION, args);
    that(text.includes('Successfully completed leader election (PREFERRED) for partitions led-0'), text);
    same((await described(s, 'led')).get('led-0')?.leader, '1', 'leader');
    that((await s.ok(ELECTION, args)).includes('Valid replica already elected for partitions led-0'), 'again');
  },
  'leader-election of a file': async ({ s }) => {
    await verifiedDone(s, await executed(s, plan(s, 'led', { 'led-0': [2, 1, 0] })));
    const file = join(s.scratch, 'elect.json');
    writeFileSync(file, JSON.stringify({ partitions: [{ topic: 'led', partition: 0 }] }));
    await s.ok(ELECTION, ['--election-type', 'preferred', '--path-to-json-file', file]);
    same((await described(s, 'led')).get('led-0')?.leader, '2', 'leader');
  },
  'leader-election unclean, where there is a leader': async ({ s }) => {
    const text = await s.ok(ELECTION, ['--election-type', 'unclean', '--topic', 'led', '--partition', '0']);
    that(text.includes('Valid replica already elected for partitions led-0'), text);
  },
};
