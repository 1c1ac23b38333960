// The metadata quorum of three as kafka-metadata-quorum shows and changes it. In order: later steps use what earlier ones made.

import { readFileSync } from 'node:fs';
import { same, that } from '../../suite.ts';
import { FEATURES, QUORUM } from './cluster.ts';
import { ALL, eventually, filtered, type ReplicaSteps } from './replicated.ts';
import { rowsOf, type Session } from './session.ts';

interface Voter {
  readonly id: number;
  readonly directoryId: string;
}

async function voters(s: Session): Promise<{ voters: readonly Voter[]; observers: readonly Voter[]; leader: number }> {
  const text = await s.ok(QUORUM, ['describe', '--status']);
  const line = (name: string): string => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(text)?.[1] ?? '';
  const list = (name: string): Voter[] => JSON.parse(line(name)) as Voter[];
  return { voters: list('CurrentVoters'), observers: list('CurrentObservers'), leader: Number(line('LeaderId')) };
}

const ids = (list: readonly Voter[]): number[] => list.map(({ id }) => id).sort((one, other) => one - other);

export const VOTERS: ReplicaSteps = {
  'metadata-quorum describe --status of three': async ({ s }) => {
    const seen = await voters(s);
    same([ids(seen.voters), ids(seen.observers)], [[0, 1, 2], []], 'voters, observers');
    that([0, 1, 2].includes(seen.leader), `leader ${seen.leader}`);
  },
  'metadata-quorum describe --replication of three': async ({ s }) => {
    const rows = rowsOf(await s.ok(QUORUM, ['describe', '--replication']), 'NodeId');
    same(
      rows.map((row) => row['Status'] ?? '').sort((one, other) => one.localeCompare(other)),
      ['Follower', 'Follower', 'Leader'],
      'states',
    );
    for (const row of rows)
      that(Number(row['Lag']) < 100 && Number(row['LastFetchTimestamp']) > 1e12, JSON.stringify(row));
  },
  'controller: metadata-quorum describe --status of three': async ({ s }) => {
    const text = await s.viaController(QUORUM, ['describe', '--status']);
    that(/^CurrentVoters:.*"id": 2/m.test(text), text);
  },
  'features describe': async ({ s }) => {
    that(/kraft\.version.*FinalizedVersionLevel: 1/.test(await s.ok(FEATURES, ['describe'])), 'kraft.version');
  },
  'metadata-quorum remove-controller': async ({ s }) => {
    const before = await voters(s);
    const gone = before.voters.find(({ id }) => id === someFollower(before.leader));
    const args = [
      'remove-controller',
      '--controller-id',
      `${gone?.id}`,
      '--controller-directory-id',
      `${gone?.directoryId}`,
    ];
    const text = await s.ok(QUORUM, args);
    that(new RegExp(`Removed +KRaft controller ${gone?.id} with directory id ${gone?.directoryId}`).test(text), text);
    const look = (): ReturnType<typeof voters> => voters(s);
    const isSo = (seen: Awaited<ReturnType<typeof voters>>): boolean =>
      seen.voters.length === 2 && ids(seen.observers).join() === `${gone?.id}`;
    await eventually(look, isSo, 'voters');
  },
  'metadata-quorum remove-controller of one that is no voter': async ({ s }) => {
    const { observers } = await voters(s);
    const [one] = observers;
    const args = [
      'remove-controller',
      '--controller-id',
      `${one?.id}`,
      '--controller-directory-id',
      `${one?.directoryId}`,
    ];
    await s.refused(QUORUM, args, /VoterNotFoundException/);
  },
  'metadata-quorum add-controller': async ({ s, cluster }) => {
    const { observers } = await voters(s);
    const [one] = observers;
    const node = cluster.node(one?.id ?? -1);
    that(readFileSync(node.settings, 'utf8').includes('process.roles'), 'settings');
    const text = await s.ok(QUORUM, ['--command-config', node.settings, 'add-controller']);
    that(text.includes(`Added controller ${one?.id} with directory id ${one?.directoryId}`), text);
    const look = (): ReturnType<typeof voters> => voters(s);
    await eventually(look, (seen) => ids(seen.voters).join() === ALL && seen.observers.length === 0, 'voters');
  },
  'metadata-quorum add-controller of one that is a voter': async ({ s, cluster }) => {
    const args = ['--command-config', cluster.node(0).settings, 'add-controller'];
    await s.refused(QUORUM, args, /DuplicateVoterException/);
  },
  'the active controller stops: another one leads': async ({ s, cluster }) => {
    const { leader } = await voters(s);
    await cluster.node(leader).stop();
    const now = await eventually(
      () => voters(s),
      (seen) => seen.leader >= 0 && seen.leader !== leader,
      'leader',
    );
    that(now.leader !== leader, 'leader');
    await s.topics('--create', '--topic', 'after', '--partitions', '1', '--replication-factor', '2');
    cluster.node(leader).start();
    await cluster.serving(['after', 'whole']);
    await eventually(
      () => filtered(s, 'under-replicated-partitions'),
      (seen) => seen.length === 0,
      'under-replicated',
    );
  },
};

const someFollower = (leader: number): number => (leader + 1) % 3;
