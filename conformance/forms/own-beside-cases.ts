// What our own commands do beside a cluster: a schema registry, the files of a log, loads, profiles.
import { joinStreamsGroup, leaveStreamsGroup } from './group-members.ts';
import { FIGURES, form, type OwnForm } from './own-form.ts';

const USER = { type: 'record', name: 'User', fields: [{ name: 'id', type: 'long' }] };
const FILES = {
  files: {
    'user.avsc': JSON.stringify(USER),
    'named.avsc': JSON.stringify({
      ...USER,
      fields: [...USER.fields, { name: 'name', type: 'string', default: '' }],
    }),
    'other.avsc': JSON.stringify({ ...USER, fields: [{ name: 'id', type: 'string' }] }),
    'order.json': '{"type":"object","properties":{"id":{"type":"integer"}}}',
    'order.proto': 'syntax = "proto3";\nmessage Order { int64 id = 1; }\n',
    'broken.avsc': '{"type":"record"',
  },
};

const REGISTRY: readonly OwnForm[] = [
  form('registry subjects --registry $R', FILES),
  form('registry create users-value --registry $R --schema $H/user.avsc'),
  form('registry create users-value --registry $R --schema $H/user.avsc --json'),
  form('registry create users-value --registry $R --schema $H/named.avsc'),
  form('registry create users-value --registry $R --schema $H/other.avsc'),
  form('registry create users-value --registry $R --schema $H/broken.avsc'),
  form('registry create orders-value --registry $R --schema $H/order.json --type json'),
  form('registry create proto-value --registry $R --schema $H/order.proto --type protobuf'),
  form('registry subjects --registry $R --format wide'),
  form('registry versions users-value --registry $R'),
  form('registry versions nowhere --registry $R'),
  form('registry get users-value --registry $R'),
  form('registry get users-value --registry $R --version 1 --print-schema'),
  form('registry get users-value --registry $R --version 9'),
  form('registry get proto-value --registry $R --json'),
  form('registry schema 1 --registry $R'),
  form('registry schema 99 --registry $R --json'),
  form('registry check users-value --registry $R --schema $H/other.avsc'),
  form('registry check users-value --registry $R --schema $H/user.avsc --json'),
  form('registry compatibility --registry $R'),
  form('registry compatibility users-value --registry $R --set FULL'),
  form('registry compatibility users-value --registry $R --json'),
  form('registry mode --registry $R'),
  form('registry mode users-value --registry $R --set READONLY'),
  form('registry create users-value --registry $R --schema $H/named.avsc'),
  form('registry mode users-value --registry $R --set READWRITE'),
  form('registry contexts --registry $R'),
  form('registry delete orders-value --registry $R'),
  form('registry delete orders-value --registry $R --permanent'),
  form('registry subjects --registry $R --deleted'),
  form('topic create users -p 1'),
  form('produce users -X registry.hosts=$R --schema-id topic', { input: '{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n' }),
  form('produce users -X registry.hosts=$R --schema-id 1', { input: '{"id":"no number"}\n' }),
  form('consume users -o :end --json'),
  form('consume users -o :end --json -X registry.hosts=$R --use-schema-registry value'),
  form('registry used'),
  form('registry used 1 --topics users --json'),
  form('registry export'),
  form('registry import --topic imported', {
    input:
      '{"key":{"keytype":"SCHEMA","subject":"s","version":1,"magic":1},"value":{"subject":"s","version":1,"id":7,"schema":"\\"int\\"","deleted":false}}\n',
  }),
  form('registry export --topic imported'),
  form('registry import --topic imported', { input: 'no JSON\n' }),
];

const RPK_NAMES: readonly OwnForm[] = [
  form('security acl create --topic one --operation read --allow-principal bob'),
  form('security acl delete --topic one --no-confirm'),
  form('security user list'),
  form('cluster quotas describe --strict'),
  form('cluster txn list'),
  form('cluster logdirs describe --topics one'),
  form('registry schema create named --registry $R --schema $H/user.avsc'),
  form('registry schema list --registry $R'),
  form('registry schema get users-value --registry $R --schema-version 1'),
  form('registry schema get --registry $R --id 1'),
  form('registry schema check-compatibility named --registry $R --schema $H/other.avsc --schema-version latest'),
  form('registry schema references named --registry $R --schema-version 1'),
  form('registry schema delete named --registry $R --schema-version 1'),
  form('registry subject list --registry $R'),
  form('registry subject delete proto-value nobody --registry $R'),
  form('registry compatibility-level set --registry $R --level FORWARD'),
  form('registry compatibility-level get users-value --registry $R --global'),
  form('registry mode get --registry $R'),
  form('registry mode set users-value --registry $R --mode READONLY'),
  form('registry mode reset users-value --registry $R'),
];

const changelog = { name: 'app-counts-changelog', partitions: 0, replicationFactor: 1, topicConfigs: [] };
const TOPOLOGY = {
  subtopologyId: '0',
  sourceTopics: ['streamed'],
  sourceTopicRegex: [],
  stateChangelogTopics: [changelog],
  repartitionSinkTopics: [],
  repartitionSourceTopics: [],
  copartitionGroups: [],
};
const COMMITTED = [{ topic: 'streamed', partition: 0, offset: 1 }];

const STREAMS: readonly OwnForm[] = [
  form('streams list'),
  form('streams describe app'),
  form('topic create streamed -p 1'),
  form('produce streamed', { input: 'a\nb\n' }),
  form('streams list --json', { prepare: joinStreamsGroup('app', 'first', [TOPOLOGY], COMMITTED) }),
  form('streams describe app'),
  form('streams describe app --json'),
  form('streams reset app --no-confirm'),
  form('streams reset app --to end --dry', { prepare: leaveStreamsGroup('app', 'first') }),
  form('streams reset app --topics one --no-confirm'),
  form('streams reset app --no-confirm'),
  form('streams describe app'),
  form('streams delete app'),
  form('streams delete app'),
];

const FILES_OF_LOGS: readonly OwnForm[] = [
  form('log dump $L/single-0'),
  form('log dump $L/single-0 -r -n 3 --json'),
  form('log dump $L/txn-0/00000000000000000000.log --from 1'),
  form('log dump $L/nowhere-0'),
];

const LOADS: readonly OwnForm[] = [
  form('topic create load -p 2'),
  form('bench producer load -n 2000 -s 20 -z lz4', FIGURES),
  form('bench producer load -n 100 --acks 0 --json', FIGURES),
  form('bench consumer load -n 2000', FIGURES),
  form('bench consumer nowhere'),
];

const PROFILES: readonly OwnForm[] = [
  form('profile create here -s brokers=$B'),
  form('profile create there -s brokers=$B -s user=alice -s pass=secret'),
  form('profile list'),
  form('profile print there'),
  form('profile use here'),
  form('profile current'),
  form('profile set client.id=app'),
  form('profile rename there away'),
  form('profile delete away'),
  form('profile list --json'),
  form('topic describe one -s --profile here'),
  form('topic list --profile nowhere'),
  form('completion bash'),
];

export const BESIDE_FORMS: readonly OwnForm[] = [
  ...REGISTRY,
  ...RPK_NAMES,
  ...STREAMS,
  ...FILES_OF_LOGS,
  ...LOADS,
  ...PROFILES,
];
