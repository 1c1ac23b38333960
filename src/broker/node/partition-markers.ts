// Markers for the partitions that this node leads (Kafka: KafkaApis.handleWriteTxnMarkersRequest). A partition on which a
// coordinator lives gets its marker through that coordinator, which hears it; every other one through its replica.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { endTransactionOn, type ReplicaManager } from '../../replication/index.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import {
  isImpossible,
  isOfNoEpoch,
  type MarkerToWrite,
  type MarkerWriter,
} from '../../transaction-coordinator/index.ts';
import type { Coordinators } from './coordinators.ts';

export interface PartitionMarkersOptions {
  readonly replicas: Pick<ReplicaManager, 'partition' | 'missingError'>;
  readonly coordinators: Pick<Coordinators, 'endTransaction'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PartitionMarkers implements MarkerWriter {
  readonly #options: PartitionMarkersOptions;

  constructor(options: PartitionMarkersOptions) {
    this.#options = options;
  }

  async write(topic: string, index: number, marker: MarkerToWrite): Promise<number> {
    try {
      return await this.#write(topic, index, marker);
    } catch (error) {
      if (error instanceof KafkaError) return error.code;
      this.#options.logger.log('error', 'a marker could not be written', { topic, index, error: String(error) });
      return Errors.UNKNOWN_SERVER_ERROR;
    }
  }

  /** What fails at once fails like what fails later: whoever ends the transaction goes on with its other partitions. */
  #write(topic: string, index: number, marker: MarkerToWrite): number | Promise<number> {
    const { replicas, coordinators, clock } = this.#options;
    const partition = replicas.partition(topic, index);
    if (partition === undefined) return replicas.missingError(topic, index);
    // A batch that cannot be: Kafka fails over it in the same way.
    if (isImpossible(marker)) return Errors.UNKNOWN_SERVER_ERROR;
    if (isOfNoEpoch(marker)) return Errors.INVALID_PRODUCER_EPOCH;
    const ended = coordinators.endTransaction(topic, index, marker);
    if (ended !== undefined) return ended.then(() => Errors.NONE);
    return endTransactionOn(partition, marker, clock);
  }
}
