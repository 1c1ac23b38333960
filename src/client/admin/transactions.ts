// Transactions and the producers behind them (KIP-664): found, looked at, and ended when nobody else does.
import { Errors, type Int64, KafkaError } from '../../protocol/index.ts';
import { InitProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { DescribeTransactions } from '../../protocol/messages/65-describe-transactions.ts';
import { ListTransactions } from '../../protocol/messages/66-list-transactions.ts';
import type { CallOptions } from '../connections/patience.ts';
import { type ClientError, clientErrorOf } from '../errors.ts';
import type { Asking } from './asking.ts';
import { coordinatorsOf, fanOut } from './fan-out.ts';
import { type Outcome, throwIfFailed, type TopicPartition } from './outcomes.ts';

export interface TransactionDescription {
  readonly coordinatorId: number;
  /** `Ongoing`, `PrepareCommit`, `CompleteAbort` … */
  readonly state: string;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  /** Milliseconds since 1970; undefined: none is open. */
  readonly startedAt: Int64 | undefined;
  readonly partitions: readonly TopicPartition[];
}

/** Rejects with KafkaError. */
export function describeTransactions(
  asking: Asking,
  transactionalIds: readonly string[],
): Promise<Map<string, Outcome<TransactionDescription>>> {
  return fanOut<string, TransactionDescription>(asking, {
    items: transactionalIds,
    locate: coordinatorsOf(asking, 'transaction'),
    ask: async (nodeId, ids) => {
      const { transactionStates } = await asking.node(nodeId, DescribeTransactions, { transactionalIds: ids });
      return new Map(
        transactionStates.map((one): [string, TransactionDescription | KafkaError] => {
          if (one.errorCode !== Errors.NONE) return [one.transactionalId, new KafkaError(one.errorCode)];
          const { transactionState: state, producerId, producerEpoch, transactionTimeoutMs: timeoutMs } = one;
          const startedAt = one.transactionStartTimeMs < 0 ? undefined : one.transactionStartTimeMs;
          const partitions = one.topics.flatMap(({ topic, partitions: list }) =>
            list.map((partition) => ({ topic, partition })),
          );
          const found = { coordinatorId: nodeId, state, producerId, producerEpoch, timeoutMs, startedAt, partitions };
          return [one.transactionalId, found];
        }),
      );
    },
  });
}

export interface ListTransactionsOptions extends CallOptions {
  /** Left out or empty: all; likewise the others. */
  readonly states?: readonly string[];
  readonly producerIds?: readonly Int64[];
  /** Only those open for longer (KIP-994, from Kafka 3.8 on). */
  readonly minDurationMs?: number;
  /** RE2 (KIP-1152, from Kafka 4.1 on). */
  readonly transactionalIdPattern?: string;
}

export interface ListedTransaction {
  readonly transactionalId: string;
  readonly producerId: Int64;
  readonly state: string;
}

/** By coordinator. Rejects with KafkaError when no broker can be found. */
export async function listTransactions(
  asking: Asking,
  how: ListTransactionsOptions,
): Promise<Map<number, Outcome<readonly ListedTransaction[]>>> {
  const { nodes } = await asking.cluster();
  const found = nodes.map(async ({ id }): Promise<[number, Outcome<readonly ListedTransaction[]>]> => {
    try {
      return [id, await asking.retrying(() => transactionsOf(asking, id, how))];
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return [id, clientErrorOf(error) as ClientError];
    }
  });
  return new Map(await Promise.all(found));
}

async function transactionsOf(
  asking: Asking,
  nodeId: number,
  { states = [], producerIds = [], minDurationMs, transactionalIdPattern }: ListTransactionsOptions,
): Promise<ListedTransaction[]> {
  const answer = await asking.node(nodeId, ListTransactions, {
    stateFilters: states,
    producerIdFilters: producerIds,
    ...(minDurationMs !== undefined && { durationFilter: minDurationMs }),
    ...(transactionalIdPattern !== undefined && { transactionalIdPattern }),
  });
  throwIfFailed(answer.errorCode);
  return answer.transactionStates.map(({ transactionalId, producerId, transactionState }) => ({
    transactionalId,
    producerId,
    state: transactionState,
  }));
}

export interface FencedProducer {
  readonly producerId: Int64;
  readonly producerEpoch: number;
}

/** Whoever uses the transactional ids can do no more; what they have open is aborted. Rejects with KafkaError. */
export function fenceProducers(
  asking: Asking,
  transactionalIds: readonly string[],
): Promise<Map<string, Outcome<FencedProducer>>> {
  return fanOut<string, FencedProducer>(asking, {
    items: transactionalIds,
    locate: coordinatorsOf(asking, 'transaction'),
    ask: async (nodeId, ids) => {
      const answers = ids.map((id) => fence(asking, nodeId, id));
      return new Map(await Promise.all(answers));
    },
    again: new Set([Errors.CONCURRENT_TRANSACTIONS]),
  });
}

async function fence(asking: Asking, nodeId: number, id: string): Promise<[string, FencedProducer | KafkaError]> {
  try {
    const answer = await asking.node(nodeId, InitProducerId, {
      transactionalId: id,
      transactionTimeoutMs: asking.requestTimeoutMs,
    });
    throwIfFailed(answer.errorCode);
    return [id, { producerId: answer.producerId, producerEpoch: answer.producerEpoch }];
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return [id, error];
  }
}
