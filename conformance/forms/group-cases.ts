// Forms of the tools of groups, security and the cluster: usage, refusals, and their work.
import type { Form } from './forms.ts';

const split = (text: string): string[] => text.split(' ').filter((one) => one !== '');

function form(tool: string, args: string | readonly string[], more: Partial<Form> = {}): Form {
  const list = typeof args === 'string' ? split(args) : args;
  return { name: `${tool} ${list.join(' ')}`.trim(), tool: `kafka-${tool}`, args: list, ...more };
}

const at = (tool: string, args: string, more?: Partial<Form>): Form =>
  form(tool, `--bootstrap-server $B ${args}`, more);
const topics = (args: string): Form => at('topics', args);
const consumers = (args: string, more?: Partial<Form>): Form => at('consumer-groups', args, more);
/** One key, so that all lie in one partition. */
const KEYED = ['a', 'b', 'c', 'd', 'e'].map((value) => `k\t${value}\n`).join('');
/** Java's sets of options have an order of their own in each JVM. */
const ANY_ORDER = {
  leftOut: /takes (one of these|the following) options|requires one of the following|Valid (states|types) are/,
};

const CONSUMER_GROUPS: readonly Form[] = [
  topics('--create --topic g-orders --partitions 2'),
  form('console-producer', '--bootstrap-server $B --topic g-orders --property parse.key=true', { input: KEYED }),
  form('consumer-groups', '--list'),
  consumers(''),
  consumers('--list --describe --group g'),
  consumers('--list'),
  consumers('--list --state'),
  consumers('--list --type'),
  consumers('--list --state Bogus', ANY_ORDER),
  consumers('--list --type bogus', ANY_ORDER),
  consumers('--list --members'),
  consumers('--describe', ANY_ORDER),
  consumers('--describe --group nobody'),
  consumers('--describe --all-groups'),
  consumers('--describe --group g --members --offsets'),
  consumers('--describe --group g --state Stable'),
  consumers('--describe --group g --all-groups'),
  consumers('--describe --group g --topic g-orders'),
  consumers('--delete', ANY_ORDER),
  consumers('--delete --group nobody'),
  consumers('--delete --group g --topic g-orders'),
  consumers('--delete-offsets --group g', ANY_ORDER),
  consumers('--reset-offsets', ANY_ORDER),
  consumers('--reset-offsets --group g --dry-run --execute'),
  consumers('--reset-offsets --group g --to-earliest --to-latest'),
  consumers('--reset-offsets --group g --dry-run', ANY_ORDER),
  consumers('--reset-offsets --group g --topic g-orders --dry-run', ANY_ORDER),
  consumers('--reset-offsets --group g --topic g-orders:7 --to-earliest --dry-run'),
  consumers('--reset-offsets --group g --topic g-orders:x --to-earliest --dry-run'),
  consumers('--reset-offsets --group g --topic g-orders --to-earliest'),
  consumers('--reset-offsets --group g --topic g-orders --to-latest --execute'),
  consumers('--list'),
  consumers('--list --state'),
  consumers('--list --type --state empty'),
  consumers('--list --type classic'),
  consumers('--describe --group g'),
  consumers('--describe --group g --offsets --verbose'),
  consumers('--describe --group g --members'),
  consumers('--describe --group g --members --verbose'),
  consumers('--describe --group g --state'),
  consumers('--describe --group g --state --verbose'),
  consumers('--reset-offsets --group g --all-topics --shift-by -1 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-offset 99 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-current --dry-run'),
  consumers('--reset-offsets --group g --all-topics --by-duration PT1H --dry-run'),
  consumers('--reset-offsets --group g --all-topics --by-duration nonsense --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-datetime 2020-01-01T00:00:00.000 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-datetime 2099-01-01T00:00:00.000 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-datetime nonsense --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-earliest --export --dry-run'),
  consumers('--reset-offsets --all-groups --all-topics --to-earliest --export --dry-run'),
  consumers('--reset-offsets --group g --from-file $D/plan.csv --dry-run', {
    files: { 'plan.csv': 'g-orders,0,1\ng-orders,1,0\n' },
  }),
  consumers('--reset-offsets --group g --from-file $D/nowhere.csv --dry-run'),
  consumers('--reset-offsets --group other --topic g-orders --shift-by 1 --dry-run'),
  consumers('--delete-offsets --group g --topic g-orders:0'),
  consumers('--delete-offsets --group g --topic g-orders --topic nowhere'),
  consumers('--delete-offsets --group nobody --topic g-orders'),
  consumers('--delete --group g --group nobody'),
  form('consumer-groups', '--validate-regex a.*'),
  form('consumer-groups', '--validate-regex ['),
];

export const GROUP_FORMS: readonly Form[] = [...CONSUMER_GROUPS];
