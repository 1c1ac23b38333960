// The isolation level of ListOffsets and Fetch (KIP-98; Kafka: IsolationLevel).
import { Errors, KafkaError } from '../protocol/index.ts';

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

/** Throws KafkaError UNKNOWN_SERVER_ERROR for a level that there is not: to Kafka that is a fault of its own. */
export function isReadCommitted(isolationLevel: number): boolean {
  if (isolationLevel === READ_COMMITTED) return true;
  if (isolationLevel !== READ_UNCOMMITTED) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  return false;
}
