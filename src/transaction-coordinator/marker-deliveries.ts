// The markers of all transactions of a shard that are being ended: written at once, and again where they were not taken.
import { type ErrorCode, errorName } from '../protocol/index.ts';
import type { Logger } from '../runtime/index.ts';
import { MarkerDelivery, markerOutcome, type MarkerTarget } from './marker-delivery.ts';
import type { MarkerWriter } from './marker-writer.ts';
import type { TransactionEffects } from './transaction-effects.ts';
import type { TransactionMetadata } from './transaction-metadata.ts';

export interface MarkerPorts {
  readonly logger: Logger;
  readonly markers: MarkerWriter;
  /** The leader epoch of the shard's partition: markers of an older coordinator are refused. */
  readonly coordinatorEpoch: () => number;
  /** Runs `operation` on the shard, unless it has been dropped meanwhile. */
  readonly resume: (operation: (effects: TransactionEffects) => void) => void;
}

/** The shard whose transactions are ended. */
export interface MarkerOwner {
  exists(target: MarkerTarget): boolean;
  /** All markers of the prepared transaction are written. */
  done(metadata: TransactionMetadata, effects: TransactionEffects): void;
}

export class MarkerDeliveries {
  readonly #ports: MarkerPorts;
  readonly #owner: MarkerOwner;
  readonly #deliveries = new Map<string, MarkerDelivery>();

  constructor(ports: MarkerPorts, owner: MarkerOwner) {
    this.#ports = ports;
    this.#owner = owner;
  }

  has(transactionalId: string): boolean {
    return this.#deliveries.has(transactionalId);
  }
  get(transactionalId: string): MarkerDelivery | undefined {
    return this.#deliveries.get(transactionalId);
  }

  /** The transaction is complete: what is answered from now on counts for nothing. */
  forget(transactionalId: string): void {
    this.#deliveries.delete(transactionalId);
  }

  /** The prepared end of the transaction is in the log. */
  begin(metadata: TransactionMetadata, effects: TransactionEffects): void {
    if (this.#deliveries.has(metadata.transactionalId)) return;
    const delivery = new MarkerDelivery(metadata);
    this.#deliveries.set(metadata.transactionalId, delivery);
    if (delivery.isDone) return this.#owner.done(metadata, effects);
    for (const target of delivery.targets) this.write(delivery, target);
  }

  write(delivery: MarkerDelivery, target: MarkerTarget): void {
    if (!this.#isCurrent(delivery)) return;
    const { markers, coordinatorEpoch, resume } = this.#ports;
    void markers
      .write(target.topic, target.partition, delivery.marker(coordinatorEpoch()))
      .then((errorCode) => resume((effects) => this.#written(delivery, target, errorCode, effects)));
  }

  #isCurrent(delivery: MarkerDelivery): boolean {
    return this.#deliveries.get(delivery.metadata.transactionalId) === delivery;
  }

  #written(delivery: MarkerDelivery, target: MarkerTarget, errorCode: ErrorCode, effects: TransactionEffects): void {
    if (!this.#isCurrent(delivery)) return;
    const outcome = markerOutcome(errorCode, this.#owner.exists(target));
    const { topic, partition } = target;
    const { transactionalId } = delivery.metadata;
    if (outcome !== 'written') {
      const level = outcome === 'over' ? 'warn' : 'debug';
      const fields = { transactionalId, topic, partition, error: errorName(errorCode) };
      this.#ports.logger.log(level, 'a transaction marker was not written', fields);
    }
    if (outcome === 'again') {
      const pauseMs = delivery.pauseAfterFailure(target);
      const key = `marker ${topic}/${partition} ${transactionalId}`;
      if (pauseMs !== undefined) effects.schedule(key, pauseMs, { kind: 'marker', delivery, target });
      return;
    }
    delivery.reached(target);
    if (delivery.isDone) this.#owner.done(delivery.metadata, effects);
  }
}
