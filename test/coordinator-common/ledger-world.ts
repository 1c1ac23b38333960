// A ledger whose shard is dropped and loaded again at any moment, over a log that is slow, fails and crashes, with other
// writers of markers, and the model that it is held against:
//   1. a living shard says what its log says, and so does each that is loaded,
//   2. what was acknowledged stays; what a transaction wrote counts when its commit was acknowledged, and not after an abort,
//   3. a transfer is carried out only when it is committed that it is prepared, and each that was acknowledged is completed,
//   4. a topic that went while the partition was led is noted, and the topics are those of the metadata,
//   5. a marker that somebody else appends is heard and drops nothing; nobody waits for ever.
import { CoordinatorRuntime, type TransactionMarker } from '../../src/coordinator-common/index.ts';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { recordsOf } from '../../src/protocol/records/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import { assert, delay, randomInt, silentLogger } from '../../src/runtime/index.ts';
import type { Simulation } from '../../src/runtime/sim/index.ts';
import { MetadataBench } from '../api-handlers/metadata-bench.ts';
import { HookedClock } from './hooked-clock.ts';
import { type LedgerEvent, type LedgerRecord, LedgerShard, ledgerSerde, LedgerState } from './ledger.ts';
import { type MemoryLog, MemoryWriter } from './memory-writer.ts';

const PARTITION = 0;
const PRODUCERS = [7, 8, 9];
const COMMIT_TIMEOUT_MS = 500;
const QUIET_MS = 120_000;

/** `reload`: led elsewhere and back; `lose`: what is not committed is lost; `crash`: the process ends. */
export type Blow = 'reload' | 'lose' | 'crash';
export const BLOWS: readonly Blow[] = ['reload', 'lose', 'crash'];

export class LedgerWorld {
  readonly writer: MemoryWriter;
  readonly #simulation: Simulation;
  readonly #clock: HookedClock;
  readonly #metadata = new MetadataBench();
  #runtime: CoordinatorRuntime<LedgerShard, LedgerRecord, LedgerEvent>;
  #living: LedgerShard | undefined;
  #epoch = 0;
  readonly #producers = new Map<number, ModelProducer>(PRODUCERS.map((id) => [id, newProducer(0)]));
  /** Account → the least and the most that may stand there; each is used by one operation or transaction. */
  readonly #expected = new Map<string, readonly [least: number, most: number]>();
  readonly #prepared = new Set<string>();
  readonly #carriedOut = new Set<string>();
  readonly #mustBeGone = new Set<string>();
  #topicIds: { readonly name: string; readonly id: string }[] = [];
  #waits = 0;
  #next = 0;
  #isQuiet = false;
  #blows = 0;
  /** Found inside of the runtime, which takes what is thrown there for a fault of the shard. */
  readonly #failures: string[] = [];

  constructor(simulation: Simulation, onAwait: (world: LedgerWorld) => void = () => undefined) {
    this.#simulation = simulation;
    this.#clock = new HookedClock(simulation.clock, () => onAwait(this));
    this.writer = new MemoryWriter(this.#clock);
    const { random } = simulation;
    this.writer.commitDelayMs = () => randomInt(random, 0, 60);
    this.writer.verdict = () => {
      if (random.next() < 0.5) return Errors.NONE;
      return delay(this.#clock, randomInt(random, 0, 20)).then(() => Errors.NONE);
    };
    this.#runtime = this.#start();
  }

  #start(): CoordinatorRuntime<LedgerShard, LedgerRecord, LedgerEvent> {
    const runtime = new CoordinatorRuntime<LedgerShard, LedgerRecord, LedgerEvent>({
      name: 'ledger',
      clock: this.#clock,
      logger: silentLogger,
      writer: this.writer,
      serde: ledgerSerde,
      newShard: () =>
        new LedgerShard(
          (id) => this.#carryOut(id),
          (shard) => this.#loaded(shard),
        ),
      commitTimeoutMs: COMMIT_TIMEOUT_MS,
      loadBufferBytes: 300,
    });
    const everything = this.#metadata.replay([]);
    runtime.onMetadata(this.#metadata.image, everything);
    runtime.load(PARTITION, ++this.#epoch);
    return runtime;
  }

  get log(): MemoryLog {
    return this.writer.log(PARTITION);
  }

  /** The random life of a seed. */
  async live(steps: number): Promise<void> {
    const { random, clock } = this.#simulation;
    for (let step = 0; step < steps; step++) {
      // Several in one turn are gathered into one batch, where they may be.
      for (let act = randomInt(random, 1, 4); act > 0; act--) this.#act(randomInt(random, 0, 100));
      await delay(clock, randomInt(random, 0, 25));
      this.#check();
    }
    await this.#settle();
  }

  /** A life that is the same each time, in which everything happens; for blows at each of its moments. */
  async script(): Promise<void> {
    const { clock } = this.#simulation;
    const turns = [
      [0, 30],
      [50],
      [70, 30],
      [55, 85, 1],
      [85, 30, 62],
      [88, 20],
      [88, 50, 70],
      [78, 30, 66],
      [82],
      [5, 50],
    ];
    for (const acts of turns) {
      for (const act of acts) this.#act(act);
      await delay(clock, 11);
      this.#check();
    }
    await this.#settle();
  }

  #act(choice: number): void {
    const { random } = this.#simulation;
    const id = PRODUCERS[randomInt(random, 0, PRODUCERS.length)] as number;
    if (choice < 25) this.#change();
    else if (choice < 50) this.#changeFor(id);
    else if (choice < 60) this.#end(id, true);
    else if (choice < 65) this.#end(id, false);
    else if (choice < 70) this.#endElsewhere(id, random.next() < 0.5);
    else if (choice < 76) this.#prepare(false);
    else if (choice < 80) this.#prepare(true);
    else if (choice < 84) this.#replaced(id);
    else if (choice < 87) this.#createTopic();
    else if (choice < 90) this.#deleteTopic();
    else if (choice < 96) this.writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: choice < 93 };
    else if (choice < 98) this.#refuse();
    else this.strike(BLOWS[randomInt(random, 0, BLOWS.length)] as Blow);
  }

  /** Replicas are missing for a while: nothing is appended. */
  #refuse(): void {
    this.writer.refusedWith = Errors.NOT_ENOUGH_REPLICAS;
    this.#clock.schedule(randomInt(this.#simulation.random, 1, 1_500), () => {
      this.writer.refusedWith = Errors.NONE;
    });
  }

  /** The shard is taken away. */
  strike(blow: Blow): void {
    if (this.#isQuiet) return;
    this.#blows++;
    // What was told and did not get into the log in time is not told to the next leader.
    const known = stateOf(this.log.batches.filter(({ endOffset }) => endOffset <= this.log.committed));
    if (blow !== 'lose') for (const name of this.#mustBeGone) if (!known.gone.has(name)) this.#mustBeGone.delete(name);
    if (blow === 'lose') return this.writer.fail(PARTITION, Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    if (blow === 'crash') {
      const { random } = this.#simulation;
      this.#runtime.close();
      this.writer.crash((uncommitted) => randomInt(random, 0, uncommitted + 1));
      this.#runtime = this.#start();
      return;
    }
    this.#runtime.unload(PARTITION);
    this.#runtime.load(PARTITION, ++this.#epoch);
  }

  #loaded(shard: LedgerShard): void {
    this.#living = shard;
    const { text } = stateOf(this.log.batches);
    if (shard.state.text !== text) this.#failures.push(`loaded was ${shard.state.text}, of a log that says ${text}`);
  }

  /** Waits for an answer; false when it was an error, with which nothing is known. */
  async #answered(ask: () => unknown): Promise<number> {
    this.#waits++;
    try {
      await ask();
      return Errors.NONE;
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return error.code;
    } finally {
      this.#waits--;
    }
  }

  #change(): void {
    const account = `plain ${this.#next++}`;
    this.#expected.set(account, [0, 1]);
    void this.#answered(() => this.#runtime.ask(PARTITION, (shard, effects) => shard.change(account, 1, effects))).then(
      (code) => code === Errors.NONE && this.#expected.set(account, [1, 1]),
    );
  }

  #changeFor(producerId: number): void {
    const producer = this.#producers.get(producerId) as ModelProducer;
    if (producer.isEnding) return;
    if (producer.account === '') producer.account = `transaction ${this.#next++} of ${producerId}`;
    const { account, epoch } = producer;
    const [least, most] = this.#expected.get(account) ?? [0, 0];
    this.#expected.set(account, [least, most + 1]);
    const transaction = {
      transactionalId: `t${producerId}`,
      producerId,
      producerEpoch: epoch,
      knowsAbortable: true,
      addsPartition: true,
    };
    void this.#answered(() =>
      this.#runtime.askInTransaction(PARTITION, transaction, (shard, effects) =>
        shard.changeFor({ producerId, producerEpoch: epoch }, account, 1, effects),
      ),
    ).then((code) => {
      if (code === Errors.NONE && !producer.isEnding) producer.acknowledged++;
    });
  }

  #end(producerId: number, isCommit: boolean): void {
    const producer = this.#producers.get(producerId) as ModelProducer;
    if (producer.isEnding) return;
    producer.isEnding = true;
    const { account, acknowledged } = producer;
    const marker = markerOf(producerId, producer, isCommit);
    void this.#untilEnded(marker).then(() => this.#ended(producerId, account, acknowledged, isCommit));
  }

  /** The transaction coordinator tries until it is told that the marker is there. */
  async #untilEnded(marker: TransactionMarker): Promise<void> {
    for (;;) {
      const code = await this.#answered(() => this.#runtime.endTransaction(PARTITION, marker));
      if (code === Errors.NONE || code === Errors.INVALID_PRODUCER_EPOCH) return;
      await delay(this.#clock, 25);
    }
  }

  /** By the way of WriteTxnMarkers to a log, past the coordinator. */
  #endElsewhere(producerId: number, isCommit: boolean): void {
    const producer = this.#producers.get(producerId) as ModelProducer;
    if (producer.isEnding) return;
    producer.isEnding = true;
    const { account, acknowledged } = producer;
    const marker = markerOf(producerId, producer, isCommit);
    const again = (): void =>
      void this.#untilEnded(marker).then(() => this.#ended(producerId, account, acknowledged, isCommit));
    const bytes = batch.buildEndTransactionMarker({ ...marker, timestamp: this.#clock.nowMs() });
    const { errorCode, endOffset } = this.writer.append(PARTITION, bytes);
    if (errorCode !== Errors.NONE) return again();
    const committed = (code: number): void =>
      code === Errors.NONE ? this.#ended(producerId, account, acknowledged, isCommit) : again();
    this.writer.awaitCommitted(PARTITION, endOffset, { committed });
    const [living, blows] = [this.#living, this.#blows];
    if (!this.#runtime.isActive(PARTITION) || this.writer.failNext !== undefined) return;
    this.#clock.endOfTurn(() => {
      const isThere = this.#living === living && this.#runtime.isActive(PARTITION);
      if (blows === this.#blows && !isThere) this.#failures.push('a marker of somebody else has dropped the shard');
    });
  }

  /** `acknowledged`: changes of which it was known that they are there before the transaction was ended. */
  #ended(producerId: number, account: string, acknowledged: number, isCommit: boolean): void {
    const [, most] = this.#expected.get(account) ?? [0, 0];
    if (account !== '') this.#expected.set(account, isCommit ? [acknowledged, most] : [0, 0]);
    // The next transaction has the next epoch, as since KIP-890: what comes late of this one is refused.
    const { epoch, isEnding } = this.#producers.get(producerId) as ModelProducer;
    if (isEnding) this.#producers.set(producerId, newProducer(epoch + 1));
  }

  #prepare(isLater: boolean): void {
    const id = `transfer ${this.#next++}`;
    void this.#answered(() =>
      this.#runtime.ask(PARTITION, (shard, effects) =>
        isLater ? shard.prepareLater(id, 10, effects) : shard.prepare(id, effects),
      ),
    ).then((code) => code === Errors.NONE && !isLater && this.#prepared.add(id));
  }

  #carryOut(id: string): void {
    const committed = stateOf(this.log.batches.filter(({ endOffset }) => endOffset <= this.log.committed));
    if (!committed.transfers.has(id)) this.#failures.push(`${id} is carried out before it is committed`);
    this.#carriedOut.add(id);
    this.#clock.schedule(randomInt(this.#simulation.random, 0, 20), () => void this.#untilCompleted(id));
  }

  /** Whoever carries out tries until it is told: a shard that cannot write for a while is not loaded again for it. */
  async #untilCompleted(id: string): Promise<void> {
    const complete = (): unknown => this.#runtime.ask(PARTITION, (shard, effects) => shard.complete(id, effects));
    while ((await this.#answered(complete)) !== Errors.NONE) await delay(this.#clock, 25);
  }

  /** A zombie: it is told, and does no harm. */
  #replaced(producerId: number): void {
    const { epoch } = this.#producers.get(producerId) as ModelProducer;
    const isActive = this.#runtime.isActive(PARTITION) && this.writer.refusedWith === Errors.NONE;
    const producer = { producerId, producerEpoch: epoch - 1 };
    const known = this.writer.producerEpoch(PARTITION, producerId);
    const account = `zombie ${this.#next++}`;
    if (known < epoch) return;
    this.#expected.set(account, [0, 0]);
    void this.#answered(() =>
      this.#runtime.ask(PARTITION, (shard, effects) => shard.changeFor(producer, account, 1, effects)),
    ).then((code) => {
      const isTold = isActive ? code === Errors.INVALID_PRODUCER_EPOCH : code !== Errors.NONE;
      if (!isTold) this.#failures.push(`a producer that was replaced was told ${code}`);
    });
  }

  #createTopic(): void {
    const name = `topic${this.#next++}`;
    this.#topicIds.push({ name, id: this.#metadata.createTopic(name) });
    this.#runtime.onMetadata(this.#metadata.image, this.#metadata.createdTopic);
  }

  #deleteTopic(): void {
    const topic = this.#topicIds.shift();
    if (topic === undefined) return;
    const delta = this.#metadata.replay([{ type: 'RemoveTopicRecord', version: 0, topicId: topic.id }]);
    this.#runtime.onMetadata(this.#metadata.image, delta);
    this.#mustBeGone.add(topic.name);
  }

  /** At the end of a turn nothing is gathered: the living shard is what its log says. */
  #check(): void {
    const living = this.#living;
    if (living === undefined || !this.#runtime.isActive(PARTITION)) return;
    const { text } = stateOf(this.log.batches);
    assert(living.state.text === text, `the shard says ${living.state.text}, and its log ${text}`);
  }

  async #settle(): Promise<void> {
    const { clock } = this.#simulation;
    this.#isQuiet = true;
    this.writer.failNext = undefined;
    this.writer.refusedWith = Errors.NONE;
    await delay(clock, QUIET_MS);
    assert(this.#runtime.isActive(PARTITION), 'the partition is not active');
    assert(this.#failures.length === 0, this.#failures.join());
    assert(this.#waits === 0, `${this.#waits} wait for ever`);
    this.#check();
    const { state, topics } = this.#living as LedgerShard;
    for (const [account, [least, most]] of this.#expected) {
      const amount = state.accounts.get(account) ?? 0;
      assert(amount >= least && amount <= most, `${account} has ${amount}, not ${least} to ${most}`);
    }
    for (const id of this.#prepared) assert(state.transfers.get(id) === 'completed', `${id} was not completed`);
    for (const [id, step] of state.transfers) assert(step === 'completed' && this.#carriedOut.has(id), `${id} hangs`);
    for (const name of this.#mustBeGone) assert(state.gone.has(name), `it was not noted that ${name} has gone`);
    const names = [...this.#metadata.image.topics.byName.keys()].sort().join();
    assert([...topics].sort().join() === names, `the topics are ${topics.join()}, not ${names}`);
    this.#isQuiet = false;
    this.strike('reload');
    await delay(clock, QUIET_MS);
    const again = this.#living as LedgerShard;
    assert(again.state !== state && again.state.text === state.text, 'it is another state when it is loaded again');
  }
}

interface ModelProducer {
  readonly epoch: number;
  /** That its open transaction changes, and no other does. */
  account: string;
  acknowledged: number;
  isEnding: boolean;
}

const newProducer = (epoch: number): ModelProducer => ({ epoch, account: '', acknowledged: 0, isEnding: false });

function markerOf(producerId: number, { epoch }: ModelProducer, isCommit: boolean): TransactionMarker {
  return { producerId, producerEpoch: epoch + 1, coordinatorEpoch: 0, isCommit };
}

/** What batches say, read without the runtime. */
function stateOf(batches: MemoryLog['batches']): LedgerState {
  const state = new LedgerState();
  for (const { bytes } of batches) {
    const producer = { producerId: batch.producerId(bytes), producerEpoch: batch.producerEpoch(bytes) };
    for (const { key, value } of recordsOf(bytes)) {
      if (batch.isControl(bytes)) state.end(producer.producerId, batch.controlRecordType(key) === 1);
      else if (batch.isTransactional(bytes)) state.applyFor(producer, recordIn(value));
      else state.apply(recordIn(value));
    }
  }
  return state;
}

const recordIn = (value: Uint8Array | null): LedgerRecord =>
  JSON.parse(Buffer.from(value ?? []).toString()) as LedgerRecord;
