// Checks golden lines about permissions: what each API asks for, on each of its listeners, in Kafka's order.
import {
  brokerHandlers,
  controllerHandlers,
  type ControllerParts,
  type HandlerParts,
  type Permission,
} from '../src/api-handlers/index.ts';
import { errorName } from '../src/protocol/index.ts';

interface Check {
  readonly resource: string;
  readonly operation: string;
  /** What of the request is checked, in words. */
  readonly of: string;
  readonly denied: number | null;
  readonly orElse?: readonly (readonly [string, string])[];
}

export interface PermissionsRow {
  readonly key: number;
  readonly name: string;
  readonly listeners: readonly Listener[];
  readonly checks: readonly Check[];
}

export type Listener = 'broker' | 'controller';

/** Handlers are made of nothing: they are asked for no more than what they declare. */
export const partsOfNothing = new Proxy({}, { get: () => () => Promise.resolve({}) }) as HandlerParts & ControllerParts;

const served = {
  broker: () => brokerHandlers(partsOfNothing),
  controller: () => controllerHandlers(partsOfNothing),
};

export async function checkPermissions(row: PermissionsRow): Promise<string | undefined> {
  for (const listener of row.listeners) {
    const api = served[listener]().find(({ key }) => key === row.key);
    if (api === undefined) return `${listener}: not served`;
    const { authorize } = await api.load();
    const ours = JSON.stringify(authorize.map(factsOf));
    const theirs = JSON.stringify(permissionsOn(listener, row));
    if (ours !== theirs) return `${listener}: expected ${theirs}, we ask for ${ours}`;
  }
  return undefined;
}

/** Checks of an API that is checked differently on each listener say so in front. */
export function permissionsOn(listener: Listener, { key, checks }: PermissionsRow): object[] {
  // A fetch of the metadata log is of no topic: the note of the row says so.
  if (listener === 'controller' && key === 1)
    return [facts({ resource: 'CLUSTER', operation: 'CLUSTER_ACTION', of: 'the request', denied: 31 })];
  return checks
    .filter(({ of }) => !/^(broker|controller) listener: /.test(of) || of.startsWith(`${listener} listener: `))
    .map(facts);
}

/** The whole request rests on it: it is refused as one, whatever else it asks for. */
const isAskedBefore = ({ of }: Check): boolean =>
  /^(controller listener: )?the (request|group|transactional id)$/.test(of);

const facts = (check: Check): object => ({
  resource: check.resource,
  operation: check.operation,
  denied: check.denied === null ? null : errorName(check.denied as never),
  orElse: check.orElse?.[0] ?? null,
  asked: isAskedBefore(check) ? 'before' : 'within',
});

export const factsOf = (permission: Permission): object => ({
  resource: permission.resource,
  operation: permission.operation,
  denied: permission.denied,
  orElse: permission.orElse ?? null,
  asked: permission.asked,
});

export interface ObservedRow {
  readonly key: number;
  readonly listener: string;
  readonly request: string;
  /** What each grant changed for whoever had it, and it alone; some stand for two or three, joined by a plus. */
  readonly users: Readonly<Record<string, unknown>>;
}

/** ALLOW of these allows that, too (StandardAuthorizer). */
const IMPLYING: Readonly<Record<string, readonly string[]>> = {
  DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
  DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
};

/** The evidence of the table: a grant that made a difference on Apache Kafka is one that our handler asks for. */
export async function checkObserved({ key, listener, request, users }: ObservedRow): Promise<string | undefined> {
  const at: Listener = listener === 'CSASL' ? 'controller' : 'broker';
  const api = served[at]().find((one) => one.key === key);
  if (api === undefined) return `${at}: not served`;
  const { authorize } = await api.load();
  const asked = new Set<string>();
  for (const { resource, operation, orElse } of authorize) {
    const enough = [[resource, operation] as const, ...(orElse === undefined ? [] : [orElse])];
    for (const [of, wanted] of enough)
      for (const each of [wanted, ...(IMPLYING[wanted] ?? [])]) asked.add(`${of}.${each}`);
  }
  // A caller may ask what it is allowed to: every grant shows there.
  const tellsOperations = /AuthorizedOperations:(true|\$)/.test(request);
  const single = Object.keys(users).filter((grant) => /^[A-Z_]+\.[A-Z_]+$/.test(grant));
  const unasked = single.filter((grant) => !asked.has(grant) && !tellsOperations);
  return unasked.length === 0
    ? undefined
    : `${unasked.join(', ')} made a difference; we ask for ${[...asked].join(', ')}`;
}
