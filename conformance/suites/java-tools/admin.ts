import { same, that } from '../../suite.ts';
import { type Steps, TOOLS } from './session.ts';

const ELECTION = `${TOOLS}.LeaderElectionCommand`;

export const ADMIN: Steps = {
  'log-dirs --describe': async (s) => {
    const text = await s.ok(`${TOOLS}.LogDirsCommand`, ['--describe', '--topic-list', 'lines']);
    const json = JSON.parse(text.slice(text.indexOf('{'))) as {
      brokers: {
        broker: number;
        logDirs: { error: string | null; partitions: { partition: string; size: number }[] }[];
      }[];
    };
    const [directory] = json.brokers[0]?.logDirs ?? [];
    same([json.brokers[0]?.broker, directory?.error], [0, null], 'broker, error');
    same(
      directory?.partitions.map((p) => p.partition),
      ['lines-0'],
      'partitions',
    );
    that((directory?.partitions[0]?.size ?? 0) > 0, 'size');
  },
  'log-dirs --describe of everything': async (s) => {
    const text = await s.ok(`${TOOLS}.LogDirsCommand`, ['--describe', '--broker-list', '0']);
    that(text.includes('Querying brokers for log directories information'), text.slice(0, 300));
    const names = [...text.matchAll(/"partition":"([^"]+)"/g)].map(([, name]) => name);
    for (const name of ['made-4', 'made-default-0', 'lines-0'])
      that(names.includes(name), `${name} in ${names.join()}`);
  },
  'log-dirs --describe of a broker that is not there': (s) =>
    s.refused(
      `${TOOLS}.LogDirsCommand`,
      ['--describe', '--broker-list', '0,7'],
      /The given brokers do not exist from --broker-list: 7\. Current existent brokers: 0/,
    ),
  'leader-election of one partition': async (s) => {
    const one = ['--topic', 'made', '--partition', '0'];
    for (const type of ['preferred', 'unclean']) {
      const text = await s.ok(ELECTION, ['--election-type', type, ...one]);
      that(text.includes('Valid replica already elected for partitions made-0'), text);
    }
  },
  'leader-election of all partitions': async (s) =>
    same((await s.ok(ELECTION, ['--election-type', 'preferred', '--all-topic-partitions'])).trim(), '', 'output'),
  'leader-election of a topic that is not there': (s) =>
    s.refused(
      ELECTION,
      ['--election-type', 'preferred', '--topic', 'absent', '--partition', '0'],
      /UnknownTopicOrPartitionException: No such topic as absent/,
    ),
};
