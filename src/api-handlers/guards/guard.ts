// What stands around the handler of an API where there is an authorizer: it takes out of a request what the asker may not do,
// has the handler answer the rest, and puts the denials into the answer. Where there is no authorizer there are no guards, and
// requests cost what they cost without.
import type { AclOperationName, AclResourceTypeName } from '../../protocol/index.ts';
import { Errors } from '../../protocol/index.ts';
import type { Access } from '../access.ts';
import type { BrokerIdentity } from '../broker-endpoints.ts';
import type { Handler, Outcome, RequestContext } from '../handler.ts';

/** A request or an answer, whichever API it is of. */
export type Body = Readonly<Record<string, unknown>>;
export type Answer = Outcome<Body> | Promise<Outcome<Body>>;

/** One request on its way through a guard. */
export interface Guarded {
  readonly handler: Handler;
  readonly request: Body;
  readonly context: RequestContext;
  readonly access: Access;
  readonly identity: BrokerIdentity;
}

export type Guard = (guarded: Guarded) => Answer;

/** What the handler answers to `request`, or to the request as it came. */
export function answerOf({ handler, request, context }: Guarded, asked: Body = request): Answer {
  return handler.handle(asked as never, context) as Answer;
}

/** The answer in which all of `asked` is refused with `code`. */
export function refusalOf(
  { handler, context }: Guarded,
  asked: Body,
  code: number,
  message: string | null = null,
): Body {
  const refusal =
    handler.refused === undefined
      ? handler.failed(asked as never, code, message, context)
      : handler.refused(asked as never, code, message, context);
  return refusal as Body;
}

/** Changes an answer, unless there is none. */
export function withAnswer(answer: Answer, change: (body: Body) => Body): Answer {
  if (answer instanceof Promise) return answer.then((outcome) => withAnswer(outcome, change));
  return typeof answer === 'object' ? change(answer) : answer;
}

export const may = (
  { access, context }: Guarded,
  operation: AclOperationName,
  resource: AclResourceTypeName,
  name: string,
): boolean => access.may(context, operation, resource, name);

export const sees = (
  { access, context }: Guarded,
  operation: AclOperationName,
  resource: AclResourceTypeName,
  name: string,
): boolean => access.sees(context, operation, resource, name);

export const DENIED: Readonly<Record<'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID', number>> = {
  TOPIC: Errors.TOPIC_AUTHORIZATION_FAILED,
  GROUP: Errors.GROUP_AUTHORIZATION_FAILED,
  CLUSTER: Errors.CLUSTER_AUTHORIZATION_FAILED,
  TRANSACTIONAL_ID: Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
};
