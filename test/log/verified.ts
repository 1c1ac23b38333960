// What the transaction coordinator's word is to a log: every transactional batch has been verified.
import { type PartitionLog, VerificationGuard } from '../../src/log/index.ts';
import * as batch from '../../src/protocol/records/index.ts';

/** The guard to append the batch with; undefined when it needs none. */
export function verified(log: PartitionLog, bytes: Buffer, supportsEpochBump = false): VerificationGuard | undefined {
  if (!batch.isTransactional(bytes) || batch.isControl(bytes)) return undefined;
  const guard = log.transactions.startVerification({
    producerId: batch.producerId(bytes),
    producerEpoch: batch.producerEpoch(bytes),
    sequence: batch.baseSequence(bytes),
    supportsEpochBump,
  });
  return guard instanceof VerificationGuard ? guard : undefined;
}
