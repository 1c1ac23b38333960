// CreateTopics, DeleteTopics and CreatePartitions under the quota of controller mutations (KIP-599): topic by topic, each for its
// partitions. Newer versions are refused what is beyond the quota (THROTTLING_QUOTA_EXCEEDED), older ones only wait. While there
// is no quota the handlers are asked as they are.
import type { BrokerIdentity } from './broker-endpoints.ts';
import type { ServedApi } from './served-api.ts';
import type { Handler, Outcome } from './handler.ts';
import type { Quotas } from './quotas.ts';

export interface ChargeParts {
  readonly quotas: Quotas;
  readonly identity: Pick<BrokerIdentity, 'image'>;
  /** num.partitions */
  readonly defaultPartitions: number;
  /** Kafka charges where the active controller is. Left out: always. */
  readonly isChargedHere?: () => boolean;
}

const CHARGED_KEYS: ReadonlySet<number> = new Set([19, 20, 37]);

/** The list, in which these APIs are charged. */
export function charged(served: readonly ServedApi[], parts: ChargeParts): ServedApi[] {
  return served.map((api) => {
    if (!CHARGED_KEYS.has(api.key)) return api;
    const load = async (): Promise<Handler> => {
      const handler = await api.load();
      return {
        ...handler,
        handle: (request, context) => {
          const quota = parts.quotas.current?.mutationsOf(context);
          if (quota === undefined || parts.isChargedHere?.() === false) return handler.handle(request, context);
          return import('./mutation-charges.ts').then(({ answerWithin }) =>
            answerWithin(quota, { handler, request, context, ...parts }),
          ) as Promise<Outcome<never>>;
        },
      };
    };
    return { ...api, load };
  });
}
