// What AlterConfigs and IncrementalAlterConfigs have in common: each resource is checked by this broker first; what passes
// goes on to the controller in one request, and the answers come back in the order of the question (ConfigAdminManager).
import { RESOURCE_CLIENT_METRICS, RESOURCE_GROUP, RESOURCE_TOPIC } from '../kraft/metadata/index.ts';
import { CLUSTER_NAME, type ErrorCode, Errors, KafkaError } from '../protocol/index.ts';
import { loadRegexEngine } from '../runtime/index.ts';
import type { Access } from './access.ts';
import type { RequestContext } from './handler.ts';
import { DenialWithText } from './permission.ts';

export interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

export interface ResourceAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

/** What changing configs asks for, by the type of the resource; brokers, loggers and client metrics are the cluster's. */
export const alterConfigsPermissions = [
  {
    operation: 'ALTER_CONFIGS',
    resource: 'TOPIC',
    at: ['resources.resourceName'],
    asked: 'within',
    denied: 'TOPIC_AUTHORIZATION_FAILED',
  },
  { operation: 'ALTER_CONFIGS', resource: 'CLUSTER', at: [], asked: 'within', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
  {
    operation: 'ALTER_CONFIGS',
    resource: 'GROUP',
    at: ['resources.resourceName'],
    asked: 'within',
    denied: 'GROUP_AUTHORIZATION_FAILED',
  },
] as const;

/** Whether the configs of a resource may be changed: the error, where they may not. */
export type Rights = (resource: Pick<ConfigResource, 'resourceType' | 'resourceName'>) => ErrorCode | undefined;

/** undefined without an authorizer. */
export function rightsOf(access: Access | undefined, context: RequestContext): Rights | undefined {
  if (access === undefined) return undefined;
  return ({ resourceType, resourceName }) => {
    const kind = KINDS.get(resourceType) ?? ON_CLUSTER;
    const name = kind === ON_CLUSTER ? CLUSTER_NAME : resourceName;
    return access.may(context, 'ALTER_CONFIGS', kind.resource, name) ? undefined : kind.denied;
  };
}

const ON_CLUSTER = { resource: 'CLUSTER', denied: Errors.CLUSTER_AUTHORIZATION_FAILED } as const;
const KINDS = new Map([
  [RESOURCE_TOPIC, { resource: 'TOPIC', denied: Errors.TOPIC_AUTHORIZATION_FAILED } as const],
  [RESOURCE_GROUP, { resource: 'GROUP', denied: Errors.GROUP_AUTHORIZATION_FAILED } as const],
]);

/** Checked here: an answer, if this broker can give one already. */
export type Verdict = KafkaError | 'done' | undefined;

/**
 * `check` throws KafkaError for what is refused here, and returns 'done' for what needs no controller. `forward` gets the
 * rest and answers each resource once. What is wrong on the face of it is told before anyone asks for `rights`: those Kafka's
 * controller looks at.
 */
export async function alterResources<R extends ConfigResource>(
  resources: readonly R[],
  check: (resource: R) => 'done' | undefined,
  forward: (rest: readonly R[]) => Promise<readonly ResourceAnswer[]>,
  rights: Rights | undefined,
): Promise<ResourceAnswer[]> {
  // Selectors of client metrics hold expressions, which are checked while the change is made.
  if (resources.some(({ resourceType }) => resourceType === RESOURCE_CLIENT_METRICS)) await loadRegexEngine();
  const times = new Map<string, number>();
  for (const resource of resources) times.set(idOf(resource), (times.get(idOf(resource)) ?? 0) + 1);
  const verdicts = resources.map((resource) => verdictOf(resource, times.get(idOf(resource)) ?? 1, check, rights));
  const rest = resources.filter((_, index) => verdicts[index] === undefined);
  const answers = new Map<string, ResourceAnswer>();
  if (rest.length > 0) for (const answer of await forward(rest)) answers.set(idOf(answer), answer);
  return resources.map((resource, index) => {
    const verdict = verdicts[index];
    if (verdict instanceof KafkaError) return answerOf(resource, verdict.code, verdict.wireMessage);
    if (verdict === 'done') return answerOf(resource, Errors.NONE, null);
    return answers.get(idOf(resource)) ?? answerOf(resource, Errors.UNKNOWN_SERVER_ERROR, null);
  });
}

function verdictOf<R extends ConfigResource>(
  resource: R,
  times: number,
  check: (resource: R) => 'done' | undefined,
  rights: Rights | undefined,
): Verdict {
  if (times > 1) return invalid('Each resource must appear at most once.');
  const names = new Set(resource.configs.map(({ name }) => name));
  if (names.size < resource.configs.length) return invalid('Error due to duplicate config keys');
  try {
    const verdict = check(resource);
    const denied = verdict === undefined ? rights?.(resource) : undefined;
    return denied === undefined ? verdict : new DenialWithText(denied);
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
}

export function refuseNulls(names: readonly string[]): void {
  if (names.length > 0) throw invalid(`Null value not supported for : ${names.join(', ')}`);
}

export function unknownResourceType(resourceType: number): KafkaError {
  return invalid(`Unknown resource type ${resourceType}`);
}

function invalid(message: string): KafkaError {
  return new KafkaError(Errors.INVALID_REQUEST, message);
}

function answerOf(
  { resourceType, resourceName }: ConfigResource,
  errorCode: ErrorCode,
  errorMessage: string | null,
): ResourceAnswer {
  return { errorCode, errorMessage, resourceType, resourceName };
}

const idOf = (resource: { readonly resourceType: number; readonly resourceName: string }): string =>
  `${resource.resourceType}:${resource.resourceName}`;

/** The answer in which every resource failed alike. */
export function allFailed(
  resources: readonly ConfigResource[],
  code: number,
  message: string | null,
): { responses: ResourceAnswer[] } {
  return {
    responses: resources.map(({ resourceType, resourceName }) => ({
      errorCode: code,
      errorMessage: message,
      resourceType,
      resourceName,
    })),
  };
}
