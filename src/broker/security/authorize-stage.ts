// Asks the authorizer for what a whole request rests on, before its handler. Permissions for parts of a request are the
// handler's to ask: it answers the other parts.
import { type Authorizer, CLUSTER_NAME, type Permission, type RequestStage } from '../../api-handlers/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';

export function authorizeStage(authorizer: Authorizer): RequestStage {
  return {
    name: 'authorize',
    mayHoldBack: false,
    enter({ handler, body, context }) {
      for (const permission of handler.authorize) {
        if (permission.asked !== 'before' || permission.denied === null) continue;
        const { operation, resource, denied } = permission;
        const isAllowed = authorizer.isAllowed(context.session, operation, resource, nameIn(body, permission));
        if (!isAllowed) return { kind: 'refuse', error: new KafkaError(Errors[denied]) };
      }
      return undefined;
    },
  };
}

/** The only resource that the whole request is about: it is named at the top of it, unless it is the cluster. */
function nameIn(body: Readonly<Record<string, unknown>>, { at: [place] }: Permission): string {
  return place === undefined ? CLUSTER_NAME : (body[place] as string);
}
