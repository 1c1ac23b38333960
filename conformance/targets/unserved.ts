// What servers of an older protocol or of a part of it do not serve, or otherwise than Kafka, by the names that checks begin with: these are
// skipped there, each with the reason. Nothing stands here that the client could do something about.

import type { Unserved } from '../clients/checks.ts';
import type { TargetName } from './target.ts';

const all = (reason: string, checks: readonly string[]): readonly Unserved[] =>
  checks.map((name) => ({ checks: name, reason }));

const KFAKE: readonly Unserved[] = [
  ...all('names of topics are not looked at', ['producer: a partition that is not there, a name that is none']),
  ...all('offsets of a group that is not there are an error', ['transactions: offsets come with the commit']),
  ...all('the metadata of offsets may be of any length', ['offsets: commits with metadata, and what is too long']),
  ...all('a group rebalances when its static leader comes back', ['groups, range: a static member']),
  ...all('a group has members of one protocol', ['groups: members of both protocols in one group']),
  ...all('ShareFetch is answered with null records, which Kafka knows in no version that it serves', [
    'share: accepted',
  ]),
];

const MOCK_CLUSTER: readonly Unserved[] = [
  ...all('every record is said to be stored at 1234', ['producer: keys, values, nulls, headers, timestamps']),
  ...all('names of topics are not looked at', ['producer: a partition that is not there, a name that is none']),
  ...all('topics have no configs', [
    'producer: a record that is too large, here and for the topic',
    'transactions: a record that is refused breaks it',
  ]),
  ...all('offsets are not found by time', [
    'consumer: seek back, forward, beyond the end, to a time',
    'consumer: offsets by time, ends, lag',
  ]),
  ...all('the metadata of offsets may be of any length', ['offsets: commits with metadata, and what is too long']),
  ...all(
    'transactions end without effect: readers see all records, offsets do not come with the commit, nobody is fenced',
    [
      'consumer: only what is committed, or everything',
      'transactions: what was aborted is not',
      'transactions: an open one hides what comes after it',
      'transactions: offsets come with the commit',
      'transactions: a second producer with the id fences the first',
      'transactions: one that takes too long is aborted',
      'transactions: a time-out beyond transaction.max.timeout.ms',
    ],
  ),
  ...all('ShareAcknowledge 2 is not served, which renews locks', ['share: a lock that is renewed']),
  ...all('CreateTopics and ListGroups are not served', [
    'groups, KIP-848: topics that match a pattern',
    'groups: by itself a member takes the newest protocol',
  ]),
  // It says that it knows it, and closes the connection.
  ...all('JoinGroup 6 is read as if its arrays were not compact', [
    'groups, range',
    'groups, cooperative-sticky',
    'groups: an assignor of our own',
    'groups: members of both protocols in one group',
  ]),
];

const APACHE_3_9: readonly Unserved[] = [
  ...all('share groups come with Kafka 4', ['share: ']),
  ...all('ConsumerGroupHeartbeat 1 comes with Kafka 4, which knows patterns', [
    'groups, KIP-848: topics that match a pattern',
  ]),
  ...all('group.consumer.migration.policy is disabled before Kafka 4 unless it is set', [
    'groups: members of both protocols in one group',
  ]),
];

const UNSERVED: Partial<Record<TargetName, readonly Unserved[]>> = {
  'apache-3.9': APACHE_3_9,
  kfake: KFAKE,
  'librdkafka-mock': MOCK_CLUSTER,
};

export const unservedBy = (target: TargetName): readonly Unserved[] => UNSERVED[target] ?? [];
