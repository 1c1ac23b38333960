// Configs of groups (KIP-848) and of client metrics (KIP-714), which exist while something is set.

import { same, that } from '../../suite.ts';
import { CONFIG_COMMAND, type Steps, TOOLS } from './session.ts';

const GROUP = ['--entity-type', 'groups', '--entity-name', 'configured'];
const METRICS = `${TOOLS}.ClientMetricsCommand`;

export const GROUP_CONFIGS: Steps = {
  'configs --alter of a group': async (s) => {
    await s.configs('--alter', ...GROUP, '--add-config', 'consumer.session.timeout.ms=50000');
    const line =
      'consumer.session.timeout.ms=50000 sensitive=false synonyms={DYNAMIC_GROUP_CONFIG:consumer.session.timeout.ms=50000, ' +
      'DEFAULT_CONFIG:group.consumer.session.timeout.ms=45000}';
    const text = await s.configs('--describe', ...GROUP);
    that(text.includes('Dynamic configs for group configured are:') && text.includes(line), text);
    that((await s.configs('--describe', '--entity-type', 'groups')).includes(line), 'in the list of all');
  },
  'configs --describe --all of a group': async (s) => {
    const text = await s.configs('--describe', '--all', ...GROUP);
    const expected = [
      'consumer.heartbeat.interval.ms=5000',
      'share.record.lock.duration.ms=',
      'streams.session.timeout.ms=45000',
    ];
    for (const key of expected) that(text.includes(key), `${key} in ${text}`);
  },
  'configs --alter of a group that is refused': async (s) => {
    const alter = (config: string): string[] => ['--alter', ...GROUP, '--add-config', config];
    const low =
      /consumer\.session\.timeout\.ms must be greater than or equal to group\.consumer\.min\.session\.timeout\.ms/;
    await s.refused(CONFIG_COMMAND, alter('consumer.session.timeout.ms=1'), low);
    await s.refused(CONFIG_COMMAND, alter('no.such=1'), /Unknown group config name: no\.such/);
  },
  'configs --delete-config of a group': async (s) => {
    await s.configs('--alter', ...GROUP, '--delete-config', 'consumer.session.timeout.ms');
    that(
      !(await s.configs('--describe', '--entity-type', 'groups')).includes('session.timeout.ms=50000'),
      'still there',
    );
  },
  'client-metrics --alter, --describe, --list': async (s) => {
    const metrics = 'org.apache.kafka.producer.,org.apache.kafka.consumer.';
    const match = 'client_id=a.*,client_software_name=b';
    const set = ['--metrics', metrics, '--interval', '30000', '--match', match];
    const made = await s.ok(METRICS, ['--alter', '--name', 'watched', ...set]);
    that(made.includes('Altered client metrics config for watched.'), made);
    const text = await s.ok(METRICS, ['--describe', '--name', 'watched']);
    for (const line of ['interval.ms=30000', `match=${match}`, `metrics=${metrics}`]) that(text.includes(line), text);
    that((await s.ok(METRICS, ['--describe'])).includes('Client metrics configs for watched are:'), 'all');
    same((await s.ok(METRICS, ['--list'])).trim(), 'watched', 'list');
  },
  'client-metrics through configs': async (s) => {
    const one = ['--entity-type', 'client-metrics', '--entity-name', 'watched'];
    await s.configs('--alter', ...one, '--add-config', 'interval.ms=60000');
    const text = await s.configs('--describe', ...one);
    that(text.includes('synonyms={DYNAMIC_CLIENT_METRICS_CONFIG:interval.ms=60000}'), text);
  },
  'client-metrics that are refused': async (s) => {
    const refused = (args: string[], message: RegExp): Promise<void> =>
      s.refused(METRICS, ['--alter', '--name', 'watched', ...args], message);
    await refused(['--interval', '5'], /Invalid value 5 for interval\.ms, interval must be between 100 and 3600000/);
    await refused(['--match', 'nope=b'], /Illegal client matching pattern: nope=b/);
  },
  'client-metrics --generate-name': async (s) => {
    const text = await s.ok(METRICS, ['--alter', '--generate-name', '--interval', '1000']);
    const name = /Altered client metrics config for (\S{22})\./.exec(text)?.[1] ?? '';
    that((await s.ok(METRICS, ['--list'])).includes(name), `${name} in the list`);
    await s.ok(METRICS, ['--delete', '--name', name]);
  },
  'client-metrics --delete': async (s) => {
    const text = await s.ok(METRICS, ['--delete', '--name', 'watched']);
    that(text.includes('Deleted client metrics config for watched.'), text);
    same((await s.ok(METRICS, ['--list'])).trim(), '', 'list');
  },
};
