// What an operation of the controller decides: records to write and what to answer. Operations read the state and change
// nothing; the controller replays the records, appends them, and gives the answer when they are committed and published.
import type { MetadataImage, MetadataRecord } from '../metadata/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { PartitionIndex } from './placement/partition-index.ts';

/** What operations read. */
export interface ControllerState {
  /** Committed or about to be. */
  readonly image: MetadataImage;
  /** Where in the image to look for the partitions of a broker; it moves on with the image, not while records are drawn. */
  readonly partitions: PartitionIndex;
}

export interface Outcome<R> {
  /**
   * An array is written in one batch, and is committed whole or not at all. Anything else may be long: it is drawn and
   * written in slices, other work of the process in between, and ends short when leadership is lost; no other operation
   * comes in between. `response` is looked at when all are drawn.
   */
  readonly records: Iterable<MetadataRecord>;
  readonly response: R;
  /** A new level of the feature kraft.version, which stands in the log of Raft itself; written before the records. */
  readonly kraftVersion?: number | undefined;
  /** Called when all records are appended, with the offset of the last in the log, before another operation comes. */
  readonly appended?: ((lastOffset: number) => void) | undefined;
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
