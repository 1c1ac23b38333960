// Produce: transactional batches, by their own headers (CVE-2018-17196), need the right to the transactional id; each topic the
// right to be written to. A topic id that nobody knows is told as such.
import { Errors } from '../../protocol/index.ts';
import type { ProduceRequest } from '../../protocol/messages/00-produce.ts';
import { CLOSE, NO_RESPONSE } from '../handler.ts';
import { withoutDoubles } from '../produce-doubles.ts';
import { isTransactionalBatch } from '../produce-exchange.ts';
import { answerOf, type Answer, type Body, DENIED, type Guard, type Guarded, may } from './guard.ts';

const BY_ID_SINCE = 13;

type Topic = ProduceRequest['topicData'][number];

export const produce: Guard = (guarded) => {
  const request = guarded.request as unknown as ProduceRequest;
  const { handler, context } = guarded;
  if (hasTransactionalBatch(request) && !mayWriteFor(guarded, request.transactionalId)) {
    return handler.failed(guarded.request as never, DENIED.TRANSACTIONAL_ID, null, context) as Answer;
  }
  let denied: Topic[] | undefined;
  for (const topic of request.topicData) if (!mayWrite(guarded, topic)) (denied ??= []).push(topic);
  return denied === undefined ? answerOf(guarded) : answerToRest(guarded, request, new Set(denied));
};

function hasTransactionalBatch({ topicData }: ProduceRequest): boolean {
  for (const { partitionData } of topicData) {
    for (const { records } of partitionData) if (records !== null && isTransactionalBatch(records)) return true;
  }
  return false;
}

const mayWriteFor = (guarded: Guarded, transactionalId: string | null): boolean =>
  transactionalId !== null && may(guarded, 'WRITE', 'TRANSACTIONAL_ID', transactionalId);

function mayWrite(guarded: Guarded, { name, topicId }: Topic): boolean {
  const isById = guarded.context.apiVersion >= BY_ID_SINCE;
  const known = !isById ? name : guarded.identity.image().topics.byId.get(topicId)?.name;
  return known === undefined || may(guarded, 'WRITE', 'TOPIC', known);
}

const hasPartitions = ({ partitionData }: Topic): boolean => partitionData.length > 0;

function answerToRest(guarded: Guarded, request: ProduceRequest, denied: ReadonlySet<Topic>): Answer {
  const { handler, context } = guarded;
  const refused = withoutDoubles([...denied]).filter(hasPartitions);
  const allowed = request.topicData.filter((topic) => !denied.has(topic));
  const rest = { ...request, topicData: allowed } as unknown as Body;
  if (refused.length === 0) return answerOf(guarded, rest);
  const refusal = handler.failed(
    { ...request, topicData: refused } as never,
    Errors.TOPIC_AUTHORIZATION_FAILED,
    null,
    context,
  );
  if (allowed.length === 0) return refusal as Answer;
  // Without acknowledgements the closed connection is the answer; what may be written is.
  const join = (outcome: Awaited<Answer>): Awaited<Answer> => {
    if (outcome === NO_RESPONSE || outcome === CLOSE || typeof refusal !== 'object') return CLOSE;
    const responses = [...(outcome['responses'] as object[]), ...((refusal as Body)['responses'] as object[])];
    return { ...outcome, responses };
  };
  const answer = answerOf(guarded, rest);
  return answer instanceof Promise ? answer.then(join) : join(answer);
}
