// What stands before a transactional append: the log says whether its transaction has to be verified, and the transaction
// coordinator then verifies it (KIP-890; Kafka: ReplicaManager.maybeSendPartitionsToTransactionCoordinator).
import { VerificationGuard } from '../log/index.ts';
import { Errors } from '../protocol/index.ts';
import type { TransactionalAppend, TransactionVerifier } from './transaction-verifier.ts';

export type { VerificationGuard };

/** With a guard the append is made with it; NONE: without one; any other code is why it must not be made. */
export type Verdict = number | VerificationGuard;

export interface AppendToVerify extends TransactionalAppend {
  /** -1 for batches of a coordinator. */
  readonly sequence: number;
}

/** The leader of the partition is asked; at once, where the coordinator need not be waited for. */
export function verifyAppend(verifier: TransactionVerifier, append: AppendToVerify): Verdict | Promise<Verdict> {
  const { producerId, producerEpoch, sequence, addsPartition: supportsEpochBump } = append;
  const { transactions } = append.partition.log;
  const guard = transactions.startVerification({ producerId, producerEpoch, sequence, supportsEpochBump });
  if (!(guard instanceof VerificationGuard)) return guard;
  const verified = (code: number): Verdict => (code === Errors.NONE ? guard : code);
  const code = verifier.verify(append);
  return typeof code === 'number' ? verified(code) : code.then(verified);
}
