import type { ListedGroup } from '../../../client/index.ts';
import type { Work } from '../command-frame.ts';
import { failureOf } from '../outcome-rows.ts';
import type { Column } from '../output.ts';

interface ListOptions {
  readonly states?: readonly string[];
  readonly types?: readonly string[];
}

const TYPES = ['Consumer', 'Classic', 'Share', 'Streams'] as const;

export const listGroups: Work<ListOptions> = async (context, _, { states = [], types = [] }) => {
  const admin = await context.admin();
  const wanted = types.map((type) => TYPES.find((one) => one.toLowerCase() === type.toLowerCase()) ?? 'Unknown');
  const { groups, errors } = await admin.listGroups({ ...context.call, types: wanted });
  for (const error of errors) context.complain(`ottla: a broker has not told its groups: ${failureOf(error)}`);
  const chosen = groups.filter(({ state }) => states.length === 0 || states.some((one) => isSame(one, state)));
  const sorted = chosen.toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1));
  context.output.list(sorted.map(rowOf), COLUMNS);
  return errors.length > 0 ? 1 : 0;
};

const isSame = (one: string, other: string | undefined): boolean => one.toLowerCase() === other?.toLowerCase();

interface GroupRow {
  readonly group: string;
  readonly type: string;
  readonly protocol: string;
  readonly state: string;
}

const rowOf = ({ groupId, type, protocol, state }: ListedGroup): GroupRow => ({
  group: groupId,
  type: type ?? '-',
  protocol: protocol === '' ? '-' : protocol,
  state: state ?? '-',
});

const COLUMNS: readonly Column<GroupRow>[] = [
  { heading: 'group', cell: ({ group }) => group },
  { heading: 'type', cell: ({ type }) => type },
  { heading: 'protocol', cell: ({ protocol }) => protocol, isWide: true },
  { heading: 'state', cell: ({ state }) => state },
];
