// A tenant of the coordinator runtime that uses all of its contract: accounts that are changed plainly or within transactions,
// transfers that are prepared, carried out elsewhere once that is committed, and then completed (as the transaction coordinator
// sends its markers), and topics of which it notes that they have gone.
import { compareInt64, type Int64 } from '../../src/protocol/index.ts';
import type { CoordinatorShard, Effects, Producer, RecordSerde } from '../../src/coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../../src/kraft/metadata/index.ts';

export type LedgerRecord =
  | { readonly kind: 'change'; readonly account: string; readonly amount: number }
  | { readonly kind: 'transfer'; readonly id: string; readonly state: 'prepared' | 'completed' }
  | { readonly kind: 'gone'; readonly topic: string };

/** A transfer that is to be carried out now. */
export interface LedgerEvent {
  readonly id: string;
}

export type LedgerEffects = Effects<LedgerRecord, LedgerEvent>;

export const ledgerSerde: RecordSerde<LedgerRecord> = {
  encode: (record) => ({ key: Buffer.from(record.kind), value: Buffer.from(JSON.stringify(record)) }),
  decode: (_key, value) => JSON.parse(Buffer.from(value ?? []).toString()) as LedgerRecord,
};

/** What a log says: the durable state of a ledger. */
export class LedgerState {
  readonly accounts = new Map<string, number>();
  readonly transfers = new Map<string, 'prepared' | 'completed'>();
  readonly gone = new Set<string>();
  readonly open = new Map<Int64, { readonly epoch: number; readonly records: LedgerRecord[] }>();

  apply(record: LedgerRecord): void {
    if (record.kind === 'transfer') this.transfers.set(record.id, record.state);
    else if (record.kind === 'gone') this.gone.add(record.topic);
    else this.accounts.set(record.account, (this.accounts.get(record.account) ?? 0) + record.amount);
  }

  applyFor({ producerId, producerEpoch }: Producer, record: LedgerRecord): void {
    const open = this.open.get(producerId);
    if (open?.epoch === producerEpoch) open.records.push(record);
    else this.open.set(producerId, { epoch: producerEpoch, records: [record] });
  }

  end(producerId: Int64, isCommit: boolean): void {
    const records = this.open.get(producerId)?.records ?? [];
    this.open.delete(producerId);
    if (isCommit) for (const record of records) this.apply(record);
  }

  /** For comparing. */
  get text(): string {
    const open = [...this.open].sort(([one], [other]) => compareInt64(one, other));
    const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
      one < other ? -1 : 1;
    return JSON.stringify([
      [...this.accounts].sort(byKey),
      [...this.transfers].sort(byKey),
      [...this.gone].sort(),
      open.map(([id, { epoch, records }]) => [id, epoch, records]),
    ]);
  }
}

export class LedgerShard implements CoordinatorShard<LedgerRecord, LedgerEvent> {
  readonly state = new LedgerState();
  /** As the metadata says; not in the log. */
  topics: readonly string[] = [];
  readonly #carryOut: (id: string) => void;
  readonly #loaded: (shard: LedgerShard) => void;

  constructor(carryOut: (id: string) => void, loaded: (shard: LedgerShard) => void) {
    this.#carryOut = carryOut;
    this.#loaded = loaded;
  }

  replay(record: LedgerRecord, producerId: number, producerEpoch: number): void {
    if (producerId === -1) this.state.apply(record);
    else this.state.applyFor({ producerId, producerEpoch }, record);
  }

  replayEndTransactionMarker(producerId: number, _producerEpoch: number, isCommit: boolean): void {
    this.state.end(producerId, isCommit);
  }

  onLoaded(image: MetadataImage, effects: LedgerEffects): void {
    this.topics = [...image.topics.byName.keys()];
    this.#loaded(this);
    for (const [id, state] of this.state.transfers) if (state === 'prepared') effects.afterCommit({ id });
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta, effects: LedgerEffects): void {
    this.topics = [...image.topics.byName.keys()];
    for (const { name } of delta.deletedTopics.values()) effects.append({ kind: 'gone', topic: name });
  }

  /** What was to be prepared later. */
  onTimer(event: LedgerEvent, effects: LedgerEffects): void {
    this.prepare(event.id, effects);
  }

  onCommitted({ id }: LedgerEvent): void {
    this.#carryOut(id);
  }

  change(account: string, amount: number, effects: LedgerEffects): void {
    effects.append({ kind: 'change', account, amount });
  }

  changeFor(producer: Producer, account: string, amount: number, effects: LedgerEffects): void {
    effects.appendFor(producer, { kind: 'change', account, amount });
  }

  prepare(id: string, effects: LedgerEffects): void {
    if (this.state.transfers.has(id)) return;
    effects.append({ kind: 'transfer', id, state: 'prepared' });
    effects.afterCommit({ id });
  }

  prepareLater(id: string, delayMs: number, effects: LedgerEffects): void {
    effects.schedule(`prepare ${id}`, delayMs, { id });
  }

  complete(id: string, effects: LedgerEffects): void {
    if (this.state.transfers.get(id) !== 'prepared') return;
    effects.append({ kind: 'transfer', id, state: 'completed' });
  }
}
