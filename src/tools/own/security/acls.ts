// What `ottla acl` does.
import type { AclBinding, AclBindingFilter } from '../../../client/index.ts';
import { confirmed } from '../confirm.ts';
import type { Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { answered, failureOf, isFailed } from '../outcome-rows.ts';
import type { Column } from '../output.ts';

interface AclOptions {
  readonly topic?: readonly string[];
  readonly group?: readonly string[];
  readonly transactionalId?: readonly string[];
  readonly cluster?: boolean;
  readonly resourcePatternType: string;
  readonly operation?: readonly string[];
  readonly allowPrincipal?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly denyPrincipal?: readonly string[];
  readonly denyHost?: readonly string[];
  readonly dry?: boolean;
  readonly confirm?: boolean;
}

type Resource = AclBinding['resourceType'];
type Operation = AclBinding['operation'];

const OPERATIONS = [
  'ALL',
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
  'CREATE_TOKENS',
  'DESCRIBE_TOKENS',
  'TWO_PHASE_COMMIT',
] as const;

function operationsOf({ operation = [] }: AclOptions): Operation[] {
  return operation.map((text) => {
    const wanted = text.toUpperCase().replaceAll('-', '_');
    const found = OPERATIONS.find((one) => one === wanted || one.replaceAll('_', '') === wanted);
    if (found === undefined) throw new Failure(`--operation ${text} is none of ${OPERATIONS.join(', ').toLowerCase()}`);
    return found;
  });
}

function resourcesOf({ topic = [], group = [], transactionalId = [], cluster }: AclOptions): [Resource, string][] {
  const named = (type: Resource, names: readonly string[]) => names.map((name): [Resource, string] => [type, name]);
  return [
    ...named('TOPIC', topic),
    ...named('GROUP', group),
    ...named('TRANSACTIONAL_ID', transactionalId),
    ...(cluster === true ? named('CLUSTER', ['kafka-cluster']) : []),
  ];
}

const principalOf = (text: string): string => (text.includes(':') ? text : `User:${text}`);

interface Granted {
  readonly permission: 'ALLOW' | 'DENY';
  readonly principal: string;
  readonly host: string;
}

/** A host without a principal is from where nobody may, or everybody. */
function grantsOf({ allowPrincipal = [], allowHost = [], denyPrincipal = [], denyHost = [] }: AclOptions): Granted[] {
  const combined = (
    permission: 'ALLOW' | 'DENY',
    principals: readonly string[],
    hosts: readonly string[],
  ): Granted[] => {
    if (principals.length === 0 && hosts.length === 0) return [];
    const whom = principals.length === 0 ? ['User:*'] : principals.map(principalOf);
    const where = hosts.length === 0 ? ['*'] : hosts;
    return whom.flatMap((principal) => where.map((host) => ({ permission, principal, host })));
  };
  return [...combined('ALLOW', allowPrincipal, allowHost), ...combined('DENY', denyPrincipal, denyHost)];
}

const patternOf = (options: AclOptions): AclBinding['patternType'] =>
  options.resourcePatternType.toUpperCase() as AclBinding['patternType'];

export const createAcls: Work<AclOptions> = async (context, _, options) => {
  const [resources, operations, grants] = [resourcesOf(options), operationsOf(options), grantsOf(options)];
  if (resources.length === 0) throw new Failure('say of what: --topic, --group, --transactional-id or --cluster');
  if (operations.length === 0) throw new Failure('say what: --operation read, write, ...');
  if (grants.length === 0) throw new Failure('say whom: --allow-principal or --deny-principal');
  const bindings = resources.flatMap(([resourceType, resourceName]) =>
    operations.flatMap((operation) =>
      grants.map(
        (grant): AclBinding => ({ resourceType, resourceName, patternType: patternOf(options), operation, ...grant }),
      ),
    ),
  );
  const admin = await context.admin();
  const outcomes = await admin.createAcls(bindings, context.call);
  return tell(
    context.output,
    outcomes.map(({ binding, result }) => rowOf(binding, result)),
  );
};

/** Everything that any combination of the flags chooses; without flags everything. */
function filtersOf(options: AclOptions): AclBindingFilter[] {
  const resources = resourcesOf(options);
  const operations = operationsOf(options);
  const grants = grantFiltersOf(options);
  const types = resources.length === 0 ? [undefined] : resources;
  return types.flatMap((resource) =>
    (operations.length === 0 ? [undefined] : operations).flatMap((operation) =>
      (grants.length === 0 ? [undefined] : grants).map(
        (grant): AclBindingFilter => ({
          ...(resource !== undefined && { resourceType: resource[0], resourceName: resource[1] }),
          patternType: patternOf(options),
          ...(operation !== undefined && { operation }),
          ...grant,
        }),
      ),
    ),
  );
}

function grantFiltersOf({ allowPrincipal, allowHost, denyPrincipal, denyHost }: AclOptions): Partial<Granted>[] {
  const combined = (
    permission: 'ALLOW' | 'DENY',
    principals: readonly string[] = [],
    hosts: readonly string[] = [],
  ) => {
    if (principals.length === 0 && hosts.length === 0) return [];
    const whom = principals.length === 0 ? [{}] : principals.map((one) => ({ principal: principalOf(one) }));
    const where = hosts.length === 0 ? [{}] : hosts.map((host) => ({ host }));
    return whom.flatMap((one) => where.map((other) => ({ permission, ...one, ...other })));
  };
  return [...combined('ALLOW', allowPrincipal, allowHost), ...combined('DENY', denyPrincipal, denyHost)];
}

export const listAcls: Work<AclOptions> = async (context, _, options) => {
  const admin = await context.admin();
  const found = new Map<string, AclBinding>();
  for (const filter of filtersOf(options)) {
    for (const binding of await admin.describeAcls(filter, context.call))
      found.set(JSON.stringify(rowOf(binding)), binding);
  }
  return tell(
    context.output,
    [...found.values()].map((binding) => rowOf(binding)),
  );
};

export const deleteAcls: Work<AclOptions> = async (context, words, options) => {
  if (options.dry === true) return listAcls(context, words, options);
  if (options.confirm !== false) {
    await listAcls(context, words, options);
    if (!(await confirmed(context, 'Delete these?'))) throw new Failure('nothing was deleted');
  }
  const admin = await context.admin();
  const rows: AclRow[] = [];
  for (const { result } of await admin.deleteAcls(filtersOf(options), context.call)) {
    rows.push(...answered(result).map(({ binding, result: one }) => rowOf(binding, one)));
  }
  return tell(context.output, rows);
};

interface AclRow {
  readonly principal: string;
  readonly host: string;
  readonly resource_type: string;
  readonly resource_name: string;
  readonly pattern_type: string;
  readonly operation: string;
  readonly permission: string;
  readonly error?: string;
}

function rowOf(binding: AclBinding, outcome?: unknown): AclRow {
  return {
    principal: binding.principal,
    host: binding.host,
    resource_type: binding.resourceType,
    resource_name: binding.resourceName,
    pattern_type: binding.patternType,
    operation: binding.operation,
    permission: binding.permission,
    ...(isFailed(outcome) && { error: failureOf(outcome) }),
  };
}

function tell(
  output: { list<T extends object>(rows: readonly T[], columns: readonly Column<T>[]): void },
  rows: readonly AclRow[],
): number {
  const hasErrors = rows.some(({ error }) => error !== undefined);
  const columns: Column<AclRow>[] = [
    { heading: 'principal', cell: (row) => row.principal },
    { heading: 'host', cell: (row) => row.host },
    { heading: 'resource-type', cell: (row) => row.resource_type },
    { heading: 'resource-name', cell: (row) => row.resource_name },
    { heading: 'resource-pattern-type', cell: (row) => row.pattern_type },
    { heading: 'operation', cell: (row) => row.operation },
    { heading: 'permission', cell: (row) => row.permission },
    ...(hasErrors ? [{ heading: 'error', cell: (row: AclRow) => row.error ?? '' }] : []),
  ];
  output.list(rows, columns);
  return hasErrors ? 1 : 0;
}
