// The parts of a consumer and how they hang together: what is read, who fetches it, who decodes it, who hands it out, and the place
// in a group that decides what is read. The forms of reading (consumer.ts) stand on it.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { Logger } from '../../runtime/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import type { CancelSignal } from '../connections/patience.ts';
import { clientErrorOf } from '../errors.ts';
import { joinGroup, type Joining } from '../group/join-group.ts';
import { GroupOffsets } from '../group/group-offsets.ts';
import { NO_MEMBER } from '../group/membership.ts';
import { Subscription } from '../group/subscription.ts';
import { Committing } from './committing.ts';
import { type ConsumerOptions, type ConsumerSettings } from './consumer-options.ts';
import { DeadLetterTopic } from './dead-letters.ts';
import { Decoder } from './decoding.ts';
import { Delivery } from './delivery.ts';
import { Fetcher } from './fetcher.ts';
import { PositionFinder } from './find-positions.ts';
import { Handover } from './handover.ts';
import type { PartitionState } from './partition-state.ts';
import { Rebalancing } from './rebalancing.ts';
import { Waiting } from './waiting.ts';
import { positionValidator } from './validate-positions.ts';

export class ConsumerCore {
  readonly client: ClusterClient;
  readonly settings: ConsumerSettings;
  readonly states = new Map<string, PartitionState>();
  readonly handover: Handover;
  readonly delivery: Delivery;
  readonly rebalancing: Rebalancing;
  readonly offsets: GroupOffsets | undefined;
  readonly committing: Committing | undefined;
  /** What the program is done with without having said so, as far as the form of reading knows. */
  settle: () => void = () => undefined;
  readonly #fetchClient: ClusterClient;
  readonly #fetcher: Fetcher;
  readonly #finder: PositionFinder;
  readonly #deadLetters: DeadLetterTopic | undefined;
  readonly #faults: unknown[] = [];
  readonly #waiting: Waiting;
  #subscription: Subscription | undefined;
  #joining: Joining | undefined;
  /** On the monotonic clock: when the program has last come for records. */
  #aliveAtMs: number;
  isClosed = false;

  constructor(client: ClusterClient, settings: ConsumerSettings, options: ConsumerOptions<never, never>) {
    this.client = client;
    this.settings = settings;
    this.#fetchClient = client.apart();
    this.#aliveAtMs = client.clock.monotonicMs();
    this.#waiting = new Waiting(client.clock);
    this.handover = new Handover(client.clock);
    const { logger } = client;
    this.#deadLetters = deadLettersOf(client, settings, options);
    const decoder = this.#decoderOf(options, logger);
    this.delivery = new Delivery(this.states, decoder, settings.maxPollRecords);
    if (settings.group !== undefined) {
      this.offsets = new GroupOffsets(client, settings.group, () => this.identity());
      this.committing = this.#committingOf(this.offsets, logger);
    }
    this.rebalancing = this.#rebalancingOf(options);
    this.#finder = this.#finderOf();
    this.#fetcher = this.#fetcherOf(options);
    if (options.pattern !== undefined) this.subscribe(new Subscription({ pattern: options.pattern }));
    else if (options.topics !== undefined) this.subscribe(new Subscription({ topics: options.topics }));
  }

  get isSubscribed(): boolean {
    return this.#subscription !== undefined;
  }

  /** As whom to commit; undefined: a member that has no place now. */
  identity() {
    if (this.#subscription === undefined) return NO_MEMBER;
    const identity = this.#joining?.membership?.identity;
    return identity === undefined || identity.generationId < 0 ? undefined : identity;
  }

  subscribe(subscription: Subscription): void {
    this.#subscription = subscription;
  }

  async unsubscribe(): Promise<void> {
    const joining = this.#joining;
    this.#joining = undefined;
    await joining?.end(true);
    await this.rebalancing.revoke(this.rebalancing.owned(), 0);
    this.#subscription = undefined;
  }

  /** The program has come for records: it takes part from now on. */
  come(): void {
    this.#aliveAtMs = this.client.clock.monotonicMs();
    this.committing?.start();
    if (this.#subscription === undefined || this.isClosed) return;
    if (this.#joining === undefined)
      this.#joining = joinGroup(this.client, this.settings, this.#subscription, this.rebalancing);
    else if (this.#joining.membership?.isAway === true) this.#joining.membership.rejoin();
  }

  /** Fetches, and looks for positions, where there is something to do. */
  advance(): void {
    if (this.isClosed) return;
    this.#finder.advance();
    this.#fetcher.advance();
  }

  /** Partitions have come or gone, or may go on. */
  changed(): void {
    this.delivery.changed();
    this.advance();
    this.news();
  }

  news(): void {
    this.#waiting.news();
  }

  fault(error: unknown): void {
    if (this.isClosed) return;
    this.#faults.push(clientErrorOf(error, this.settings.group));
    this.news();
  }

  /** Throws what nobody has been told of yet. */
  throwFault(): void {
    if (this.#faults.length > 0) throw this.#faults.shift();
  }

  /** Resolves when there may be something new, when `signal` fires or the deadline (monotonic) is over. */
  async waitForNews(deadlineMs = Number.POSITIVE_INFINITY, signal?: CancelSignal): Promise<void> {
    this.advance();
    await this.#waiting.wait(deadlineMs, signal);
    this.#aliveAtMs = this.client.clock.monotonicMs();
  }

  /** Nothing is handed out any more. Commits what is done where that goes by itself, and leaves the group. */
  async close(deadlineMs: number, leaves: boolean): Promise<void> {
    this.isClosed = true;
    this.#finder.close();
    this.news();
    this.committing?.stop();
    const owned = this.rebalancing.owned();
    if (this.#subscription !== undefined) await this.rebalancing.revoke(owned, deadlineMs);
    else if (this.settings.autoCommit) await this.committing?.commitQuietly(this.states.values(), deadlineMs);
    await this.#joining?.end(leaves);
    await this.#fetcher.close();
    await this.#deadLetters?.close();
    await this.#fetchClient.close();
  }

  #decoderOf({ deserializers, onDecodeError }: ConsumerOptions<never, never>, logger: Logger): Decoder {
    const deadLetters = this.#deadLetters;
    return new Decoder({
      key: deserializers?.key,
      value: deserializers?.value,
      onDecodeError:
        deadLetters === undefined
          ? onDecodeError === 'skip'
            ? 'skip'
            : 'fail'
          : (record, error, stage) => deadLetters.write(record, error, stage),
      logger,
      news: () => this.news(),
    });
  }

  #committingOf(offsets: GroupOffsets, logger: Logger): Committing {
    const { autoCommit, autoCommitIntervalMs } = this.settings;
    return new Committing({
      offsets,
      states: this.states,
      clock: this.client.clock,
      logger,
      intervalMs: autoCommit ? autoCommitIntervalMs : undefined,
      settle: () => undefined,
      fault: (error) => this.fault(error),
    });
  }

  #rebalancingOf({ onAssigned, onRevoked, onLost }: ConsumerOptions<never, never>): Rebalancing {
    const { autoCommit, maxPollIntervalMs } = this.settings;
    return new Rebalancing({
      onAssigned,
      onRevoked,
      onLost,
      states: this.states,
      handover: this.handover,
      commitBefore: async (states, deadlineMs) => {
        if (autoCommit) await this.committing?.commitQuietly(states, deadlineMs);
      },
      changed: () => this.changed(),
      isIdleTooLong: () =>
        this.#waiting.count === 0 && this.client.clock.monotonicMs() - this.#aliveAtMs > maxPollIntervalMs,
      fault: (error) => this.fault(error),
    });
  }

  #finderOf(): PositionFinder {
    const { autoOffsetReset, isolation } = this.settings;
    const { offsets } = this;
    return new PositionFinder(this.client, autoOffsetReset, isolation, {
      states: () => this.states.values(),
      committed: offsets && ((states) => offsets.committed(states)),
      found: () => this.changed(),
      fault: (error) => this.fault(error),
    });
  }

  #fetcherOf({ onTruncated }: ConsumerOptions<never, never>): Fetcher {
    const { autoOffsetReset } = this.settings;
    return new Fetcher(this.#fetchClient, this.settings, {
      states: () => this.states.values(),
      isWanted: () => this.#waiting.count > 0,
      news: () => this.news(),
      outOfRange: (state) => {
        state.moveTo(-1, -1, { kind: autoOffsetReset });
        this.#finder.advance();
      },
      fault: (error) => this.fault(error),
      validate: positionValidator(this.#fetchClient, (state, offset, epoch) => {
        const { topic, partition } = state;
        state.moveTo(offset, epoch);
        onTruncated?.({ topic, partition, offset });
        if (autoOffsetReset === 'none') {
          state.failure = clientErrorOf(new KafkaError(Errors.OFFSET_OUT_OF_RANGE, 'the log was cut'), state.name);
        }
      }),
    });
  }
}

function deadLettersOf(
  client: ClusterClient,
  { group }: ConsumerSettings,
  { onDecodeError }: ConsumerOptions<never, never>,
): DeadLetterTopic | undefined {
  if (typeof onDecodeError !== 'object') return undefined;
  return new DeadLetterTopic(client, onDecodeError.deadLetter, group ?? 'ottla');
}
