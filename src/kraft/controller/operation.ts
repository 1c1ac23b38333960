// What an operation of the controller decides: records to write and what to answer. Operations read an image and change
// nothing; the controller replays the records, appends them, and gives the answer when they are committed and published.
import type { MetadataRecord } from '../metadata/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';

export interface Outcome<R> {
  readonly records: readonly MetadataRecord[];
  readonly response: R;
  /** A new level of the feature kraft.version, which stands in the log of Raft itself; written before the records. */
  readonly kraftVersion?: number | undefined;
}

/** An error of one item of a request, as it stands in the answer. */
export interface ApiError {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export const NO_ERROR: ApiError = { errorCode: Errors.NONE, errorMessage: null };

/** Kafka's MAX_RECORDS_PER_USER_OP: what one request may ask for. */
export const MAX_PARTITIONS_PER_REQUEST = 10_000;

/** Runs `action`; a KafkaError becomes the error that is returned, anything else is thrown on. */
export function errorOf(action: () => void): ApiError {
  try {
    action();
    return NO_ERROR;
  } catch (error) {
    if (error instanceof KafkaError) return { errorCode: error.code, errorMessage: error.wireMessage };
    throw error;
  }
}
