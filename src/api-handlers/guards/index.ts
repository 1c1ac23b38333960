// Which guard stands around which API. A file is loaded when the first request of one of its APIs comes, as handlers are. APIs
// that are not named here are asked about as a whole, before their handler (authorize stage), or by their handler itself (Fetch,
// AlterConfigs, IncrementalAlterConfigs, ShareFetch, ShareAcknowledge), or need nothing.
import type { Access } from '../access.ts';
import type { BrokerIdentity } from '../broker-endpoints.ts';
import type { ServedApi } from '../served-api.ts';
import type { Handler } from '../handler.ts';
import type { Body, Guard } from './guard.ts';

export interface GuardParts {
  readonly access: Access;
  readonly identity: BrokerIdentity;
  readonly isAutoCreationEnabled: () => boolean;
}

type Load = (parts: GuardParts) => Promise<Guard>;

const guards: Readonly<Record<number, Load>> = {
  0: async () => (await import('./produce-guard.ts')).produce,
  2: async () => (await import('./topic-guards.ts')).listOffsets,
  3: async ({ isAutoCreationEnabled }) => (await import('./metadata-guards.ts')).metadataGuard(isAutoCreationEnabled),
  8: async () => (await import('./topic-guards.ts')).offsetCommit,
  9: async () => (await import('./offset-guards.ts')).offsetFetch,
  10: async () => (await import('./cluster-guards.ts')).findCoordinator,
  15: async () => (await import('./group-guards.ts')).describeGroups,
  16: async () => (await import('./group-guards.ts')).listGroups,
  19: async () => (await import('./topic-guards.ts')).createTopics,
  20: async () => (await import('./topic-guards.ts')).deleteTopics,
  21: async () => (await import('./topic-guards.ts')).deleteRecords,
  22: async () => (await import('./cluster-guards.ts')).initProducerId,
  23: async () => (await import('./topic-guards.ts')).offsetForLeaderEpoch,
  24: async () => (await import('./topic-guards.ts')).addPartitionsToTxn,
  28: async () => (await import('./topic-guards.ts')).readTopics,
  32: async () => (await import('./cluster-guards.ts')).describeConfigs,
  37: async () => (await import('./topic-guards.ts')).createPartitions,
  42: async () => (await import('./group-guards.ts')).deleteGroups,
  47: async () => (await import('./offset-guards.ts')).offsetDelete,
  60: async () => (await import('./metadata-guards.ts')).describeCluster,
  61: async () => (await import('./topic-guards.ts')).describeProducers,
  65: async () => (await import('./cluster-guards.ts')).describeTransactions,
  66: async () => (await import('./cluster-guards.ts')).listTransactions,
  68: async () => (await import('./group-guards.ts')).subscribe,
  69: async () => (await import('./group-guards.ts')).describeMembers,
  75: async () => (await import('./metadata-guards.ts')).describeTopicPartitions,
  76: async () => (await import('./group-guards.ts')).subscribeShare,
  77: async () => (await import('./group-guards.ts')).describeMembers,
  88: async () => (await import('./group-guards.ts')).streamsGroupHeartbeat,
  89: async () => (await import('./group-guards.ts')).streamsGroupDescribe,
  90: async () => (await import('./offset-guards.ts')).describeShareGroupOffsets,
  91: async () => (await import('./offset-guards.ts')).alterShareGroupOffsets,
  92: async () => (await import('./offset-guards.ts')).deleteShareGroupOffsets,
};

/** The list with guards around its handlers. */
export function guarded(served: readonly ServedApi[], parts: GuardParts): ServedApi[] {
  return served.map((api) => {
    const loadGuard = guards[api.key];
    if (loadGuard === undefined) return api;
    const load = async (): Promise<Handler> => {
      const [handler, guard] = await Promise.all([api.load(), loadGuard(parts)]);
      return withGuard(handler, guard, parts);
    };
    return { ...api, load };
  });
}

function withGuard(handler: Handler, guard: Guard, { access, identity }: GuardParts): Handler {
  return {
    ...handler,
    handle: (request, context) =>
      guard({ handler, request: request as unknown as Body, context, access, identity }) as ReturnType<
        Handler['handle']
      >,
  };
}
