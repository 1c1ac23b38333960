// kafka-acls: who may do what with which resource (org.apache.kafka.tools.AclCommand).
import {
  type AclBinding,
  type AclOperationOrAny,
  type AclPatternType,
  type AclPermission,
  type AclResource,
  type Admin,
  valueOf,
} from '../../client/index.ts';
import { SUPPORTED_OPERATIONS } from '../../protocol/index.ts';
import { linesOf, print, type ToolIo } from '../tool-io.ts';
import { aclOptions, OPTIONS } from './acls-options.ts';
import { loadProperties } from './client-config.ts';
import { Exit } from './exit.ts';
import { executionError, illegalArgument, thrown, thrownText } from './java-error.ts';
import { withAdmin } from './open-admin.ts';
import type { CommandOptions } from './options/command-options.ts';
import type { Option } from './options/option.ts';
import { tool } from './run-tool.ts';

interface Resource {
  readonly type: AclResource;
  readonly name: string;
  readonly pattern: AclPatternType;
}

interface Entry {
  readonly principal: string;
  readonly host: string;
  readonly operation: AclOperationOrAny;
  readonly permission: AclPermission;
}

interface Wanted {
  readonly resource: Resource;
  readonly entries: readonly Entry[];
}

const CLUSTER: Resource = { type: 'CLUSTER', name: 'kafka-cluster', pattern: 'LITERAL' };

export const acls = tool(async (args, io) => {
  const options = aclOptions(io, args);
  try {
    if (options.has(OPTIONS.add)) await addAcls(io, options);
    else if (options.has(OPTIONS.remove)) await atCluster(io, options, (admin) => removeAcls(io, admin, options));
    else await atCluster(io, options, (admin) => listAcls(io, admin, options));
    return 0;
  } catch (error) {
    if (error instanceof Exit) throw error;
    print(io, `Error while executing ACL command: ${thrown(error).message}`);
    print(io, `${thrownText(error)}\n`);
    return 1;
  }
});

function atCluster(io: ToolIo, options: CommandOptions, work: (admin: Admin) => Promise<void>): Promise<void> {
  const target = {
    bootstrapServers: options.valueOf(OPTIONS.bootstrapServer),
    bootstrapControllers: options.valueOf(OPTIONS.bootstrapController),
    properties: loadProperties(io, options.valueOf(OPTIONS.commandConfig)),
  };
  return withAdmin(io, target, (admin) =>
    work(admin).catch((error: unknown) => {
      throw error instanceof Error && 'retriable' in error ? executionError(error) : error;
    }),
  );
}

async function addAcls(io: ToolIo, options: CommandOptions): Promise<void> {
  const pattern = options.required(OPTIONS.resourcePatternType);
  if (pattern === 'ANY' || pattern === 'MATCH') {
    options.usage(`A '--resource-pattern-type' value of '${pattern}' is not valid when adding acls.`);
  }
  const wanted = wantedOf(options);
  if (wanted.some(({ entries }) => entries.length === 0)) {
    options.usage('You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.');
  }
  await atCluster(io, options, async (admin) => {
    for (const { resource, entries } of wanted) {
      const { type, name, pattern } = resource;
      const there = await admin.describeAcls({ resourceType: type, resourceName: name, patternType: pattern });
      const known = new Set(there.map((binding) => entriesText([binding])));
      const isKnown = (entry: Entry): boolean => known.has(entriesText([entry]));
      for (const entry of entries.filter(isKnown)) {
        const text = entriesText([entry]).trim();
        print(io, `Acl (pattern=${resourceText(resource)}, entry=${text}) already exists.`);
      }
      const added = entries.filter((entry) => !isKnown(entry));
      if (added.length === 0) continue;
      print(io, `Adding ACLs for resource \`${resourceText(resource)}\`: \n ${entriesText(added)}\n`);
      for (const { result } of await admin.createAcls(added.map((entry) => bindingOf(resource, entry))))
        valueOf(result);
    }
  });
}

async function removeAcls(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const answers = linesOf(io.stdin);
  for (const { resource, entries } of wantedOf(options)) {
    const where = resourceText(resource);
    const question =
      entries.length === 0
        ? `Are you sure you want to delete all ACLs for resource filter \`${where}\`? (y/n)`
        : `Are you sure you want to remove ACLs: \n ${entriesText(entries)}\n from resource filter \`${where}\`? (y/n)`;
    if (!options.has(OPTIONS.force)) {
      print(io, question);
      const answer = await answers.next();
      if (answer.done === true || answer.value.toLowerCase() !== 'y') continue;
    }
    const { type, name, pattern } = resource;
    const filter = { resourceType: type, resourceName: name, patternType: pattern };
    const filters = entries.length === 0 ? [filter] : entries.map((entry) => ({ ...filter, ...entry }));
    for (const { result } of await admin.deleteAcls(filters)) for (const one of valueOf(result)) valueOf(one.result);
  }
}

async function listAcls(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const resources = resourcesOf(options, false);
  const found: AclBinding[] = [];
  if (resources.length === 0) found.push(...(await admin.describeAcls()));
  for (const { type, name, pattern } of resources) {
    found.push(...(await admin.describeAcls({ resourceType: type, resourceName: name, patternType: pattern })));
  }
  const principals = principalsOf(options, OPTIONS.listPrincipals);
  if (principals.length === 0) printBindings(io, found);
  for (const principal of principals) {
    print(io, `ACLs for principal \`${principal}\``);
    printBindings(
      io,
      found.filter((one) => one.principal === principal),
    );
  }
}

function printBindings(io: ToolIo, bindings: readonly AclBinding[]): void {
  const byResource = new Map<string, Map<string, Entry>>();
  for (const { resourceType, resourceName, patternType, ...entry } of bindings) {
    const key = resourceText({ type: resourceType, name: resourceName, pattern: patternType });
    const entries = byResource.get(key) ?? new Map<string, Entry>();
    byResource.set(key, entries.set(entriesText([entry]), entry));
  }
  for (const [resource, entries] of byResource) {
    print(io, `Current ACLs for resource \`${resource}\`:\n${entriesText([...entries.values()])}\n`);
  }
}

const bindingOf = ({ type, name, pattern }: Resource, entry: Entry): AclBinding => ({
  resourceType: type,
  resourceName: name,
  patternType: pattern,
  ...entry,
});

/** As ResourcePattern.toString() has it. */
const resourceText = ({ type, name, pattern }: Resource): string =>
  `ResourcePattern(resourceType=${type}, name=${name}, patternType=${pattern})`;

/** As AccessControlEntry.toString() has them. */
const entriesText = (entries: readonly Entry[]): string =>
  entries
    .map(
      ({ principal, host, operation, permission }) =>
        `\t(principal=${principal}, host=${host}, operation=${operation}, permissionType=${permission})`,
    )
    .join('\n');

function wantedOf(options: CommandOptions): Wanted[] {
  const isProducer = options.has(OPTIONS.producer);
  const isConsumer = options.has(OPTIONS.consumer);
  const wanted = new Map<string, Wanted>();
  const want = (resource: Resource, operations: readonly AclOperationOrAny[]): void => {
    const key = resourceText(resource);
    const known = wanted.get(key)?.entries ?? [];
    const added = entriesFor(options, operations).filter(
      (one) => !known.some((other) => entriesText([other]) === entriesText([one])),
    );
    wanted.set(key, { resource, entries: [...known, ...added] });
  };
  const resources = resourcesOf(options, true);
  for (const resource of resources) {
    if (!isProducer && !isConsumer)
      want(
        resource,
        options.valuesOf(OPTIONS.operations).map((one) => operationOf(one.trim())),
      );
    if (isProducer && resource.type === 'TOPIC') want(resource, ['WRITE', 'DESCRIBE', 'CREATE']);
    if (isProducer && resource.type === 'TRANSACTIONAL_ID') want(resource, ['WRITE', 'DESCRIBE']);
    if (isConsumer && resource.type === 'TOPIC') want(resource, ['READ', 'DESCRIBE']);
    if (isConsumer && resource.type === 'GROUP') want(resource, ['READ']);
  }
  if (isProducer && options.has(OPTIONS.idempotent)) want(CLUSTER, ['IDEMPOTENT_WRITE']);
  checkOperations(options, [...wanted.values()]);
  return [...wanted.values()];
}

function checkOperations(options: CommandOptions, wanted: readonly Wanted[]): void {
  for (const { resource, entries } of wanted) {
    const supported: readonly string[] = SUPPORTED_OPERATIONS[resource.type as keyof typeof SUPPORTED_OPERATIONS];
    if (entries.every(({ operation }) => operation === 'ALL' || supported.includes(operation))) continue;
    const names = [...supported, 'ALL'].map((one) => operationName(one)).join(', ');
    options.usage(`ResourceType ${resource.type} only supports operations ${names}`);
  }
}

/** `DESCRIBE_CONFIGS` as `DescribeConfigs`. */
const operationName = (code: string): string =>
  code
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');

/** Throws JavaError. */
function operationOf(name: string): AclOperationOrAny {
  const plain = (text: string): string => text.replaceAll('_', '').toUpperCase();
  const known: readonly AclOperationOrAny[] = ['ANY', 'ALL', ...ALL_OPERATIONS];
  return known.find((one) => plain(one) === plain(name)) ?? 'UNKNOWN';
}

const ALL_OPERATIONS = [...new Set(Object.values(SUPPORTED_OPERATIONS).flat())];

function entriesFor(options: CommandOptions, operations: readonly AclOperationOrAny[]): Entry[] {
  const make = (permission: AclPermission, principals: readonly string[], hosts: readonly string[]): Entry[] =>
    principals.flatMap((principal) =>
      operations.flatMap((operation) => hosts.map((host) => ({ principal, host, operation, permission }))),
    );
  const { allowPrincipals, allowHosts, denyPrincipals, denyHosts } = OPTIONS;
  return [
    ...make('ALLOW', principalsOf(options, allowPrincipals), hostsOf(options, allowHosts, allowPrincipals)),
    ...make('DENY', principalsOf(options, denyPrincipals), hostsOf(options, denyHosts, denyPrincipals)),
  ];
}

function hostsOf(options: CommandOptions, hosts: Option<string>, principals: Option<string>): string[] {
  if (options.has(hosts)) return [...new Set(options.valuesOf(hosts).map((host) => host.trim()))];
  return options.has(principals) ? ['*'] : [];
}

/** Throws JavaError when one is no `type:name`. */
function principalsOf(options: CommandOptions, option: Option<string>): string[] {
  const principals = options.valuesOf(option).map((given) => {
    const text = given.trim();
    if (text === '') throw illegalArgument(`expected a string in format principalType:principalName but got ${text}`);
    if (/^[^:]+:.+$/s.test(text)) return text;
    throw illegalArgument(`expected a string in format principalType:principalName but got ${text}`);
  });
  return [...new Set(principals)];
}

function resourcesOf(options: CommandOptions, isNeeded: boolean): Resource[] {
  const pattern = options.required(OPTIONS.resourcePatternType);
  const { topic, cluster, idempotent, group, transactionalId, delegationToken, userPrincipal } = OPTIONS;
  const named = (type: AclResource, option: Option<string>): Resource[] =>
    options.valuesOf(option).map((name) => ({ type, name: name.trim(), pattern }));
  const isOfCluster = pattern === 'LITERAL' && (options.has(cluster) || options.has(idempotent));
  const resources = [
    ...named('TOPIC', topic),
    ...(isOfCluster ? [CLUSTER] : []),
    ...named('GROUP', group),
    ...named('TRANSACTIONAL_ID', transactionalId),
    ...named('DELEGATION_TOKEN', delegationToken),
    ...named('USER', userPrincipal),
  ];
  if (resources.length === 0 && isNeeded) {
    options.usage(
      'You must provide at least one resource: --topic <topic> or --cluster or --group <group> or --delegation-token <Delegation Token ID>',
    );
  }
  return resources;
}
