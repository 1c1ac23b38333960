// How many changes a request asks of the controller, topic by topic, and which of them the quota takes (Kafka:
// ControllerMutationQuotaManager, StrictControllerMutationQuota, PermissiveControllerMutationQuota). A trial is charged too.
import { Errors } from '../protocol/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import type { Handler, Outcome, RequestContext } from './handler.ts';
import type { MutationQuota } from './quotas.ts';

type Body = Readonly<Record<string, unknown>>;

export interface ChargedRequest {
  readonly handler: Handler;
  readonly request: Body;
  readonly context: RequestContext;
  readonly identity: Pick<BrokerIdentity, 'image'>;
  readonly defaultPartitions: number;
}

/** Where the topics of an API stand, from which version on it is refused, and what a topic costs. */
interface Charge {
  readonly asked: string;
  readonly answered: string;
  readonly strictSince: number;
  readonly cost: (topic: never, request: ChargedRequest) => number;
}

interface NewTopic {
  readonly name: string;
  readonly numPartitions: number;
  readonly assignments: readonly unknown[];
}
interface GrownTopic {
  readonly name: string;
  readonly count: number;
}
type OldTopic = string | { readonly name: string | null; readonly topicId: string };

const CREATE_TOPICS = 19;
const DELETE_TOPICS = 20;
const BY_ID_SINCE = 6;

function chargeOf(context: RequestContext): Charge {
  if (context.apiKey === CREATE_TOPICS) {
    return { asked: 'topics', answered: 'topics', strictSince: 6, cost: costOfNew };
  }
  if (context.apiKey === DELETE_TOPICS) {
    const asked = context.apiVersion >= BY_ID_SINCE ? 'topics' : 'topicNames';
    return { asked, answered: 'responses', strictSince: 5, cost: costOfOld };
  }
  return { asked: 'topics', answered: 'results', strictSince: 3, cost: costOfGrowth };
}

/** What is refused for another reason costs nothing. */
function costOfNew({ name, numPartitions, assignments }: NewTopic, asked: ChargedRequest): number {
  if (asked.identity.image().topics.byName.has(name)) return 0;
  if (assignments.length > 0) return assignments.length;
  return Math.max(0, numPartitions === -1 ? asked.defaultPartitions : numPartitions);
}

function costOfOld(topic: OldTopic, { identity }: ChargedRequest): number {
  const { byId, byName } = identity.image().topics;
  const name = typeof topic === 'string' ? topic : topic.name;
  const known = name === null && typeof topic === 'object' ? byId.get(topic.topicId) : byName.get(name ?? '');
  return known?.partitions.length ?? 0;
}

function costOfGrowth({ name, count }: GrownTopic, { identity }: ChargedRequest): number {
  const present = identity.image().topics.byName.get(name)?.partitions.length;
  return present === undefined ? 0 : Math.max(0, count - present);
}

/** The answer of the handler to what the quota takes, and refusals of the rest; with the time to wait. */
export async function answerWithin(quota: MutationQuota, charged: ChargedRequest): Promise<Outcome<object>> {
  const { handler, request, context } = charged;
  const { asked, answered, strictSince, cost } = chargeOf(context);
  const isStrict = context.apiVersion >= strictSince;
  const taken: unknown[] = [];
  const refused: unknown[] = [];
  let throttleTimeMs = 0;
  for (const topic of request[asked] as readonly unknown[]) {
    const partitions = cost(topic as never, charged);
    const waitMs = partitions > 0 && isStrict ? quota.throttleMs() : 0;
    throttleTimeMs = Math.max(throttleTimeMs, waitMs);
    if (waitMs > 0) refused.push(topic);
    else taken.push(topic);
    if (waitMs === 0 && partitions > 0) quota.charge(partitions);
  }
  if (!isStrict) throttleTimeMs = quota.throttleMs();
  const rest = refused.length === 0 ? request : { ...request, [asked]: taken };
  const isAllRefused = taken.length === 0 && refused.length > 0;
  const answer = isAllRefused ? { [answered]: [] } : await handler.handle(rest as never, context);
  if (typeof answer !== 'object') return answer;
  const rows = (answer as Body)[answered] as readonly unknown[];
  return { ...answer, throttleTimeMs, [answered]: [...rows, ...refusals(charged, asked, answered, refused)] };
}

function refusals(
  { handler, request, context }: ChargedRequest,
  asked: string,
  answered: string,
  topics: readonly unknown[],
): readonly unknown[] {
  if (topics.length === 0) return [];
  const code = Errors.THROTTLING_QUOTA_EXCEEDED;
  const refusal = handler.failed({ ...request, [asked]: topics } as never, code, null, context);
  return (refusal as Body)[answered] as readonly unknown[];
}
