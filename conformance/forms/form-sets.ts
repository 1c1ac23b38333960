// The forms by the broker on which they run, and where what the originals said is kept for `npm test`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { FORMS } from './cases.ts';
import type { Form, FormOutcome } from './forms.ts';
import { GROUP_FORMS } from './group-cases.ts';
import { MODERN_GROUP_FORMS } from './modern-group-cases.ts';
import { MORE_FORMS } from './more-cases.ts';
import { TOKEN_FORMS } from './token-cases.ts';

export interface FormSet {
  readonly name: string;
  /** In this order, on a broker that begins empty. */
  readonly forms: readonly Form[];
  /** Of the broker. */
  readonly properties: Readonly<Record<string, string>>;
  /** The file of the recordings in test/fixtures. */
  readonly recorded: string;
}

const QUIET = { 'offsets.topic.num.partitions': '4', 'group.initial.rebalance.delay.ms': '0' };

export const GENERAL: FormSet = {
  name: 'general',
  forms: FORMS,
  properties: { ...QUIET, 'num.partitions': '4' },
  recorded: 'kafka-forms.json.gz',
};

export const GROUPS: FormSet = {
  name: 'groups, security, cluster',
  forms: GROUP_FORMS,
  properties: {
    ...QUIET,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  },
  recorded: 'kafka-group-forms.json.gz',
};

export const MODERN_GROUPS: FormSet = {
  name: 'share groups, streams groups',
  forms: MODERN_GROUP_FORMS,
  properties: {
    ...QUIET,
    'group.share.assignment.interval.ms': '0',
    'group.streams.assignment.interval.ms': '0',
    'group.streams.initial.rebalance.delay.ms': '0',
    // Their members are requests that nobody repeats.
    'group.share.session.timeout.ms': '60000',
    'group.streams.session.timeout.ms': '60000',
  },
  recorded: 'kafka-modern-group-forms.json.gz',
};

export const MORE: FormSet = {
  name: 'features, loads, verification',
  forms: MORE_FORMS,
  properties: { ...QUIET, 'share.coordinator.state.topic.num.partitions': '1' },
  recorded: 'kafka-more-forms.json.gz',
};

export const TOKENS: FormSet = {
  name: 'delegation tokens',
  forms: TOKEN_FORMS,
  properties: {
    'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.plaintext.plain.sasl.jaas.config':
      'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";',
    'delegation.token.secret.key': 'of the forms',
  },
  recorded: 'kafka-token-forms.json.gz',
};

export const FORM_SETS: readonly FormSet[] = [GENERAL, GROUPS, MODERN_GROUPS, MORE, TOKENS];

const fileOf = ({ recorded }: FormSet): string => join(import.meta.dirname, '../../test/fixtures', recorded);

/** What the originals said, masked, by the name of the form. */
export function recordingsOf(set: FormSet): Record<string, FormOutcome> {
  return JSON.parse(gunzipSync(readFileSync(fileOf(set))).toString()) as Record<string, FormOutcome>;
}

export function record(set: FormSet, outcomes: readonly FormOutcome[]): void {
  const byName = Object.fromEntries(set.forms.map(({ name }, index) => [name, outcomes[index]]));
  writeFileSync(fileOf(set), gzipSync(JSON.stringify(byName), { level: 9 }));
}
