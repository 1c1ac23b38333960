// The consumer of the package: reads partitions that it is told to read, or its share of a group's, in whichever form suits. One of
// the forms is in use at a time. Everything goes by the rules of Kafka's own consumer (4.3) unless a comment says otherwise.
import { Errors, KafkaError, type Int64 } from '../../protocol/index.ts';
import { type ClientSource, type OpenedClient, openClient } from '../connections/client-source.ts';
import { type CallOptions, type CancelSignal, patiently } from '../connections/patience.ts';
import { asClientErrors, ClientError, clientErrorOf } from '../errors.ts';
import type { CommittedOffset } from '../group/group-offsets.ts';
import { NO_MEMBER } from '../group/membership.ts';
import { Subscription } from '../group/subscription.ts';
import { type ConsumedRecord, type Place, placeName } from './consumed-record.ts';
import { ConsumerCore } from './consumer-core.ts';
import { type ConsumerOptions, settingsOf } from './consumer-options.ts';
import { begin } from './find-positions.ts';
import { ForEach, type ForEachOptions } from './for-each.ts';
import { EARLIEST, type FoundOffset, LATEST, type Lookup, lookUpOffsets } from './offset-lookups.ts';
import { PartitionState, type Search } from './partition-state.ts';
import { batchesFrom, ensureOpen, Polled, type RecordBatch, RecordIterator } from './reading.ts';

export interface AssignedPlace extends Place {
  /** Left out: the committed offset of the group, or what autoOffsetReset says. */
  readonly offset?: number;
  readonly leaderEpoch?: number;
}

export interface PartitionLag extends Place {
  /** Records between the position and the end that the isolation level shows. */
  readonly lag: number;
}

/** As whom a transaction commits offsets (KIP-447): what a producer's sendOffsets takes. */
export interface ConsumerGroupMetadata {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface CloseOptions extends CallOptions {
  /** `stay`: the group is not told, so that this member can be back before its session ends. Static members stay by default. */
  readonly group?: 'leave' | 'stay';
}

const CLOSE_MS = 30_000;

export class Consumer<K = Uint8Array | null, V = Uint8Array | null> {
  readonly #opened: OpenedClient;
  readonly #core: ConsumerCore;
  readonly #polled: Polled;
  /** Which form of reading is in use. */
  #reading: string | undefined;
  #forEach: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** Throws ConfigurationError. It connects when it is first asked for records. */
  constructor(options: ClientSource & ConsumerOptions<K, V>) {
    this.#opened = openClient(options);
    const { client } = this.#opened;
    const plain = options as unknown as ConsumerOptions<never, never>;
    this.#core = new ConsumerCore(client, settingsOf(plain, client.configs), plain);
    this.#polled = new Polled(this.#core);
    this.#core.settle = () => this.#polled.settle();
  }

  /** `for await (const record of consumer)`: a record is committed when the next one is asked for, if offsets are committed by themselves. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumedRecord<K, V>, undefined> {
    this.#begin('for await');
    this.#polled.back();
    return new RecordIterator<K, V>(this.#core, () => this.#ended());
  }

  /** `for await (const batch of consumer.batches())`: records of one partition at a time, up to maxPollRecords. */
  async *batches(): AsyncGenerator<RecordBatch<K, V>, void, void> {
    this.#begin('batches');
    try {
      yield* batchesFrom<K, V>(this.#core, this.#polled, async (state, offset, epoch) => {
        state.done(offset, epoch);
        await this.#commit([{ ...placeOf(state), offset, leaderEpoch: epoch }], {});
      });
    } finally {
      this.#ended();
    }
  }

  /**
   * Calls `handle` for every record, `concurrency` at a time: those of one key (or partition) one after the other, in order. Offsets
   * are committed up to where all is done. Resolves when the signal fires or the consumer is closed; rejects with the error of
   * `handle`, or of the reading. In both cases what was under way is awaited first, and what was not done is read again.
   */
  async forEach(options: ForEachOptions, handle: (record: ConsumedRecord<K, V>) => unknown): Promise<void> {
    this.#begin('forEach');
    this.#polled.back();
    const core = this.#core;
    const source = {
      next: () => {
        core.come();
        core.throwFault();
        const state = core.delivery.next();
        core.advance();
        return state;
      },
      turn: () => core.delivery.turn(),
      handover: core.handover,
      news: () => core.waitForNews(),
      wake: () => core.news(),
      alive: () => core.come(),
      isClosed: () => core.isClosed,
    };
    const forEach = new ForEach(source, options, (record) => handle(record as ConsumedRecord<K, V>));
    core.settle = () => undefined;
    this.#forEach = forEach.run().finally(() => this.#ended());
    try {
      await this.#forEach;
      await core.committing?.commitQuietly(core.settings.autoCommit ? core.states.values() : [], this.#deadline({}));
    } catch (error) {
      throw clientErrorOf(error);
    }
  }

  /** Up to maxPollRecords records; none when none come in so long. What was given before is done. Rejects with ClientError. */
  async poll(
    timeoutMs: number,
    { signal }: { readonly signal?: CancelSignal } = {},
  ): Promise<readonly ConsumedRecord<K, V>[]> {
    this.#begin('poll');
    const core = this.#core;
    try {
      this.#polled.back();
      const deadlineMs = core.client.deadlineIn(timeoutMs);
      for (;;) {
        core.come();
        core.throwFault();
        const records = this.#polled.take(core.settings.maxPollRecords);
        core.advance();
        if (records.length > 0) return records as unknown as readonly ConsumedRecord<K, V>[];
        if (signal?.aborted === true) throw signal.reason as Error;
        if (core.isClosed || core.client.clock.monotonicMs() >= deadlineMs) return [];
        await core.waitForNews(deadlineMs, signal);
      }
    } catch (error) {
      throw clientErrorOf(error);
    } finally {
      this.#reading = undefined;
    }
  }

  /** Reads these partitions and no others, without a group's say in it. */
  assign(places: readonly AssignedPlace[]): void {
    ensureOpen(this.#core);
    if (this.#core.isSubscribed)
      throw new ClientError("Partitions are the group's to assign: this consumer has subscribed");
    const { states } = this.#core;
    const names = new Set(places.map(({ topic, partition }) => placeName(topic, partition)));
    for (const [name, state] of states) {
      if (names.has(name)) continue;
      state.isGone = true;
      states.delete(name);
    }
    for (const { topic, partition, offset, leaderEpoch = -1 } of places) {
      const known = states.get(placeName(topic, partition));
      const state = known ?? new PartitionState(topic, partition, this.#firstSearch());
      if (offset !== undefined) begin(state, offset, leaderEpoch);
      states.set(state.name, state);
    }
    this.#core.changed();
  }

  /** Becomes a member that reads these topics, or those that match; takes effect with the next record that is asked for. */
  async subscribe(what: { readonly topics: readonly string[] } | { readonly pattern: string }): Promise<void> {
    ensureOpen(this.#core);
    if (this.#core.settings.group === undefined) throw new ClientError('There is no group to share topics in');
    await this.unsubscribe();
    this.#core.subscribe(new Subscription(what));
  }

  /** Gives up all partitions, and the place in the group. */
  async unsubscribe(): Promise<void> {
    this.#core.settle();
    if (this.#core.isSubscribed) await this.#core.unsubscribe();
    else this.assign([]);
  }

  assignment(): Place[] {
    return [...this.#core.states.values()].map(placeOf);
  }

  /** The next record is the one at `offset`, or the first behind it. */
  seek(topic: string, partition: number, offset: number, leaderEpoch = -1): void {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new ClientError(`${offset} is no offset to seek to`);
    begin(this.#state({ topic, partition }), offset, leaderEpoch);
    this.#core.changed();
  }

  /** Left out: all that are assigned. */
  seekToBeginning(places: readonly Place[] = this.assignment()): void {
    this.#search(places, { kind: 'earliest' });
  }

  seekToEnd(places: readonly Place[] = this.assignment()): void {
    this.#search(places, { kind: 'latest' });
  }

  /** To the first record that is as late as `timestampMs`; to the end where none is. */
  seekToTime(timestampMs: number, places: readonly Place[] = this.assignment()): void {
    this.#search(places, { kind: 'time', timestampMs });
  }

  /** Nothing of these is given out until they are resumed; what was fetched is kept. Left out: all that are assigned. */
  pause(places: readonly Place[] = this.assignment()): void {
    for (const place of places) this.#state(place).isPaused = true;
  }

  resume(places: readonly Place[] = this.assignment()): void {
    for (const place of places) this.#state(place).isPaused = false;
    this.#core.changed();
  }

  paused(): Place[] {
    return [...this.#core.states.values()].filter(({ isPaused }) => isPaused).map(placeOf);
  }

  /** The offset that is given out next; undefined: not assigned, or not known yet. */
  position(topic: string, partition: number): number | undefined {
    const state = this.#core.states.get(placeName(topic, partition));
    return state === undefined || state.search !== undefined ? undefined : state.position;
  }

  /** As the last answer told it; undefined before. */
  highWatermark(topic: string, partition: number): number | undefined {
    const { highWatermark = -1 } = this.#core.states.get(placeName(topic, partition)) ?? {};
    return highWatermark < 0 ? undefined : highWatermark;
  }

  /** How far each partition is behind; asks where nothing was fetched yet. Rejects with ClientError. */
  async lag(how: CallOptions = {}): Promise<PartitionLag[]> {
    const states = [...this.#core.states.values()];
    const unknown = states.filter((state) => this.#endOf(state) < 0);
    const ends = new Map(
      (await this.endOffsets(unknown.map(placeOf), how)).map((one) => [
        placeName(one.topic, one.partition),
        one.offset,
      ]),
    );
    return states.flatMap((state) => {
      if (state.search !== undefined) return [];
      const end = ends.get(state.name) ?? this.#endOf(state);
      return [{ ...placeOf(state), lag: Math.max(0, end - state.position) }];
    });
  }

  /** Those of the places that have a committed offset. Rejects with ClientError. */
  committed(places: readonly Place[] = this.assignment(), how: CallOptions = {}): Promise<CommittedOffset[]> {
    const { offsets } = this.#core;
    if (offsets === undefined) throw new ClientError('There is no group whose offsets could be looked at');
    return this.#patiently(offsets.committed(places, this.#deadline(how)), how);
  }

  /** Commits these, or all that was given out (with forEach: all that is done). Rejects with ClientError. */
  async commit(offsets?: readonly CommittedOffset[], how: CallOptions = {}): Promise<void> {
    if (offsets === undefined) this.#core.settle();
    await this.#commit(offsets, how);
  }

  /** The first offset of each that is kept. Rejects with ClientError. */
  beginningOffsets(places: readonly Place[], how: CallOptions = {}): Promise<FoundOffset[]> {
    return this.#lookUp(
      places.map((place) => ({ ...placeOf(place), timestamp: EARLIEST })),
      how,
    );
  }

  /** The offset behind the last record of each that the isolation level shows. Rejects with ClientError. */
  endOffsets(places: readonly Place[], how: CallOptions = {}): Promise<FoundOffset[]> {
    return this.#lookUp(
      places.map((place) => ({ ...placeOf(place), timestamp: LATEST })),
      how,
    );
  }

  /** The first offset of each whose record is as late as `timestamp`; -1 where none is. Rejects with ClientError. */
  offsetsForTimes(
    places: readonly (Place & { readonly timestamp: Int64 })[],
    how: CallOptions = {},
  ): Promise<FoundOffset[]> {
    return this.#lookUp(
      places.map((place) => ({ ...placeOf(place), timestamp: place.timestamp })),
      how,
    );
  }

  groupMetadata(): ConsumerGroupMetadata {
    const { group } = this.#core.settings;
    if (group === undefined) throw new ClientError('There is no group');
    const { generationId, memberId, groupInstanceId } = this.#core.identity() ?? NO_MEMBER;
    return { groupId: group, generationId, memberId, groupInstanceId };
  }

  /** Commits what is done, if that goes by itself, leaves the group and lets go of all connections. May be called again. */
  close(how: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#close(how);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close({ timeoutMs = CLOSE_MS, group }: CloseOptions): Promise<void> {
    const core = this.#core;
    const deadlineMs = core.client.deadlineIn(timeoutMs);
    this.#polled.back();
    const leaves = group === undefined ? core.settings.groupInstanceId === null : group === 'leave';
    const running = this.#forEach;
    const closing = core.close(deadlineMs, leaves);
    // Its error is for whoever has called it.
    await Promise.all([closing, running?.catch(() => undefined)]);
    await this.#opened.close();
  }

  #begin(form: string): void {
    ensureOpen(this.#core);
    if (this.#reading !== undefined) {
      throw new ClientError(`The consumer is being read by ${this.#reading}`, {
        advice: 'Use one form of reading at a time.',
      });
    }
    this.#reading = form;
    if (form !== 'for await') this.#core.settle = () => this.#polled.settle();
  }

  #ended(): void {
    this.#reading = undefined;
    this.#forEach = undefined;
    this.#core.settle = () => this.#polled.settle();
  }

  async #commit(offsets: readonly CommittedOffset[] | undefined, how: CallOptions): Promise<void> {
    const { committing, states } = this.#core;
    if (committing === undefined) throw new ClientError('There is no group to commit offsets for');
    const deadlineMs = this.#deadline(how);
    const work =
      offsets === undefined
        ? committing.commitHandled(states.values(), deadlineMs)
        : committing.commit(offsets, deadlineMs);
    await this.#patiently(work, how);
  }

  #lookUp(lookups: readonly Lookup[], how: CallOptions): Promise<FoundOffset[]> {
    const { client, settings } = this.#core;
    return this.#patiently(lookUpOffsets(client, lookups, settings.isolation, this.#deadline(how)), how);
  }

  #patiently<T>(work: Promise<T>, how: CallOptions): Promise<T> {
    return asClientErrors(patiently(this.#core.client.clock, work, how), this.#core.settings.group);
  }

  #deadline({ timeoutMs }: CallOptions): number {
    const { client } = this.#core;
    return client.deadlineIn(timeoutMs ?? client.limits.apiTimeoutMs);
  }

  #firstSearch(): Search {
    const { group, autoOffsetReset } = this.#core.settings;
    return group === undefined ? { kind: autoOffsetReset } : { kind: 'committed' };
  }

  #search(places: readonly Place[], search: Search): void {
    for (const place of places) this.#state(place).moveTo(-1, -1, search);
    this.#core.changed();
  }

  #endOf({ lastStableOffset, highWatermark }: PartitionState): number {
    return this.#core.settings.isolation === 'read_committed' ? lastStableOffset : highWatermark;
  }

  #state({ topic, partition }: Place): PartitionState {
    const state = this.#core.states.get(placeName(topic, partition));
    if (state === undefined) {
      throw clientErrorOf(new KafkaError(Errors.INVALID_REQUEST, `${placeName(topic, partition)} is not assigned`));
    }
    return state;
  }
}

const placeOf = ({ topic, partition }: Place): Place => ({ topic, partition });
