// The deliberate bugs of E.1: each plants a broken collaborator in the place of a whole one, by its name, and must be found. Only here:
// no key and no option of the broker reaches them.
import { OffsetStore } from '../../../src/group-coordinator/offsets/offset-store.ts';
import { TransactionIndex } from '../../../src/log/segments/transaction-index.ts';
import { Partition } from '../../../src/replication/partition.ts';
import type { Topology } from './plan.ts';

export interface Mutation {
  readonly name: string;
  readonly topologies: readonly Topology[];
  /** What comes back takes it out again. */
  plant(): () => void;
}

/** Puts `broken` in the place of a method; `broken` is given the whole one. */
function replace<T extends object, K extends keyof T & string>(
  prototype: T,
  method: K,
  broken: (whole: T[K]) => T[K],
): () => void {
  const whole = prototype[method];
  prototype[method] = broken(whole);
  return () => {
    prototype[method] = whole;
  };
}

export const mutations: readonly Mutation[] = [
  {
    name: 'a record is acknowledged before it is written',
    topologies: ['single'],
    plant: () =>
      replace(
        Partition.prototype,
        'awaitAck',
        () =>
          function (_endOffset, _acks, waiter, slot) {
            waiter.acknowledged(slot, 0);
          },
      ),
  },
  {
    name: 'readers are not told of aborted transactions',
    topologies: ['single'],
    plant: () => replace(TransactionIndex.prototype, 'collect', () => () => false),
  },
  {
    name: 'an abort commits the offsets of its transaction',
    topologies: ['single'],
    plant: () =>
      replace(
        OffsetStore.prototype,
        'endTransaction',
        (whole) =>
          function (this: OffsetStore, producerId) {
            return whole.call(this, producerId, true);
          },
      ),
  },
];
