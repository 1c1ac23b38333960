// The stages that each request passes before its handler, in their order. Another one is one more in this list; quotas have
// their place behind the authorizer, as in Kafka, so that nobody is throttled by requests that are refused.
import type { RequestStage } from '../../api-handlers/index.ts';
import type { Clock } from '../../runtime/index.ts';
import { sessionStage } from '../network/session.ts';
import { authorizeStage } from '../security/authorize-stage.ts';
import type { AccessParts } from './access-parts.ts';

/** `last` stand before the handler itself: what is refused there would have been served. */
export function requestStages(
  clock: Clock,
  { access, quotas }: Pick<AccessParts, 'access' | 'quotas'>,
  last: readonly RequestStage[],
): RequestStage[] {
  const authorize = access === undefined ? [] : [authorizeStage(access)];
  return [sessionStage(clock), ...authorize, quotas, ...last];
}
