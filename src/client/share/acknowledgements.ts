// What a member of a share group says of the records that it was given (KIP-932): gathered by offset, told in as few ranges as they
// make. Pure.
export type AcknowledgeType = 'accept' | 'release' | 'reject' | 'renew';

/** As they go over the wire. */
export const GAP = 0;
const CODES: Readonly<Record<AcknowledgeType, number>> = { accept: 1, release: 2, reject: 3, renew: 4 };
const RENEW = CODES.renew;

export interface AcknowledgementBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** One for the whole range, or one for each offset of it. */
  readonly acknowledgeTypes: number[];
}

/** Of one partition. */
export class Acknowledgements {
  readonly #codes = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#codes.size === 0;
  }

  get count(): number {
    return this.#codes.size;
  }

  /** Whether a lock is to be renewed: such are told apart from the others. */
  get hasRenewals(): boolean {
    for (const code of this.#codes.values()) if (code === RENEW) return true;
    return false;
  }

  add(offset: number, type: AcknowledgeType): void {
    this.#codes.set(offset, CODES[type]);
  }

  /** Nothing is there that could be handed out: the record was compacted away, or marks the end of a transaction. */
  addGap(offset: number): void {
    this.#codes.set(offset, GAP);
  }

  /** Offsets that follow one another make one range. */
  batches(): AcknowledgementBatch[] {
    const batches: { firstOffset: number; lastOffset: number; acknowledgeTypes: number[] }[] = [];
    for (const [offset, code] of [...this.#codes].sort(([a], [b]) => a - b)) {
      const last = batches.at(-1);
      if (last !== undefined && last.lastOffset + 1 === offset) {
        last.lastOffset = offset;
        last.acknowledgeTypes.push(code);
      } else batches.push({ firstOffset: offset, lastOffset: offset, acknowledgeTypes: [code] });
    }
    for (const batch of batches) {
      const [first] = batch.acknowledgeTypes;
      if (batch.acknowledgeTypes.every((code) => code === first)) batch.acknowledgeTypes = [first as number];
    }
    return batches;
  }
}
