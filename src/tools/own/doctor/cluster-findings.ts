// What the facts about a cluster mean. Pure: facts in, sentences out.
import { shownBytes, shownDuration } from '../../terminal/duration.ts';
import type { ClusterFacts, GroupFacts } from './cluster-facts.ts';
import { error, type Finding, note, plural, some, warning } from './findings.ts';

export function clusterFindings(facts: ClusterFacts): Finding[] {
  return [
    ...brokerFindings(facts),
    ...partitionFindings(facts),
    ...replicaFindings(facts),
    ...leaderFindings(facts),
    ...facts.groups.flatMap(groupFindings),
    ...transactionFindings(facts),
    ...diskFindings(facts),
    ...quorumFindings(facts),
    ...facts.unasked.map((what) =>
      note(`This could not be looked at: ${what}.`, 'Ask as somebody who may describe it, or of a newer cluster.'),
    ),
  ];
}

function brokerFindings({ brokers, controllerId }: ClusterFacts): Finding[] {
  const findings: Finding[] = [];
  for (const { id, address, unreachable } of brokers) {
    if (unreachable === undefined) continue;
    findings.push(
      error(
        `Broker ${id} tells clients to come to ${address}, and nobody answers there (${unreachable}).`,
        'If it runs, advertised.listeners names an address that cannot be reached from here: set one that can, or ask from where clients are. If it does not run, start it.',
      ),
    );
  }
  const fenced = brokers.filter(({ isFenced }) => isFenced).map(({ id }) => id);
  if (fenced.length > 0) {
    findings.push(
      error(
        `Fenced by the controller: ${some(fenced)}.`,
        'They send no heartbeats: look at their logs, and at the way to the controllers.',
      ),
    );
  }
  if (controllerId === undefined) {
    findings.push(
      error('Nobody knows the controller.', 'Look at the controllers of the quorum: most of them have to run.'),
    );
  }
  const kinds = new Map<string, number[]>();
  for (const { id, apis } of brokers) if (apis !== undefined) kinds.set(apis, [...(kinds.get(apis) ?? []), id]);
  if (kinds.size > 1) {
    const groups = [...kinds.values()].map((ids) => `[${ids.join(', ')}]`).join(' and ');
    findings.push(
      warning(
        `Brokers do not all serve the same versions of the protocol: ${groups}.`,
        'They are of different releases. Finish the upgrade, or take back the half of it.',
      ),
    );
  }
  return findings;
}

function partitionFindings({ topics, brokers }: ClusterFacts): Finding[] {
  const offline: string[] = [];
  const behind: string[] = [];
  const missing = new Set<number>();
  const ids = new Set(brokers.map(({ id }) => id));
  for (const { name, partitions } of topics) {
    for (const { partition, leader, isr, replicas } of partitions) {
      if (leader === undefined) offline.push(`${name}-${partition}`);
      else if (isr.length < replicas.length) behind.push(`${name}-${partition}`);
      for (const id of replicas) if (!ids.has(id)) missing.add(id);
    }
  }
  return [
    ...(offline.length === 0
      ? []
      : [
          error(
            `${plural(offline.length, 'partition has', 'partitions have')} no leader and can be neither read nor written: ${some(offline)}.`,
            'Start the brokers that hold its replicas. If they are gone for good, `kafka-leader-election --election-type unclean` takes a replica that is behind: records are lost.',
          ),
        ]),
    ...(behind.length === 0
      ? []
      : [
          warning(
            `${plural(behind.length, 'partition is', 'partitions are')} under-replicated: ${some(behind)}.`,
            'A replica is down or cannot keep up: look at the brokers that are not in sync, their disks and their network.',
          ),
        ]),
    ...(missing.size === 0
      ? []
      : [
          error(
            `Replicas are placed on brokers that the cluster does not have: ${some([...missing].sort((a, b) => a - b))}.`,
            'Start these brokers, or move their replicas with `kafka-reassign-partitions`.',
          ),
        ]),
  ];
}

function replicaFindings({ topics, minInsyncReplicas }: ClusterFacts): Finding[] {
  const refused: string[] = [];
  const atLimit: string[] = [];
  const impossible: string[] = [];
  for (const { name, partitions } of topics) {
    const least = minInsyncReplicas.get(name) ?? 1;
    for (const { partition, leader, isr, replicas } of partitions) {
      if (replicas.length < least) impossible.push(`${name}-${partition} (${replicas.length} of ${least})`);
      else if (leader !== undefined && isr.length < least)
        refused.push(`${name}-${partition} (${isr.length} of ${least})`);
      else if (isr.length === least && isr.length < replicas.length) atLimit.push(`${name}-${partition}`);
    }
  }
  return [
    ...(impossible.length === 0
      ? []
      : [
          error(
            `min.insync.replicas is larger than the number of replicas, so nothing can be written with acks=all: ${some(impossible)}.`,
            'Set min.insync.replicas of the topic to the number of its replicas or less, or give it more replicas.',
          ),
        ]),
    ...(refused.length === 0
      ? []
      : [
          error(
            `Fewer replicas are in sync than min.insync.replicas asks for, so writes with acks=all are refused: ${some(refused)}.`,
            'Bring the missing replicas back.',
          ),
        ]),
    ...(atLimit.length === 0
      ? []
      : [
          warning(
            `One more replica lost, and writes with acks=all are refused: ${some(atLimit)}.`,
            'Bring the missing replicas back.',
          ),
        ]),
  ];
}

const MOST_UNBALANCED = 0.1;
const FEWEST_TO_COUNT = 10;

function leaderFindings({ topics, brokers }: ClusterFacts): Finding[] {
  const partitions = topics.flatMap((topic) => topic.partitions);
  const elsewhere = partitions.filter(
    ({ leader, replicas }) => leader !== undefined && replicas[0] !== undefined && leader !== replicas[0],
  );
  const findings: Finding[] = [];
  if (
    elsewhere.length > 0 &&
    partitions.length >= FEWEST_TO_COUNT &&
    elsewhere.length / partitions.length > MOST_UNBALANCED
  ) {
    findings.push(
      warning(
        `${elsewhere.length} of ${partitions.length} partitions are led by another replica than the preferred one.`,
        '`kafka-leader-election --election-type preferred --all-topic-partitions` puts them back; auto.leader.rebalance.enable does it by itself.',
      ),
    );
  }
  const counts = new Map(brokers.filter(({ isFenced }) => !isFenced).map(({ id }) => [id, 0]));
  for (const { leader } of partitions)
    if (leader !== undefined && counts.has(leader)) counts.set(leader, (counts.get(leader) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const fair = partitions.length / Math.max(1, counts.size);
  if (counts.size > 1 && partitions.length >= FEWEST_TO_COUNT && most > 2 * fair) {
    const [busiest] = [...counts].find(([, count]) => count === most) ?? [-1];
    findings.push(
      warning(
        `Broker ${busiest} leads ${most} of ${partitions.length} partitions; ${Math.round(fair)} would be its share.`,
        'Move partitions with `kafka-reassign-partitions`.',
      ),
    );
  }
  return findings;
}

function groupFindings({ group, state, members, lag, progress, growth }: GroupFacts): Finding[] {
  if (
    state === 'PreparingRebalance' ||
    state === 'CompletingRebalance' ||
    state === 'Assigning' ||
    state === 'Reconciling'
  ) {
    return [
      note(
        `Group ${group} is rebalancing (${state}).`,
        'If it is so whenever one looks, members come and go, or poll too late: compare max.poll.interval.ms with how long they work on what they poll.',
      ),
    ];
  }
  if (lag === 0) return [];
  if (members === 0) {
    return [
      note(
        `Group ${group} has no members, and ${plural(lag, 'record waits', 'records wait')} for it.`,
        'Start its consumers, or forget it: `ottla group delete`.',
      ),
    ];
  }
  if (progress <= 0) {
    return [
      warning(
        `Group ${group} has ${plural(members, 'member')} and has committed nothing while ${plural(lag, 'record waits', 'records wait')}.`,
        'Its consumers are stuck or do not commit: look at their logs; `ottla group describe` shows whose partitions stand still.',
      ),
    ];
  }
  if (growth > progress) {
    return [
      warning(
        `Group ${group} falls behind: ${plural(growth, 'record')} came in while it committed ${progress}; ${lag} wait.`,
        'Start more consumers (up to the number of partitions), or let each do less for a record.',
      ),
    ];
  }
  return [];
}

function transactionFindings({ hanging, longTransactions }: ClusterFacts): Finding[] {
  return [
    ...hanging.map(({ place, startOffset, producerId }) =>
      error(
        `A transaction of producer ${producerId} hangs in ${place} from offset ${startOffset} on: no coordinator knows it, and who reads committed records gets nothing behind it.`,
        `\`ottla txn abort-hanging ${place.slice(0, place.lastIndexOf('-'))} ${place.slice(place.lastIndexOf('-') + 1)} ${startOffset}\` ends it.`,
      ),
    ),
    ...longTransactions
      .filter(({ openMs, timeoutMs }) => openMs > timeoutMs)
      .map(({ id, openMs, timeoutMs }) =>
        warning(
          `The transaction of ${id} is open for ${shownDuration(openMs)}, longer than its time-out of ${shownDuration(timeoutMs)}.`,
          'The coordinator should have aborted it: look at the log of the broker; `ottla txn abort` ends it.',
        ),
      ),
  ];
}

const LITTLE_ROOM = 0.1;

function diskFindings({ disks }: ClusterFacts): Finding[] {
  return disks.flatMap(
    ({ brokerId, dir, description: { error: lost, totalBytes = 0, usableBytes = 0 } }): Finding[] => {
      if (lost !== undefined) {
        return [
          error(
            `Directory ${dir} of broker ${brokerId} is lost (${lost.message}).`,
            'Replace the disk and start the broker again: it copies its replicas from the others.',
          ),
        ];
      }
      if (totalBytes <= 0 || usableBytes < 0 || usableBytes / totalBytes > LITTLE_ROOM) return [];
      return [
        warning(
          `Directory ${dir} of broker ${brokerId} has ${shownBytes(usableBytes)} of ${shownBytes(totalBytes)} left.`,
          'Shorten retention.ms or retention.bytes of large topics (`ottla cluster logdirs --aggregate-into topic --sort-by-size`), or add disks.',
        ),
      ];
    },
  );
}

const MOST_CLOCK_MS = 5000;
const MOST_VOTER_LAG = 1000;

function quorumFindings({ quorum, nowMs }: ClusterFacts): Finding[] {
  if (quorum === undefined) return [];
  const late = [...quorum.lag].filter(([, lag]) => lag > MOST_VOTER_LAG).map(([id, lag]) => `${id} (${lag} records)`);
  const apartMs = quorum.leaderNowMs === undefined ? 0 : quorum.leaderNowMs - nowMs;
  return [
    ...(late.length === 0
      ? []
      : [
          warning(
            `Voters of the metadata are behind: ${some(late)}.`,
            'Look at these controllers: with one more lost the quorum may be.',
          ),
        ]),
    ...(Math.abs(apartMs) <= MOST_CLOCK_MS
      ? []
      : [
          warning(
            `The clock of controller ${quorum.leaderId} is ${shownDuration(Math.abs(apartMs))} ${apartMs > 0 ? 'ahead of' : 'behind'} the one here.`,
            'Let a time service (NTP, chrony) set both: retention, tokens and timestamps go by clocks.',
          ),
        ]),
  ];
}
