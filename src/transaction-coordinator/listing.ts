// Transactions as administrators see them (KIP-664, KIP-994, KIP-1152).
import { type ErrorCode, Errors, type Int64, subtractInt64 } from '../protocol/index.ts';
import type { DescribeTransactionsResponse } from '../protocol/messages/65-describe-transactions.ts';
import type { ListTransactionsRequest, ListTransactionsResponse } from '../protocol/messages/66-list-transactions.ts';
import { stateName, stateOfName, type TransactionMetadata, TransactionState } from './transaction-metadata.ts';
import type { TransactionShard } from './transaction-shard.ts';

type DescribedTransaction = DescribeTransactionsResponse['transactionStates'][number];
export type ListedTransaction = ListTransactionsResponse['transactionStates'][number];

/** A pattern that somebody else wrote, matched in linear time against the whole of a text. */
export interface CompiledPattern {
  matches(text: string): boolean;
}
/** By RE2 syntax. Throws KafkaError INVALID_REGULAR_EXPRESSION. */
export type PatternCompiler = (pattern: string) => CompiledPattern;

export function describeTransaction(shard: TransactionShard, transactionalId: string): DescribedTransaction {
  const metadata = shard.get(transactionalId);
  if (metadata === undefined || metadata.state === TransactionState.DEAD) {
    return undescribed(transactionalId, Errors.TRANSACTIONAL_ID_NOT_FOUND);
  }
  return {
    errorCode: Errors.NONE,
    transactionalId,
    transactionState: stateName(metadata.state),
    transactionTimeoutMs: metadata.timeoutMs,
    transactionStartTimeMs: metadata.startTimestampMs,
    producerId: metadata.producerId,
    producerEpoch: metadata.producerEpoch,
    // While markers are written: those that are left.
    topics: [...(shard.deliveryOf(transactionalId)?.remaining ?? metadata.partitions.byTopic())].map(
      ({ topic, partitions }) => ({ topic, partitions: [...partitions] }),
    ),
  };
}

export function undescribed(transactionalId: string, errorCode: ErrorCode): DescribedTransaction {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  };
}

export class TransactionFilter {
  /** Names of the request that no state has. */
  readonly unknownStates: string[] = [];
  readonly #hasStates: boolean;
  readonly #states = new Set<TransactionState>();
  readonly #producerIds: ReadonlySet<Int64>;
  readonly #durationMs: Int64;
  readonly #pattern: CompiledPattern | undefined;

  /** Throws KafkaError INVALID_REGULAR_EXPRESSION. */
  constructor(request: ListTransactionsRequest, compile: PatternCompiler) {
    const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
    this.#hasStates = stateFilters.length > 0;
    for (const name of stateFilters) {
      const state = stateOfName(name);
      if (state !== undefined) this.#states.add(state);
      else if (!this.unknownStates.includes(name)) this.unknownStates.push(name);
    }
    this.#producerIds = new Set(producerIdFilters);
    this.#durationMs = durationFilter;
    const hasPattern = transactionalIdPattern !== null && transactionalIdPattern !== '';
    this.#pattern = hasPattern ? compile(transactionalIdPattern) : undefined;
  }

  listed(transactions: Iterable<TransactionMetadata>, nowMs: number): ListedTransaction[] {
    const rows: ListedTransaction[] = [];
    for (const metadata of transactions) {
      if (!this.#includes(metadata, nowMs)) continue;
      const { transactionalId, producerId, state } = metadata;
      rows.push({ transactionalId, producerId, transactionState: stateName(state) });
    }
    return rows;
  }

  /** Kafka compares the duration with the age of transactions that were never begun too: those begun at -1 are old. */
  #includes({ transactionalId, producerId, state, startTimestampMs }: TransactionMetadata, nowMs: number): boolean {
    if (state === TransactionState.DEAD) return false;
    if (this.#producerIds.size > 0 && !this.#producerIds.has(producerId)) return false;
    if (this.#hasStates && !this.#states.has(state)) return false;
    if (this.#durationMs >= 0 && subtractInt64(nowMs, startTimestampMs) <= this.#durationMs) return false;
    return this.#pattern === undefined || this.#pattern.matches(transactionalId);
  }
}
