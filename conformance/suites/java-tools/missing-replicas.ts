// What the tools show while brokers are away, and what is done about it. In order: later steps use what earlier ones made.

import { same, that } from '../../suite.ts';
import { CLUSTER, described, ELECTION, eventually, filtered, RECORDS, type ReplicaSteps } from './replicated.ts';
import { rowsOf, TOOLS } from './session.ts';

export const MISSING: ReplicaSteps = {
  'topics with filters while all are there': async ({ s }) => {
    for (const filter of ['under-replicated-partitions', 'under-min-isr-partitions', 'unavailable-partitions']) {
      same(await filtered(s, filter), [], filter);
    }
  },
  'a broker stops: its leaderships are given away': async ({ s, cluster }) => {
    await s.topics('--create', '--topic', 'only', '--replica-assignment', '2');
    const least = (count: number): string[] => [
      '--replica-assignment',
      '2:1:0',
      '--config',
      `min.insync.replicas=${count}`,
    ];
    await s.topics('--create', '--topic', 'two', ...least(2));
    await s.topics('--create', '--topic', 'three', ...least(3));
    await cluster.node(2).stop();
    const found = await described(s, 'led');
    that(found.get('led-0')?.leader === '1', JSON.stringify([...found]));
    same(found.get('led-0')?.isr, ['0', '1'], 'ISR');
  },
  // Also the one whose only replica is away: with KIP-966 it has left the ISR and is eligible.
  'topics --under-replicated-partitions': async ({ s }) => {
    const found = await filtered(s, 'under-replicated-partitions');
    for (const name of ['led-0', 'whole-0', 'whole-1', 'whole-2', 'two-0', 'three-0', 'only-0']) {
      that(found.includes(name), `${name} in ${found.join()}`);
    }
  },
  'topics --at-min-isr-partitions': async ({ s }) => {
    const found = await filtered(s, 'at-min-isr-partitions');
    that(found.includes('two-0') && !found.includes('three-0'), found.join());
  },
  'topics --under-min-isr-partitions': async ({ s }) => {
    const found = await filtered(s, 'under-min-isr-partitions');
    that(found.includes('three-0') && !found.includes('two-0'), found.join());
  },
  'topics --unavailable-partitions': async ({ s }) =>
    same(await filtered(s, 'unavailable-partitions'), ['only-0'], 'partitions'),
  'leader-election preferred while it is away': ({ s }) =>
    s.refused(
      ELECTION,
      ['--election-type', 'preferred', '--topic', 'two', '--partition', '0'],
      /PreferredLeaderNotAvailableException/,
    ),
  'a producer that wants more in-sync replicas than there are': ({ s }) =>
    s.refused(
      `${TOOLS}.ConsoleProducer`,
      [
        '--topic',
        'three',
        '--command-property',
        'acks=all',
        '--command-property',
        'delivery.timeout.ms=4000',
        '--command-property',
        'request.timeout.ms=2000',
        '--command-property',
        'linger.ms=0',
      ],
      /NotEnoughReplicasException|NOT_ENOUGH_REPLICAS/,
      'one\n',
    ),
  'cluster list-endpoints --include-fenced-brokers, unregister': async ({ s }) => {
    const states = async (): Promise<string[]> => {
      const rows = rowsOf(await s.ok(CLUSTER, ['list-endpoints', '--include-fenced-brokers']), 'ID');
      return rows.map((row) => `${row['ID']} ${row['STATE']}`).sort();
    };
    same(await states(), ['0 unfenced', '1 unfenced', '2 fenced'], 'states');
    that(
      (await s.ok(CLUSTER, ['unregister', '--id', '2'])).includes('Broker 2 is no longer registered.'),
      'unregister',
    );
    same(await states(), ['0 unfenced', '1 unfenced'], 'states');
  },
  'it comes back, and is in sync': async ({ s, cluster }) => {
    cluster.node(2).start();
    await cluster.serving(['led', 'whole', 'two', 'three', 'only']);
    same(await filtered(s, 'under-replicated-partitions'), [], 'under-replicated');
    await s.ok(ELECTION, ['--election-type', 'preferred', '--all-topic-partitions']);
    same((await described(s, 'led')).get('led-0')?.leader, '2', 'leader');
  },
  'leader-election unclean of one whose ISR is gone': async ({ s, cluster }) => {
    await s.topics('--create', '--topic', 'lost', '--replica-assignment', '2:1');
    await cluster.node(1).stop();
    await s.produce('lost', RECORDS, '--command-property', 'acks=1');
    await cluster.node(2).kill();
    cluster.node(1).start();
    await cluster.serving([], [cluster.node(0), cluster.node(1)]);
    const look = (): Promise<string[]> => filtered(s, 'unavailable-partitions');
    await eventually(look, (seen) => seen.includes('lost-0'), 'unavailable partitions');
    const text = await s.ok(ELECTION, ['--election-type', 'unclean', '--topic', 'lost', '--partition', '0']);
    that(text.includes('Successfully completed leader election (UNCLEAN) for partitions lost-0'), text);
    same((await described(s, 'lost')).get('lost-0')?.leader, '1', 'leader');
    cluster.node(2).start();
    await cluster.serving(['lost', 'led', 'only']);
  },
};
