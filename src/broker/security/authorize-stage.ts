// Asks the authorizer for what a whole request rests on, before its handler. Permissions for parts of a request are asked by the
// guard of its API, or its handler: they answer the other parts.
import { type Access, CLOSE, DenialWithText, type Permission, type RequestStage } from '../../api-handlers/index.ts';
import { CLUSTER_NAME, Errors, KafkaError } from '../../protocol/index.ts';

export function authorizeStage(access: Access): RequestStage {
  return {
    name: 'authorize',
    mayHoldBack: false,
    enter({ handler, body, context }) {
      const fault = handler.malformed?.(body as never);
      if (fault === CLOSE) return { kind: 'close' };
      if (fault !== undefined) throw fault;
      for (const permission of handler.authorize) {
        if (permission.asked !== 'before' || permission.denied === null) continue;
        const { operation, resource, denied, orElse } = permission;
        const name = nameIn(body, permission);
        if (orElse !== undefined && access.sees(context, orElse[1], orElse[0], name)) continue;
        if (access.may(context, operation, resource, name)) continue;
        const code = Errors[denied];
        const hasText = permission.hasText ?? resource === 'CLUSTER';
        return { kind: 'refuse', error: hasText ? new DenialWithText(code) : new KafkaError(code) };
      }
      return undefined;
    },
  };
}

/** The only resource that the whole request is about: it is named at the top of it, unless it is the cluster. */
function nameIn(body: Readonly<Record<string, unknown>>, { at: [place] }: Permission): string {
  return place === undefined ? CLUSTER_NAME : ((body[place] as string | null) ?? '');
}
