// The requests of administrators, which change what the cluster is, or who may do what: each that is let through leaves a line in
// the audit log. What is denied leaves another one.
import type { AuditLog } from './access.ts';
import type { ServedApi } from './served-api.ts';
import type { Handler } from './handler.ts';

/** CreateTopics and DeleteTopics, ACLs, configs, partitions, tokens, groups, elections, quotas, credentials, features, voters. */
const ADMIN_KEYS: ReadonlySet<number> = new Set([
  19, 20, 21, 30, 31, 33, 34, 37, 38, 39, 40, 42, 43, 44, 45, 47, 49, 51, 57, 64, 80, 81, 91, 92,
]);

/** The list, in which these APIs are written down. */
export function audited(served: readonly ServedApi[], audit: AuditLog): ServedApi[] {
  return served.map((api) => {
    if (!ADMIN_KEYS.has(api.key)) return api;
    const load = async (): Promise<Handler> => {
      const handler = await api.load();
      return {
        ...handler,
        handle: (request, context) => {
          audit.admin(context);
          return handler.handle(request, context);
        },
      };
    };
    return { ...api, load };
  });
}
