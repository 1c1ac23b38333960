// Forms of kafka-streams-groups and kafka-streams-application-reset: usage, refusals, and their work on groups with and without members.
import type { Form } from './forms.ts';
import {
  joinClassicGroup,
  joinConsumerGroup,
  joinStreamsGroup,
  joinStreamsGroupInVain,
  leaveStreamsGroup,
  type Subtopology,
} from './group-members.ts';
import { ANY_STATES, at, form, KEYED } from './making-forms.ts';

const streams = (args: string, more?: Partial<Form>): Form => at('streams-groups', args, more);
const reset = (args: string, more?: Partial<Form>): Form => streams(`--reset-offsets ${args}`, more);

const changelog = (name: string) => ({ name, partitions: 0, replicationFactor: 1, topicConfigs: [] });
const subtopology = (more: Partial<Subtopology>): Subtopology => ({
  subtopologyId: '0',
  sourceTopics: [],
  sourceTopicRegex: [],
  stateChangelogTopics: [],
  repartitionSinkTopics: [],
  repartitionSourceTopics: [],
  copartitionGroups: [],
  ...more,
});

/** Words of t-lines by their counts: through a repartition topic of the application `app`. */
const topologyOf = (app: string): readonly Subtopology[] => [
  subtopology({
    sourceTopics: ['t-lines'],
    repartitionSinkTopics: [`${app}-words-repartition`],
  }),
  subtopology({
    subtopologyId: '1',
    stateChangelogTopics: [changelog(`${app}-counts-changelog`)],
    repartitionSourceTopics: [{ ...changelog(`${app}-words-repartition`), partitions: 2 }],
  }),
];

const REFUSALS: readonly Form[] = [
  at('topics', '--create --topic t-lines --partitions 2'),
  at('topics', '--create --topic t-other --partitions 1'),
  form('console-producer', '--bootstrap-server $B --topic t-lines --timeout 1 --property parse.key=true', {
    input: KEYED,
  }),
  form('streams-groups', '--list'),
  streams(''),
  streams('--list --describe --group app'),
  streams('--list'),
  streams('--list --state'),
  streams('--list --state Bogus', ANY_STATES),
  streams('--list --members'),
  streams('--list --verbose'),
  streams('--list --group app'),
  streams('--list --input-topic t-lines'),
  streams('--list --timeout x'),
  streams('--list --command-config $D/none.properties'),
  streams('--describe'),
  streams('--describe --group nobody'),
  streams('--describe --group nobody --members'),
  streams('--describe --all-groups'),
  streams('--describe --group app --members --offsets'),
  streams('--describe --group app --state Stable'),
  streams('--describe --group app --all-groups'),
  streams('--describe --group app --input-topic t-lines'),
  streams('--delete'),
  streams('--delete --group nobody'),
  streams('--delete --all-groups'),
  streams('--delete --group app --input-topic t-lines'),
  streams('--delete --group app --delete-internal-topic x'),
  streams('--delete --group app --dry-run'),
  streams('--delete-offsets'),
  streams('--delete-offsets --group app'),
  streams('--delete-offsets --input-topic t-lines'),
  streams('--delete-offsets --group a --group b --input-topic t-lines'),
  streams('--delete-offsets --group nobody --input-topic t-lines'),
  streams('--delete-offsets --group nobody --all-input-topics'),
  streams('--delete-offsets --all-groups --all-input-topics'),
  reset(''),
  reset('--dry-run'),
  reset('--group app'),
  reset('--group app --dry-run'),
  reset('--group app --dry-run --execute'),
  reset('--group app --input-topic t-lines --dry-run', ANY_STATES),
  reset('--group app --input-topic t-lines --all-input-topics --to-earliest --dry-run'),
  reset('--group app --input-topic t-lines --to-earliest'),
  reset('--group app --input-topic t-lines --to-earliest --to-latest --dry-run'),
  reset('--group app --input-topic t-lines --to-offset x --dry-run'),
  reset('--group app --to-earliest --dry-run'),
  reset('--group app --input-topic t-lines --to-earliest --dry-run --delete-all-internal-topics'),
  reset('--group app --input-topic t-lines --to-earliest --dry-run --delete-internal-topic x'),
  reset(
    '--group app --input-topic t-lines --to-earliest --execute --delete-internal-topic x --delete-all-internal-topics',
  ),
  reset('--group nobody --input-topic t-lines --to-earliest --dry-run'),
  reset('--group nobody --all-input-topics --to-latest --dry-run'),
  reset('--all-groups --all-input-topics --to-latest --dry-run'),
  streams('--list --dry-run'),
  streams('--list --execute'),
  streams('--list --delete-internal-topic x'),
  streams('--describe --group none --execute'),
  streams('--delete-offsets --group none --input-topic t-lines --dry-run'),
  reset('--group none --group never --input-topic t-lines --to-earliest --dry-run'),
  reset('--group none --all-groups --input-topic t-lines --to-earliest --dry-run'),
  reset('--group none --input-topic t-lines --to-earliest --to-offset 3 --dry-run'),
  reset('--group none --input-topic t-lines --shift-by x --dry-run'),
  streams('--list --export'),
  streams('--list --to-earliest'),
  streams('--list --delete-all-internal-topics'),
];

const WITH_MEMBERS: readonly Form[] = [
  streams('--list', {
    name: 'streams-groups --list with members',
    prepare: joinStreamsGroup('app', 'member-a', topologyOf('app'), [
      { topic: 't-lines', partition: 0, offset: 3 },
      { topic: 't-lines', partition: 1, offset: 0 },
      { topic: 'app-words-repartition', partition: 0, offset: 0 },
    ]),
  }),
  streams('--list --state'),
  streams('--list --state stable'),
  streams('--list --state empty,not_ready', ANY_STATES),
  streams('--list --state empty,NotReady'),
  streams('--describe --group app'),
  streams('--describe --group app --offsets'),
  streams('--describe --group app --verbose'),
  streams('--describe --group app --members'),
  streams('--describe --group app --members --verbose'),
  streams('--describe --group app --state'),
  streams('--describe --group app --state --verbose'),
  streams('--describe --all-groups --members'),
  streams('--describe --group app --group nobody --members'),
  streams('--delete --group app'),
  streams('--delete --group zz --group app --group nobody --group aa'),
  streams('--delete-offsets --group app --input-topic t-lines'),
  streams('--delete-offsets --group app --all-input-topics'),
  reset('--group app --input-topic t-lines --to-earliest --dry-run'),
  reset('--group app --input-topic t-lines --to-earliest --execute'),
  streams('--describe --group waiting --state', {
    prepare: joinStreamsGroupInVain('waiting', 'member-w', [subtopology({ sourceTopics: ['t-missing'] })]),
  }),
  streams('--describe --group waiting'),
  streams('--describe --group waiting --members'),
  streams('--describe --all-groups --state'),
  at('topics', '--list'),
];

const EMPTY: readonly Form[] = [
  streams('--describe --group app', {
    name: 'streams-groups --describe of empty',
    prepare: leaveStreamsGroup('app', 'member-a'),
  }),
  streams('--describe --group app --members'),
  streams('--describe --group app --state'),
  streams('--list --state', { name: 'streams-groups --list --state of empty' }),
  reset('--group app --input-topic t-lines --to-latest --execute'),
  reset('--group app --input-topic t-lines:0 --shift-by -1 --dry-run'),
  reset('--group app --input-topic t-lines:7 --to-latest --dry-run'),
  reset('--group app --input-topic t-lines:x --to-latest --dry-run'),
  reset('--group app --input-topic nowhere --to-latest --dry-run'),
  reset('--group app --input-topic t-other --to-latest --dry-run'),
  reset('--group app --input-topic app-words-repartition:0 --to-latest --dry-run'),
  reset('--group app --input-topic t-lines --input-topic t-other --to-latest --dry-run'),
  reset('--group app --all-input-topics --to-earliest --dry-run'),
  reset('--group app --all-input-topics --to-offset 99 --dry-run'),
  reset('--group app --all-input-topics --to-offset 1 --dry-run'),
  reset('--group app --all-input-topics --to-current --dry-run'),
  reset('--group app --all-input-topics --shift-by -2 --dry-run'),
  reset('--group app --all-input-topics --by-duration PT1H --dry-run'),
  reset('--group app --all-input-topics --by-duration nonsense --dry-run'),
  reset('--group app --all-input-topics --to-datetime 2020-01-01T00:00:00.000 --dry-run'),
  reset('--group app --all-input-topics --to-datetime 2099-01-01T00:00:00.000 --dry-run'),
  reset('--group app --all-input-topics --to-datetime nonsense --dry-run'),
  reset('--group app --all-input-topics --to-earliest --export --dry-run'),
  reset('--all-groups --all-input-topics --to-earliest --export --dry-run'),
  reset('--group app --from-file $D/plan.csv --dry-run', {
    files: { 'plan.csv': 't-lines,0,1\nt-lines,1,0\n' },
  }),
  reset('--group app --from-file $D/none.csv --dry-run'),
  reset('--group app --input-topic t-lines --to-earliest --execute --delete-internal-topic nowhere'),
  reset('--group app --input-topic t-lines --to-earliest --execute --delete-internal-topic app-counts-changelog'),
  at('topics', '--list'),
  reset('--group app --input-topic t-lines --to-latest --execute --delete-all-internal-topics'),
  at('topics', '--list'),
  streams('--delete-offsets --group app --input-topic t-lines:0'),
  streams('--delete-offsets --group app --input-topic nowhere'),
  streams('--delete-offsets --group app --input-topic t-other'),
  streams('--delete-offsets --group app --all-input-topics'),
  streams('--delete-offsets --group app --all-input-topics'),
];

/** Groups of other kinds, by this tool and by others. */
const OTHERS: readonly Form[] = [
  at('consumer-groups', '--reset-offsets --group c2 --topic t-lines --to-latest --execute'),
  streams('--list'),
  streams('--describe --group c2'),
  streams('--delete --group c2'),
  streams('--delete-offsets --group c2 --input-topic t-lines'),
  reset('--group c2 --input-topic t-lines --to-earliest --dry-run'),
  at('consumer-groups', '--describe --group app'),
  at('consumer-groups', '--reset-offsets --group app --topic t-lines --to-latest --execute'),
  at('consumer-groups', '--delete --group app'),
  at('share-groups', '--reset-offsets --group app --topic t-lines --to-latest --execute'),
  reset('--group app --group c2 --group unknown --input-topic t-lines --to-latest --execute'),
  at('groups', '--list --streams'),
  at('groups', '--list --group-type streams'),
  at('groups', '--list --protocol streams'),
];

const DELETION: readonly Form[] = [
  streams('--delete --group app --group nobody --group waiting'),
  streams('--delete --group two --delete-all-internal-topics', {
    prepare: async (bootstrap) => {
      await joinStreamsGroup('two', 'member-t', topologyOf('two'))(bootstrap);
      await leaveStreamsGroup('two', 'member-t')(bootstrap);
    },
  }),
  streams('--delete --group odd --delete-all-internal-topics', {
    prepare: async (bootstrap) => {
      await joinStreamsGroup('odd', 'member-o', topologyOf('strange'))(bootstrap);
      await leaveStreamsGroup('odd', 'member-o')(bootstrap);
    },
  }),
  at('topics', '--list'),
  streams('--delete --all-groups', {
    name: 'streams-groups --delete --all-groups, one of which is empty',
    prepare: leaveStreamsGroup('waiting', 'member-w'),
  }),
  streams('--list'),
];

const again = (args: string, more?: Partial<Form>): Form =>
  at('streams-application-reset', `--application-id old ${args}`, more);
const lines = (args: string, more?: Partial<Form>): Form => again(`--input-topics t-lines ${args}`, more);

const RESETTER: readonly Form[] = [
  at('streams-application-reset', ''),
  form('streams-application-reset', '--application-id'),
  again('--to-earliest --to-latest'),
  again('--command-config $D/none.properties'),
  again('--command-config $D/c.properties --config-file $D/c.properties', {
    files: { 'c.properties': 'client.id=tool\n' },
  }),
  again(''),
  again('--dry-run'),
  again('--config-file $D/c.properties --dry-run', { files: { 'c.properties': 'client.id=tool\n' } }),
  lines('--dry-run'),
  lines(''),
  lines('--to-offset 2 --dry-run'),
  lines('--to-offset 0 --dry-run'),
  lines('--to-offset 5 --dry-run'),
  lines('--to-offset 99 --dry-run'),
  lines('--to-offset x --dry-run'),
  lines('--to-latest'),
  lines('--shift-by -1 --dry-run'),
  lines('--shift-by -99 --dry-run'),
  lines('--shift-by 99 --dry-run'),
  lines('--by-duration PT1H --dry-run'),
  lines('--by-duration nonsense --dry-run'),
  lines('--to-datetime 2020-01-01T00:00:00.000 --dry-run'),
  lines('--to-datetime 2099-01-01T00:00:00.000 --dry-run'),
  lines('--to-datetime nonsense --dry-run'),
  lines('--from-file $D/plan.csv --dry-run', { files: { 'plan.csv': 't-lines,0,1\nt-lines,1,0\n' } }),
  lines('--from-file $D/half.csv --dry-run', { files: { 'half.csv': 't-lines,0,1\n' } }),
  lines('--from-file $D/empty.csv --dry-run', { files: { 'empty.csv': '' } }),
  lines('--from-file $D/bad.csv --dry-run', { files: { 'bad.csv': 't-lines;0;1\n' } }),
  lines('--from-file $D/none.csv --dry-run'),
  again('--input-topics t-lines,nowhere --dry-run'),
  again('--input-topics nowhere --dry-run'),
  again('--intermediate-topics t-other,nowhere --dry-run'),
  again('--input-topics t-lines --intermediate-topics t-other'),
  at('topics', '--create --topic old-a-changelog'),
  at('topics', '--create --topic old-b-repartition'),
  at('topics', '--create --topic old-own'),
  again('--dry-run', { name: 'streams-application-reset with internal topics' }),
  again('--internal-topics old-own --dry-run'),
  again('--internal-topics old-a-changelog'),
  again(''),
  at('topics', '--list'),
  at('consumer-groups', '--describe --group old'),
  again('--dry-run', {
    name: 'streams-application-reset with a member',
    prepare: joinConsumerGroup('old', 'member-m', ['t-lines']),
  }),
  at('streams-application-reset', '--application-id older --dry-run', {
    prepare: joinClassicGroup('older', 'instance', 't-lines'),
  }),
  at('streams-application-reset', '--application-id older --force'),
  at('consumer-groups', '--describe --group older --state'),
];

export const STREAMS_GROUP_FORMS: readonly Form[] = [
  ...REFUSALS,
  ...WITH_MEMBERS,
  ...EMPTY,
  ...OTHERS,
  ...DELETION,
  ...RESETTER,
];
