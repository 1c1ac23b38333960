// The options of kafka-acls, and which of them go together.
import type { AclPatternType } from '../../client/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { CommandOptions } from './options/command-options.ts';
import { type ArgumentType, flag, valued } from './options/option.ts';

/** In the order in which Kafka's help has them. */
const OPERATIONS = [
  'Write',
  'Describe',
  'CreateTokens',
  'AlterConfigs',
  'TwoPhaseCommit',
  'All',
  'IdempotentWrite',
  'DescribeTokens',
  'Alter',
  'Create',
  'Read',
  'DescribeConfigs',
  'Delete',
  'ClusterAction',
];

const PATTERNS: readonly AclPatternType[] = ['ANY', 'MATCH', 'LITERAL', 'PREFIXED'];

const PATTERN_TYPE: ArgumentType<AclPatternType> = {
  name: 'ANY|MATCH|LITERAL|PREFIXED',
  convert: (text) => PATTERNS.find((one) => one === text.toUpperCase()),
};

export const OPTIONS = {
  bootstrapServer: valued(
    'bootstrap-server',
    'A list of host/port pairs to use for establishing the connection to the Kafka cluster. This list should be in the form host1:port1,host2:port2,... This config is required for acl management using admin client API.',
    { name: 'server to connect to' },
  ),
  bootstrapController: valued(
    'bootstrap-controller',
    'A list of host/port pairs to use for establishing the connection to the Kafka cluster. This list should be in the form host1:port1,host2:port2,... This config is required for acl management using admin client API.',
    { name: 'controller to connect to' },
  ),
  commandConfig: valued('command-config', 'A property file containing configs to be passed to Admin Client.', {
    name: 'command-config',
    isOptional: true,
  }),
  topic: valued(
    'topic',
    `topic to which ACLs should be added or removed. A value of '*' indicates ACL should apply to all topics.`,
    { name: 'topic' },
  ),
  cluster: flag('cluster', 'Add/Remove cluster ACLs.'),
  group: valued(
    'group',
    `Consumer Group to which the ACLs should be added or removed. A value of '*' indicates the ACLs should apply to all groups.`,
    { name: 'group' },
  ),
  transactionalId: valued(
    'transactional-id',
    `The transactionalId to which ACLs should be added or removed. A value of '*' indicates the ACLs should apply to all transactionalIds.`,
    { name: 'transactional-id' },
  ),
  idempotent: flag(
    'idempotent',
    'Enable idempotence for the producer. This should be used in combination with the --producer option. Note that idempotence is enabled automatically if the producer is authorized to a particular transactional-id.',
  ),
  delegationToken: valued(
    'delegation-token',
    `Delegation token to which ACLs should be added or removed. A value of '*' indicates ACL should apply to all tokens.`,
    { name: 'delegation-token' },
  ),
  resourcePatternType: valued(
    'resource-pattern-type',
    `The type of the resource pattern or pattern filter. When adding acls, this should be a specific pattern type, e.g. 'literal' or 'prefixed'. When listing or removing acls, a specific pattern type can be used to list or remove acls from specific resource patterns, or use the filter values of 'any' or 'match', where 'any' will match any pattern type, but will match the resource name exactly, where as 'match' will perform pattern matching to list or remove all acls that affect the supplied resource(s). WARNING: 'match', when used in combination with the '--remove' switch, should be used with care.`,
    { type: PATTERN_TYPE, defaults: ['LITERAL' as AclPatternType] },
  ),
  add: flag('add', 'Indicates you are trying to add ACLs.'),
  remove: flag('remove', 'Indicates you are trying to remove ACLs.'),
  list: flag(
    'list',
    'List ACLs for the specified resource, use --topic <topic> or --group <group> or --cluster to specify a resource.',
  ),
  operations: valued(
    'operation',
    `Operation that is being allowed or denied. Valid operation names are: \n${OPERATIONS.map((name) => `\t${name}`).join('\n')}\n`,
    { defaults: ['All'] },
  ),
  allowPrincipals: valued(
    'allow-principal',
    `principal is in principalType:name format. Note that principalType must be supported by the Authorizer being used. For example, User:'*' is the wild card indicating all users.`,
    { name: 'allow-principal' },
  ),
  denyPrincipals: valued(
    'deny-principal',
    `principal is in principalType:name format. By default anyone not added through --allow-principal is denied access. You only need to use this option as negation to already allowed set. Note that principalType must be supported by the Authorizer being used. For example if you wanted to allow access to all users in the system but not test-user you can define an ACL that allows access to User:'*' and specify --deny-principal=User:test@EXAMPLE.COM. AND PLEASE REMEMBER DENY RULES TAKES PRECEDENCE OVER ALLOW RULES.`,
    { name: 'deny-principal' },
  ),
  listPrincipals: valued(
    'principal',
    'List ACLs for the specified principal. principal is in principalType:name format. Note that principalType must be supported by the Authorizer being used. Multiple --principal option can be passed.',
    { name: 'principal', isOptional: true },
  ),
  allowHosts: valued(
    'allow-host',
    `Host from which principals listed in --allow-principal will have access. If you have specified --allow-principal then the default for this option will be set to '*' which allows access from all hosts.`,
    { name: 'allow-host' },
  ),
  denyHosts: valued(
    'deny-host',
    `Host from which principals listed in --deny-principal will be denied access. If you have specified --deny-principal then the default for this option will be set to '*' which denies access from all hosts.`,
    { name: 'deny-host' },
  ),
  producer: flag(
    'producer',
    'Convenience option to add/remove ACLs for producer role. This will generate ACLs that allows WRITE,DESCRIBE and CREATE on topic.',
  ),
  consumer: flag(
    'consumer',
    'Convenience option to add/remove ACLs for consumer role. This will generate ACLs that allows READ,DESCRIBE on topic and READ on group.',
  ),
  force: flag('force', 'Assume Yes to all queries and do not prompt.'),
  userPrincipal: valued(
    'user-principal',
    'Specifies a user principal as a resource in relation with the operation. For instance one could grant CreateTokens or DescribeTokens permission on a given user principal.',
    { name: 'user-principal' },
  ),
};

const CONSUMER =
  'With --consumer you must specify a --topic and a --group and no --cluster or --transactional-id option should be specified.';

/** Throws OptionError, or Exit with the usage. */
export function aclOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  options.maybePrintHelpOrVersion('This tool helps to manage acls on kafka.');
  const { bootstrapServer, bootstrapController, add, remove, list, producer, consumer, topic, group } = OPTIONS;
  const { operations, denyPrincipals, denyHosts, allowHosts, allowPrincipals, cluster, transactionalId } = OPTIONS;
  if (options.has(bootstrapServer) && options.has(bootstrapController)) {
    options.usage('Only one of --bootstrap-server or --bootstrap-controller must be specified');
  }
  if (!options.has(bootstrapServer) && !options.has(bootstrapController)) {
    options.usage('One of --bootstrap-server or --bootstrap-controller must be specified');
  }
  if ([add, remove, list].filter((one) => options.has(one)).length !== 1) {
    options.usage('Command must include exactly one action: --list, --add, --remove. ');
  }
  options.checkInvalid(list, producer, consumer, allowHosts, allowPrincipals, denyHosts, denyPrincipals);
  options.checkInvalid(producer, operations, denyPrincipals, denyHosts);
  options.checkInvalid(consumer, operations, denyPrincipals, denyHosts);
  if (options.has(OPTIONS.listPrincipals) && !options.has(list)) {
    options.usage('The --principal option is only available if --list is set');
  }
  if (options.has(producer) && !options.has(topic)) options.usage('With --producer you must specify a --topic');
  if (options.has(OPTIONS.idempotent) && !options.has(producer)) {
    options.usage('The --idempotent option is only available if --producer is set');
  }
  const isWhole = options.has(topic) && options.has(group);
  const isBeyond = !options.has(producer) && (options.has(cluster) || options.has(transactionalId));
  if (options.has(consumer) && (!isWhole || isBeyond)) options.usage(CONSUMER);
  return options;
}
