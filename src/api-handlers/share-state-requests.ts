// What the handlers of share-group state share: who may ask, and an answer in which all share partitions have failed.
import { errorMessage } from '../protocol/index.ts';
import type { PermissionFor } from './permission.ts';

/** Only brokers ask for the state of share groups (KIP-932). */
export const BETWEEN_BROKERS = [
  {
    operation: 'CLUSTER_ACTION',
    resource: 'CLUSTER',
    at: [],
    asked: 'before',
    denied: 'CLUSTER_AUTHORIZATION_FAILED',
  },
] as const satisfies readonly PermissionFor<never>[];

interface AskedTopics {
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

interface FailedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string;
}

/** `more`: what stands in the answer of a partition beside its error. */
export function failedStates<M extends object>(
  { topics }: AskedTopics,
  errorCode: number,
  more: M,
): { results: { topicId: string; partitions: (FailedPartition & M)[] }[] } {
  const results = topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ partition }) => ({
      partition,
      errorCode,
      errorMessage: errorMessage(errorCode),
      ...more,
    })),
  }));
  return { results };
}
