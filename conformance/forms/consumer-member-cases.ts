// Forms of kafka-consumer-groups and kafka-groups where groups have members, by either protocol.
import type { Form } from './forms.ts';
import { joinClassicGroup, joinConsumerGroup } from './group-members.ts';
import { at } from './making-forms.ts';

const consumers = (args: string, more?: Partial<Form>): Form => at('consumer-groups', args, more);

const viewsOf = (group: string): readonly Form[] =>
  ['', '--offsets --verbose', '--members', '--members --verbose', '--state', '--state --verbose'].map((view) =>
    consumers(`--describe --group ${group} ${view}`),
  );

export const CONSUMER_MEMBER_FORMS: readonly Form[] = [
  consumers('--list --state --type', {
    name: 'consumer-groups --list with a member',
    prepare: joinConsumerGroup('modern', 'member-m', ['g-orders']),
  }),
  ...viewsOf('modern'),
  consumers('--list --state --type', {
    name: 'consumer-groups --list with a static member',
    prepare: joinClassicGroup('static', 'instance', 'g-orders'),
  }),
  ...viewsOf('static'),
  consumers('--list --state stable'),
  consumers('--list --type consumer'),
  consumers('--list --type classic,consumer --state empty,stable'),
  consumers('--describe --all-groups --state'),
  consumers('--describe --group modern --group static --members'),
  consumers('--delete --group modern --group static'),
  consumers('--delete-offsets --group modern --topic g-orders'),
  consumers('--delete-offsets --group static --topic g-orders'),
  consumers('--reset-offsets --group modern --group static --topic g-orders --to-earliest --dry-run'),
  consumers('--reset-offsets --group modern --topic g-orders --to-earliest --execute'),
  at('groups', '--list'),
  at('groups', '--list --consumer'),
  at('groups', '--list --group-type consumer'),
  at('groups', '--list --group-type classic --protocol consumer'),
];
