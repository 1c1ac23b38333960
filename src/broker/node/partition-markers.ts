// Markers for the partitions that this node leads (Kafka: KafkaApis.handleWriteTxnMarkersRequest). A partition on which a
// coordinator lives gets its marker through that coordinator, which hears it; every other one through its replica.
import { buildEndTransactionMarker, Errors, KafkaError } from '../../protocol/index.ts';
import type { AckWaiter, ReplicaManager } from '../../replication/index.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { MarkerToWrite, MarkerWriter } from '../../transaction-coordinator/index.ts';
import type { Coordinators } from './coordinators.ts';

const ALL_REPLICAS = -1;

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

  write(topic: string, index: number, marker: MarkerToWrite): Promise<number> {
    const ended = this.#options.coordinators.endTransaction(topic, index, marker);
    return ended === undefined ? this.#append(topic, index, marker) : this.#told(ended, topic, index);
  }

  #append(topic: string, index: number, marker: MarkerToWrite): Promise<number> {
    const { replicas, clock } = this.#options;
    const partition = replicas.partition(topic, index);
    if (partition === undefined) return Promise.resolve(replicas.missingError(topic, index));
    const refusal = partition.checkAppend(ALL_REPLICAS);
    if (refusal !== Errors.NONE) return Promise.resolve(refusal);
    const info = partition.append(buildEndTransactionMarker({ ...marker, timestamp: clock.nowMs() }), {
      origin: 'coordinator',
      leaderEpoch: partition.leaderEpoch,
      now: clock.nowMs(),
      validation: 'header',
    });
    if (info.errorCode !== Errors.NONE) return Promise.resolve(info.errorCode);
    return new Promise((resolve) => {
      const waiter: AckWaiter = { acknowledged: (_slot, errorCode) => resolve(errorCode) };
      partition.awaitAck(info.lastOffset + 1, ALL_REPLICAS, waiter, 0);
    });
  }

  async #told(ended: Promise<void>, topic: string, partition: number): Promise<number> {
    try {
      await ended;
      return Errors.NONE;
    } catch (error) {
      if (error instanceof KafkaError) return error.code;
      this.#options.logger.log('error', 'a marker could not be written', { topic, partition, error: String(error) });
      return Errors.UNKNOWN_SERVER_ERROR;
    }
  }
}
