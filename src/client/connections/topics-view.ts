// What a client knows of topics: ids, partitions, who leads them in which epoch. An answer of a broker that lags behind does not
// take a leader back to an older epoch (KIP-320).
import { type DecodedResponseOf, type ErrorCode, Errors } from '../../protocol/index.ts';
import type { Metadata } from '../../protocol/messages/03-metadata.ts';
import type { Clock } from '../../runtime/index.ts';

export interface Leader {
  readonly nodeId: number;
  readonly epoch: number;
  readonly topicId: string;
}

/** As an answer names the leader of a partition; -1: it does not. */
export interface NamedLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

interface KnownPartition {
  /** -1: nobody. */
  leaderId: number;
  leaderEpoch: number;
}

/** So long brokers may answer with older epochs than one that was seen; then the topic has been made anew under offsets of before. */
const OLDER_FOR_MS = 30_000;

/** A leader of this epoch has been: whoever tells of an earlier one lags behind. */
interface SeenEpoch {
  readonly epoch: number;
  readonly seenAtMs: number;
}

interface KnownTopic {
  readonly id: string;
  readonly partitions: Map<number, KnownPartition>;
  toldAtMs: number;
}

type Answer = DecodedResponseOf<typeof Metadata>;
type AnsweredTopic = Answer['topics'][number];

export interface TopicsViewOptions {
  readonly clock: Clock;
  /** What is known for longer is asked for again. */
  readonly maxAgeMs: number;
  /** Asks a broker about these topics, which makes those that are not there if that is wanted and allowed. Rejects with KafkaError. */
  readonly ask: (topics: readonly string[], mayCreate: boolean) => Promise<Answer>;
}

export class TopicsView {
  readonly #options: TopicsViewOptions;
  readonly #topics = new Map<string, KnownTopic>();
  readonly #errors = new Map<string, ErrorCode>();
  readonly #stale = new Set<string>();
  /** By topic and partition. */
  readonly #seen = new Map<string, Map<number, SeenEpoch>>();
  #refresh: { readonly topics: ReadonlySet<string>; readonly done: Promise<void> } | undefined;

  constructor(options: TopicsViewOptions) {
    this.#options = options;
  }

  /** undefined: it has none, or what is known of it is doubtful. */
  leaderOf(topic: string, partition: number): Leader | undefined {
    const known = this.#topics.get(topic);
    const found = known?.partitions.get(partition);
    if (known === undefined || found === undefined || found.leaderId < 0) return undefined;
    const isOld = this.#options.clock.monotonicMs() - known.toldAtMs > this.#options.maxAgeMs;
    if (isOld || this.#stale.has(topic) || this.#isOutdated(topic, partition, found)) return undefined;
    return { nodeId: found.leaderId, epoch: found.leaderEpoch, topicId: known.id };
  }

  /**
   * A record or a committed offset tells of a leader of this epoch; -1: of none (Kafka: Metadata.updateLastSeenEpochIfNewer). A broker that
   * is cut off from the others and takes itself for an earlier leader is not believed: it has fewer records, and whoever reads on
   * where it stopped would seem to be beyond the end.
   */
  sawEpoch(topic: string, partition: number, epoch: number): void {
    if (epoch < 0) return;
    let seen = this.#seen.get(topic);
    if (seen === undefined) this.#seen.set(topic, (seen = new Map()));
    const before = seen.get(partition);
    if (before === undefined || before.epoch < epoch) {
      seen.set(partition, { epoch, seenAtMs: this.#options.clock.monotonicMs() });
    }
  }

  #isOutdated(topic: string, partition: number, { leaderEpoch }: KnownPartition): boolean {
    const seen = this.#seen.get(topic)?.get(partition);
    // Brokers of before 2.1 tell no epochs.
    if (seen === undefined || leaderEpoch < 0 || leaderEpoch >= seen.epoch) return false;
    return this.#options.clock.monotonicMs() - seen.seenAtMs < OLDER_FOR_MS;
  }

  /** Partitions of the topic as far as known. */
  partitionsOf(topic: string): readonly number[] {
    return [...(this.#topics.get(topic)?.partitions.keys() ?? [])].sort((a, b) => a - b);
  }

  /** How many it has; 0 when nothing is known of it. */
  partitionCount(topic: string): number {
    return this.#topics.get(topic)?.partitions.size ?? 0;
  }

  idOf(topic: string): string | undefined {
    return this.#topics.get(topic)?.id;
  }

  nameOf(topicId: string): string | undefined {
    for (const [name, { id }] of this.#topics) if (id === topicId) return name;
    return undefined;
  }

  /** Why nothing is known of the topic. */
  errorOf(topic: string): ErrorCode | undefined {
    return this.#errors.get(topic);
  }

  /** A broker has said that it does not lead what it was thought to lead: it is asked for again when it is next needed. */
  doubt(topic: string): void {
    this.#stale.add(topic);
  }

  /**
   * A broker that was asked in vain has named another leader (KIP-951). False: that is no news, or nothing is known of the
   * partition, and the metadata has to be asked.
   */
  learnLeader(topic: string, partition: number, { leaderId, leaderEpoch }: NamedLeader): boolean {
    const known = this.#topics.get(topic)?.partitions.get(partition);
    if (known === undefined || leaderId < 0 || leaderEpoch < known.leaderEpoch) return false;
    // Another answer may have told of it already.
    if (leaderEpoch === known.leaderEpoch) return known.leaderId === leaderId;
    known.leaderId = leaderId;
    known.leaderEpoch = leaderEpoch;
    return true;
  }

  /** Asks a broker, once; whoever asks for the same meanwhile waits with it. Rejects with KafkaError. */
  async refresh(topics: readonly string[], mayCreate = false): Promise<void> {
    const underWay = this.#refresh;
    if (underWay !== undefined && topics.every((topic) => underWay.topics.has(topic))) return underWay.done;
    const refresh = { topics: new Set(topics), done: this.#ask(topics, mayCreate) };
    this.#refresh = refresh;
    try {
      await refresh.done;
    } finally {
      if (this.#refresh === refresh) this.#refresh = undefined;
    }
  }

  async #ask(topics: readonly string[], mayCreate: boolean): Promise<void> {
    const answer = await this.#options.ask(topics, mayCreate);
    for (const topic of answer.topics) this.#learn(topic);
  }

  #learn({ name, topicId, errorCode, partitions }: AnsweredTopic): void {
    if (name === null) return;
    if (errorCode !== Errors.NONE) {
      this.#errors.set(name, errorCode as ErrorCode);
      return;
    }
    this.#errors.delete(name);
    this.#stale.delete(name);
    const before = this.#topics.get(name);
    if (before !== undefined && before.id !== topicId) this.#seen.delete(name);
    const known = before?.id === topicId ? before.partitions : new Map<number, KnownPartition>();
    for (const { partitionIndex, leaderId, leaderEpoch } of partitions) {
      const { leaderEpoch: knownEpoch = -1 } = known.get(partitionIndex) ?? {};
      if (leaderEpoch >= knownEpoch) known.set(partitionIndex, { leaderId, leaderEpoch });
    }
    this.#topics.set(name, { id: topicId, partitions: known, toldAtMs: this.#options.clock.monotonicMs() });
  }
}
