// Who joins and leaves the cluster between two images (Kafka: ClusterDelta).
import { assert } from '../../../runtime/index.ts';
import {
  type BrokerRegistration,
  brokerFromRecord,
  type ClusterImage,
  type ControllerRegistration,
  changedBroker,
  controllerFromRecord,
} from '../image/cluster-image.ts';
import type {
  BrokerRegistrationChangeRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  UnregisterBrokerRecord,
} from '../records/index.ts';

export class ClusterDelta {
  readonly base: ClusterImage;
  readonly #brokers = new Map<number, BrokerRegistration | null>();
  readonly #controllers = new Map<number, ControllerRegistration | null>();

  constructor(base: ClusterImage) {
    this.base = base;
  }

  /** By broker id; null: unregistered. */
  get changedBrokers(): ReadonlyMap<number, BrokerRegistration | null> {
    return this.#brokers;
  }
  get isEmpty(): boolean {
    return this.#brokers.size === 0 && this.#controllers.size === 0;
  }

  replayRegistration(record: RegisterBrokerRecord): void {
    this.#brokers.set(record.brokerId, brokerFromRecord(record));
  }

  replayUnregistration({ brokerId }: UnregisterBrokerRecord): void {
    this.#brokers.set(brokerId, null);
  }

  replayChange(record: BrokerRegistrationChangeRecord): void {
    this.#brokers.set(record.brokerId, changedBroker(this.#broker(record.brokerId), record));
  }

  /** FenceBroker and UnfenceBroker records: written before metadata.version 6, read for ever. */
  replayFence(id: number, epoch: number, isFenced: boolean): void {
    const broker = this.#broker(id);
    assert(broker.epoch === epoch, `broker ${id} has epoch ${broker.epoch}, not ${epoch}`);
    this.#brokers.set(id, { ...broker, isFenced });
  }

  replayController(record: RegisterControllerRecord): void {
    this.#controllers.set(record.controllerId, controllerFromRecord(record));
  }

  forgetController(id: number): void {
    this.#controllers.set(id, null);
  }

  apply(): ClusterImage {
    if (this.isEmpty) return this.base;
    return {
      brokers: withChanges(this.base.brokers, this.#brokers),
      controllers: withChanges(this.base.controllers, this.#controllers),
    };
  }

  #broker(id: number): BrokerRegistration {
    const changed = this.#brokers.get(id);
    const broker = changed === undefined ? this.base.brokers.get(id) : changed;
    assert(broker !== undefined && broker !== null, `a change of broker ${id}, which is not registered`);
    return broker;
  }
}

/** By id, in whatever order they came: every node lists them, and writes its snapshots, the same way. */
function withChanges<T>(base: ReadonlyMap<number, T>, changes: ReadonlyMap<number, T | null>): ReadonlyMap<number, T> {
  const after = new Map(base);
  for (const [id, change] of changes) {
    if (change === null) after.delete(id);
    else after.set(id, change);
  }
  return new Map([...after].sort(([one], [other]) => one - other));
}
