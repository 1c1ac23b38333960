// The markers of all transactions of a shard that are being ended: written at once, and again where they were not taken.
import type { MetadataDelta } from '../kraft/metadata/index.ts';
import { type ErrorCode, errorName } from '../protocol/index.ts';
import type { Logger } from '../runtime/index.ts';
import { keyOf, MarkerDelivery, markerOutcome, type MarkerTarget } from './marker-delivery.ts';
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
  /** By partition: those that have not reached it. */
  readonly #waiting = new Map<string, Set<MarkerDelivery>>();

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
    const delivery = this.#deliveries.get(transactionalId);
    if (delivery === undefined) return;
    this.#deliveries.delete(transactionalId);
    for (const target of delivery.targets) this.#waitsNoMore(delivery, target);
  }

  /** Partitions that have another leader, or are gone, are tried at once, whatever is still on its way to the old leader. */
  leadersChanged({ changedTopics, deletedTopics }: MetadataDelta): void {
    if (this.#waiting.size === 0) return;
    for (const { name, base, changedPartitions } of changedTopics.values()) {
      for (const [partition, { leader }] of changedPartitions) {
        if (leader >= 0 && leader !== base?.partitions[partition]?.leader) this.#tryNow({ topic: name, partition });
      }
    }
    for (const { name, partitions } of deletedTopics.values()) {
      for (const { partition } of partitions) this.#tryNow({ topic: name, partition });
    }
  }

  #tryNow(target: MarkerTarget): void {
    for (const delivery of this.#waiting.get(keyOf(target.topic, target.partition)) ?? []) this.write(delivery, target);
  }

  #waitsNoMore(delivery: MarkerDelivery, { topic, partition }: MarkerTarget): void {
    const key = keyOf(topic, partition);
    const waiting = this.#waiting.get(key);
    if (waiting?.delete(delivery) === true && waiting.size === 0) this.#waiting.delete(key);
  }

  /** The prepared end of the transaction is in the log. */
  begin(metadata: TransactionMetadata, effects: TransactionEffects): void {
    if (this.#deliveries.has(metadata.transactionalId)) return;
    const delivery = new MarkerDelivery(metadata);
    this.#deliveries.set(metadata.transactionalId, delivery);
    if (delivery.isDone) return this.#owner.done(metadata, effects);
    for (const target of delivery.targets) {
      const key = keyOf(target.topic, target.partition);
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) this.#waiting.set(key, new Set([delivery]));
      else waiting.add(delivery);
      this.write(delivery, target);
    }
  }

  write(delivery: MarkerDelivery, target: MarkerTarget): void {
    const attempt = this.#isCurrent(delivery) ? delivery.attempt(target) : undefined;
    if (attempt === undefined) return;
    const { markers, coordinatorEpoch, resume } = this.#ports;
    void markers
      .write(target.topic, target.partition, delivery.marker(coordinatorEpoch()))
      .then((errorCode) => resume((effects) => this.#answered({ delivery, target, attempt, errorCode }, effects)));
  }

  #isCurrent(delivery: MarkerDelivery): boolean {
    return this.#deliveries.get(delivery.metadata.transactionalId) === delivery;
  }

  #answered({ delivery, target, attempt, errorCode }: MarkerAnswer, effects: TransactionEffects): void {
    if (!this.#isCurrent(delivery)) return;
    const isThere = this.#owner.exists(target);
    const outcome = markerOutcome(errorCode, isThere);
    const { topic, partition } = target;
    const { transactionalId } = delivery.metadata;
    if (outcome !== 'written') {
      // Topics may be deleted at any time, with whatever is open on them.
      const level = outcome === 'over' && isThere ? 'warn' : 'debug';
      const fields = { transactionalId, topic, partition, error: errorName(errorCode) };
      this.#ports.logger.log(level, 'a transaction marker was not written', fields);
    }
    if (outcome === 'again') {
      const pauseMs = delivery.pauseAfterFailure(target, attempt);
      const key = `marker ${topic}/${partition} ${transactionalId}`;
      if (pauseMs !== undefined) effects.schedule(key, pauseMs, { kind: 'marker', delivery, target });
      return;
    }
    if (!delivery.reached(target)) return;
    this.#waitsNoMore(delivery, target);
    if (delivery.isDone) this.#owner.done(delivery.metadata, effects);
  }
}

interface MarkerAnswer {
  readonly delivery: MarkerDelivery;
  readonly target: MarkerTarget;
  readonly attempt: number;
  readonly errorCode: ErrorCode;
}
