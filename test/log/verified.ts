// What the transaction coordinator's word is to a log: every transactional batch has been verified.
import { type PartitionLog, VerificationGuard } from '../../src/log/index.ts';
import { type ErrorCode, Errors } from '../../src/protocol/index.ts';
import * as batch from '../../src/protocol/records/index.ts';

/** The guard to append the batch with; undefined when it needs none, or there is no getting one. */
export function verified(log: PartitionLog, bytes: Buffer, supportsEpochBump = false): VerificationGuard | undefined {
  const guard = verification(log, bytes, supportsEpochBump);
  return guard instanceof VerificationGuard ? guard : undefined;
}

/** The guard; NONE when the batch needs none, else why it would be refused. */
export function verification(
  log: PartitionLog,
  bytes: Buffer,
  supportsEpochBump = false,
): VerificationGuard | ErrorCode {
  if (!batch.isTransactional(bytes) || batch.isControl(bytes)) return Errors.NONE;
  return log.transactions.startVerification({
    producerId: batch.producerId(bytes),
    producerEpoch: batch.producerEpoch(bytes),
    sequence: batch.baseSequence(bytes),
    supportsEpochBump,
  });
}
