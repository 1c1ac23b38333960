// How Produce tells that a batch was not verified to be part of its transaction (Kafka: ReplicaManager.handleProduceAppend).
import { Errors, errorName } from '../protocol/index.ts';

/** KIP-890: an error that the producer may abort on. */
const ABORTABLE_SINCE = 11;
/** KIP-890: clients that know of transactions that are being ended by themselves. */
const CONCURRENT_SINCE = 12;

/** Errors of the transaction coordinator that older clients would not retry as they should. */
const UNVERIFIED: ReadonlySet<number> = new Set([
  Errors.NETWORK_EXCEPTION,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
]);

export function transactionRefusal(
  code: number,
  apiVersion: number,
): { readonly errorCode: number; readonly message: string | null } {
  const isUnverified =
    UNVERIFIED.has(code) || (code === Errors.CONCURRENT_TRANSACTIONS && apiVersion < CONCURRENT_SINCE);
  if (isUnverified) {
    const message = `Unable to verify the partition has been added to the transaction. Underlying error: ${errorName(code)}`;
    // NOT_ENOUGH_REPLICAS has them try again without asking for the metadata first.
    return { errorCode: Errors.NOT_ENOUGH_REPLICAS, message };
  }
  const isUnknown = code === Errors.TRANSACTION_ABORTABLE && apiVersion < ABORTABLE_SINCE;
  if (isUnknown || code === Errors.INVALID_TXN_STATE) {
    return { errorCode: Errors.INVALID_TXN_STATE, message: 'Partition was not added to the transaction' };
  }
  return { errorCode: code, message: null };
}
