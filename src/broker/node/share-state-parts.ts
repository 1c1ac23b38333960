// Requests for share-group state and their answers, taken apart by share partition and put together again: the messages 83 to 87
// are all of one shape. Answers need not come in the order of their requests.
import { type ErrorCode, errorMessage, Errors } from '../../protocol/index.ts';

export interface Asked {
  readonly groupId: string;
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

interface Row {
  readonly partition: number;
  readonly errorCode?: ErrorCode | undefined;
}

export interface Answered {
  readonly results: readonly { readonly topicId: string; readonly partitions: readonly Row[] }[];
}

const RETRIABLE: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.NOT_COORDINATOR,
]);

export const keyOf = (topicId: string, partition: number): string => `${topicId}:${partition}`;

export function* partitionsIn({ topics }: Asked): Generator<{ topicId: string; partition: number }> {
  for (const { topicId, partitions } of topics) for (const { partition } of partitions) yield { topicId, partition };
}

/** The keys of what is to be asked again. */
export function retriableIn({ results }: Answered): Set<string> {
  const keys = new Set<string>();
  for (const { topicId, partitions } of results) {
    for (const { partition, errorCode = Errors.NONE } of partitions) {
      if (RETRIABLE.has(errorCode)) keys.add(keyOf(topicId, partition));
    }
  }
  return keys;
}

/** The part of `request` about the share partitions with `keys`. */
export function partOf<Q extends Asked>(request: Q, keys: ReadonlySet<string>): Q {
  const topics = request.topics.flatMap((topic) => {
    const partitions = topic.partitions.filter(({ partition }) => keys.has(keyOf(topic.topicId, partition)));
    return partitions.length === 0 ? [] : [{ ...topic, partitions }];
  });
  return { ...request, topics };
}

/** `response` with what `later` says of its share partitions. */
export function merged<S extends Answered>(response: S, later: Answered): S {
  const rows = new Map<string, Row>();
  for (const { topicId, partitions } of later.results) {
    for (const row of partitions) rows.set(keyOf(topicId, row.partition), row);
  }
  const results = response.results.map((topic) => {
    const partitions = topic.partitions.map((row) => rows.get(keyOf(topic.topicId, row.partition)) ?? row);
    return { ...topic, partitions };
  });
  return { ...response, results };
}

/** The answer in which all has failed, with what stands beside an error in any of the messages. */
export function failedAnswer<S extends Answered>({ topics }: Asked, errorCode: ErrorCode): S {
  const results = topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ partition }) => ({
      partition,
      errorCode,
      errorMessage: errorMessage(errorCode),
      stateEpoch: 0,
      leaderEpoch: 0,
      startOffset: 0,
      deliveryCompleteCount: -1,
      stateBatches: [],
    })),
  }));
  return { results } as unknown as S;
}
