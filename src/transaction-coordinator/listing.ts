// Transactions as administrators see them (KIP-664, KIP-994, KIP-1152).
import { type ErrorCode, Errors, type Int64, KafkaError, subtractInt64 } from '../protocol/index.ts';
import type { DescribeTransactionsResponse } from '../protocol/messages/65-describe-transactions.ts';
import type { ListTransactionsRequest, ListTransactionsResponse } from '../protocol/messages/66-list-transactions.ts';
import { type Clock, InvalidRegexError, loadRegexEngine, type Regex } from '../runtime/index.ts';
import { stateName, stateOfName, type TransactionMetadata, TransactionState } from './transaction-metadata.ts';
import type { TransactionShard } from './transaction-shard.ts';

type DescribedTransaction = DescribeTransactionsResponse['transactionStates'][number];
export type ListedTransaction = ListTransactionsResponse['transactionStates'][number];

/** Steps of the pattern in one turn of the event loop, a few milliseconds; but one id at least. */
const STEPS_PER_SLICE = 500_000;

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
  readonly unknownStates: readonly string[];
  readonly #hasStates: boolean;
  readonly #states = new Set<TransactionState>();
  readonly #producerIds: ReadonlySet<Int64>;
  readonly #durationMs: Int64;
  readonly #pattern: Regex | undefined;

  private constructor(request: ListTransactionsRequest, pattern: Regex | undefined) {
    const { stateFilters, producerIdFilters, durationFilter } = request;
    this.#hasStates = stateFilters.length > 0;
    const unknownStates = new Set<string>();
    for (const name of stateFilters) {
      const state = stateOfName(name);
      if (state !== undefined) this.#states.add(state);
      else unknownStates.add(name);
    }
    this.unknownStates = [...unknownStates];
    this.#producerIds = new Set(producerIdFilters);
    this.#durationMs = durationFilter;
    this.#pattern = pattern;
  }

  /** Rejects with KafkaError INVALID_REGULAR_EXPRESSION. */
  static async of(request: ListTransactionsRequest): Promise<TransactionFilter> {
    const pattern = request.transactionalIdPattern;
    if (pattern === null || pattern === '') return new TransactionFilter(request, undefined);
    try {
      return new TransactionFilter(request, (await loadRegexEngine()).compile(pattern));
    } catch (error) {
      if (error instanceof InvalidRegexError) throw new KafkaError(Errors.INVALID_REGULAR_EXPRESSION);
      throw error;
    }
  }

  /** All but the pattern is asked. */
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
  #includes({ producerId, state, startTimestampMs }: TransactionMetadata, nowMs: number): boolean {
    if (state === TransactionState.DEAD) return false;
    if (this.#producerIds.size > 0 && !this.#producerIds.has(producerId)) return false;
    if (this.#hasStates && !this.#states.has(state)) return false;
    if (this.#durationMs >= 0 && subtractInt64(nowMs, startTimestampMs) <= this.#durationMs) return false;
    return true;
  }

  /** Those of `rows` that the pattern matches, a few in each turn of the event loop: ids may be long. */
  async matching(rows: readonly ListedTransaction[], clock: Clock): Promise<readonly ListedTransaction[]> {
    const pattern = this.#pattern;
    if (pattern === undefined) return rows;
    const matched: ListedTransaction[] = [];
    let steps = STEPS_PER_SLICE;
    for (const row of rows) {
      if (steps <= 0) {
        await new Promise<void>((resolve) => clock.endOfTurn(resolve));
        steps = STEPS_PER_SLICE;
      }
      if (pattern.matches(row.transactionalId)) matched.push(row);
      steps -= pattern.size * row.transactionalId.length;
    }
    return matched;
  }
}
