// Forms of kafka-share-groups: usage, refusals, and its work on groups with and without members.
import type { Form } from './forms.ts';
import { joinShareGroup, leaveShareGroup } from './group-members.ts';
import { ANY_STATES, at, form, KEYED } from './making-forms.ts';

const share = (args: string, more?: Partial<Form>): Form => at('share-groups', args, more);
const reset = (args: string, more?: Partial<Form>): Form => share(`--reset-offsets ${args}`, more);

const REFUSALS: readonly Form[] = [
  at('topics', '--create --topic s-orders --partitions 2'),
  at('topics', '--create --topic s-other --partitions 3'),
  form('console-producer', '--bootstrap-server $B --topic s-orders --timeout 1 --property parse.key=true', {
    input: KEYED,
  }),
  form('share-groups', '--list'),
  share(''),
  share('--list --describe --group g'),
  share('--list'),
  share('--list --state'),
  share('--list --state Bogus', ANY_STATES),
  share('--list --members'),
  share('--list --verbose'),
  share('--list --group g'),
  share('--list --topic s-orders'),
  share('--list --timeout x'),
  share('--list --command-config $D/none.properties'),
  share('--list --command-config $D/c.properties', { files: { 'c.properties': 'client.id=tool\n' } }),
  share('--describe'),
  share('--describe --group nobody'),
  share('--describe --group nobody --members'),
  share('--describe --group nobody --state'),
  share('--describe --all-groups'),
  share('--describe --group g --members --offsets'),
  share('--describe --group g --state Stable'),
  share('--describe --group g --all-groups'),
  share('--describe --group g --topic s-orders'),
  share('--delete'),
  share('--delete --group nobody'),
  share('--delete --all-groups'),
  share('--delete --group g --topic s-orders'),
  share('--delete --group g --all-groups'),
  share('--delete-offsets'),
  share('--delete-offsets --group g'),
  share('--delete-offsets --topic s-orders'),
  share('--delete-offsets --group nobody --topic s-orders'),
  reset(''),
  reset('--dry-run'),
  reset('--group g'),
  reset('--group g --dry-run'),
  reset('--group g --dry-run --execute'),
  reset('--group g --topic s-orders --dry-run'),
  reset('--group g --topic s-orders --all-topics --dry-run'),
  reset('--group g --topic s-orders --all-topics --to-earliest --dry-run'),
  reset('--group g --group h --topic s-orders --to-earliest --dry-run'),
  reset('--group g --all-topics --dry-run'),
  reset('--group g --topic s-orders --to-earliest'),
  reset('--group g --topic s-orders --to-earliest --to-latest --dry-run'),
  reset('--group g --topic s-orders --to-earliest --to-datetime 2020-01-01T00:00:00.000 --dry-run'),
  reset('--all-groups --all-topics --to-earliest --dry-run'),
  reset('--group nobody --topic s-orders --to-earliest --dry-run'),
  reset('--group nobody --all-topics --to-latest --execute'),
];

const WITH_MEMBERS: readonly Form[] = [
  share('--list', {
    name: 'share-groups --list with a member',
    prepare: joinShareGroup('g', 'member-a', ['s-orders']),
  }),
  share('--list --state'),
  share('--list --state stable'),
  share('--list --state empty,dead'),
  share('--describe --group g'),
  share('--describe --group g --offsets'),
  share('--describe --group g --verbose'),
  share('--describe --group g --members'),
  share('--describe --group g --members --verbose'),
  share('--describe --group g --state'),
  share('--describe --group g --state --verbose'),
  share('--describe --all-groups --members'),
  share('--describe --group g --group nobody --members'),
  share('--delete --group g'),
  share('--delete --group g --group nobody'),
  share('--delete --group zz --group g --group nobody --group aa'),
  share('--delete-offsets --group g --topic s-orders'),
  reset('--group g --topic s-orders --to-earliest --dry-run'),
];

const EMPTY: readonly Form[] = [
  share('--list --state', { name: 'share-groups --list --state of empty', prepare: leaveShareGroup('g', 'member-a') }),
  share('--describe --group g'),
  share('--describe --group g --members'),
  share('--describe --group g --state'),
  reset('--group g --topic s-orders --to-earliest --dry-run'),
  reset('--group g --topic s-orders --to-earliest --execute'),
  share('--describe --group g'),
  share('--describe --group g --verbose'),
  at('console-share-consumer', '--topic s-orders --group g --max-messages 2 --timeout-ms 20000'),
  share('--describe --group g --offsets', { leftOut: /no active members/ }),
  reset('--group g --topic s-orders:0 --to-latest --dry-run'),
  reset('--group g --topic s-orders:7 --to-latest --dry-run'),
  reset('--group g --topic s-orders:x --to-latest --dry-run'),
  reset('--group g --topic s-orders: --to-latest --dry-run'),
  reset('--group g --topic nowhere --to-latest --dry-run'),
  reset('--group g --topic s-other --to-latest --execute'),
  reset('--group g --topic s-orders:0 --topic s-other --to-earliest --execute'),
  reset('--group g --all-topics --to-latest --dry-run'),
  reset('--group g --all-topics --to-datetime 2020-01-01T00:00:00.000 --dry-run'),
  reset('--group g --all-topics --to-datetime 2099-01-01T00:00:00.000 --dry-run', { isUnordered: true }),
  reset('--group g --all-topics --to-datetime nonsense --dry-run'),
  reset('--group g --all-topics --to-latest --execute --timeout 20000'),
  share('--describe --group g --offsets --verbose'),
  share('--delete-offsets --group g --topic nowhere'),
  share('--delete-offsets --group g --topic s-other --topic nowhere'),
  share('--delete-offsets --group g --topic s-orders'),
  share('--delete-offsets --group g --topic s-orders'),
  share('--describe --group g'),
  share('--describe --group g --verbose'),
];

/** The records that the group has not yet been done with, by the console. */
const console = (args: string, more?: Partial<Form>): Form =>
  at('console-share-consumer', `--topic s-orders --group g --max-messages 1 --timeout-ms 20000 ${args}`, more);
const DESERIALIZER = 'org.apache.kafka.common.serialization';

const CONSOLE: readonly Form[] = [
  reset('--group g --topic s-orders --to-earliest --execute'),
  console('--command-config $D/c.properties', { files: { 'c.properties': 'client.id=tool\n' } }),
  console('--command-config $D/none.properties'),
  console('--consumer-config $D/c.properties', { files: { 'c.properties': 'client.id=tool\n' } }),
  console('--consumer-config $D/c.properties --command-config $D/c.properties'),
  console('--enable-systest-events'),
  console('--formatter-config $D/f.properties', { files: { 'f.properties': 'print.key=true\nprint.offset=true\n' } }),
  console('--formatter-config $D/none.properties'),
  reset('--group g --topic s-orders --to-earliest --execute'),
  console(`--key-deserializer ${DESERIALIZER}.StringDeserializer --formatter-property print.key=true --reject`),
  console(`--value-deserializer ${DESERIALIZER}.StringDeserializer --release`),
  console(`--value-deserializer ${DESERIALIZER}.LongDeserializer`),
  console(`--value-deserializer ${DESERIALIZER}.LongDeserializer --reject-message-on-error`),
  console('--formatter-property print.delivery=true --formatter-property print.partition=true'),
];

/** A group of another kind. */
const OTHERS: readonly Form[] = [
  at('consumer-groups', '--reset-offsets --group c --topic s-orders --to-latest --execute'),
  share('--list'),
  share('--describe --group c'),
  share('--describe --group c --state'),
  share('--delete --group c'),
  share('--delete-offsets --group c --topic s-orders'),
  reset('--group c --topic s-orders --to-earliest --dry-run'),
  reset('--group c --topic s-orders --to-earliest --execute'),
  reset('--group fresh --topic s-orders --to-earliest --execute'),
  at('consumer-groups', '--describe --group g'),
  at('consumer-groups', '--reset-offsets --group g --topic s-orders --to-latest --execute'),
  at('consumer-groups', '--delete-offsets --group g --topic s-orders'),
  at('consumer-groups', '--list'),
  at('groups', '--list'),
  at('groups', '--list --share'),
  at('groups', '--list --group-type share'),
  at('groups', '--list --protocol share'),
];

const DELETION: readonly Form[] = [
  reset('--group h --topic s-orders --to-earliest --execute', {
    prepare: async (bootstrap) => {
      await joinShareGroup('h', 'member-h', ['s-orders'])(bootstrap);
      await leaveShareGroup('h', 'member-h')(bootstrap);
    },
  }),
  share('--delete --group g --group nobody'),
  share('--delete --all-groups'),
  share('--list'),
];

export const SHARE_GROUP_FORMS: readonly Form[] = [
  ...REFUSALS,
  ...WITH_MEMBERS,
  ...EMPTY,
  ...CONSOLE,
  ...OTHERS,
  ...DELETION,
];
