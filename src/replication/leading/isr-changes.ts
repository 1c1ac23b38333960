// Has the controller change in-sync replicas (KIP-497; Kafka: DefaultAlterPartitionManager). What leaders propose in one turn
// goes out together; one request is under way at a time, and what comes meanwhile waits for its answer.
import { errorName, Errors, KafkaError } from '../../protocol/index.ts';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../protocol/messages/56-alter-partition.ts';
import type { Clock, Logger } from '../../runtime/index.ts';

/** A change that a leader proposes. */
export interface IsrChange {
  readonly owner: IsrChangeOwner;
  readonly topicId: string;
  readonly index: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  /** With the epochs that members have fetched with; -1 where that is not known. */
  readonly isr: readonly { readonly brokerId: number; readonly brokerEpoch: number }[];
}

/** The partition as the controller has written it down. */
export interface CommittedIsr {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  readonly partitionEpoch: number;
}

export interface IsrChangeOwner {
  /** It still waits for the answer: nothing newer has come from the metadata. */
  awaits(change: IsrChange): boolean;
  isrChanged(change: IsrChange, committed: CommittedIsr): void;
  isrRefused(change: IsrChange, errorCode: number): void;
}

export interface IsrChangesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly brokerId: number;
  readonly brokerEpoch: () => number;
  /** Rejects with KafkaError when the request is refused as a whole, or when no answer can be had. */
  readonly alterPartition: (request: AlterPartitionRequest) => Promise<AlterPartitionResponse>;
}

/** Between attempts. */
const RETRY_MS = 50;
/** LeaderRecoveryState: whoever leads has recovered. */
const RECOVERED = 0;
/** Nothing is changed back on these, nor asked again: newer metadata is on its way, which decides. */
const AWAIT_METADATA: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_TOPIC_ID,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.FENCED_LEADER_EPOCH,
  Errors.INVALID_UPDATE_VERSION,
  Errors.INVALID_REQUEST,
  Errors.NEW_LEADER_ELECTED,
]);
/** The leader goes back to what is committed. */
const GIVE_UP: ReadonlySet<number> = new Set([Errors.INELIGIBLE_REPLICA, Errors.OPERATION_NOT_ATTEMPTED]);

export class IsrChanges {
  readonly #options: IsrChangesOptions;
  #waiting: IsrChange[] = [];
  #isUnderWay = false;
  #isPlanned = false;
  #isClosed = false;
  #failures = 0;

  constructor(options: IsrChangesOptions) {
    this.#options = options;
  }

  get brokerEpoch(): number {
    return this.#options.brokerEpoch();
  }

  submit(change: IsrChange): void {
    this.#waiting.push(change);
    this.#plan();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  #plan(): void {
    if (this.#isPlanned || this.#isUnderWay || this.#isClosed) return;
    this.#isPlanned = true;
    this.#options.clock.endOfTurn(() => {
      this.#isPlanned = false;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const changes = this.#waiting.filter((change) => change.owner.awaits(change));
    this.#waiting = [];
    if (changes.length === 0 || this.#isClosed) return;
    this.#isUnderWay = true;
    const again = await this.#ask(changes);
    this.#isUnderWay = false;
    if (this.#isClosed) return;
    if (again.length > 0) {
      this.#options.clock.schedule(RETRY_MS, () => {
        this.#waiting.push(...again);
        this.#plan();
      });
    }
    if (this.#waiting.length > 0) this.#plan();
  }

  /** Tells the owners; returns the changes to ask for again. */
  async #ask(changes: readonly IsrChange[]): Promise<readonly IsrChange[]> {
    try {
      const { topics } = await this.#options.alterPartition(requestOf(changes, this.#options));
      this.#failures = 0;
      const answers = new Map(
        topics.flatMap(({ topicId, partitions }) =>
          partitions.map((answer) => [`${topicId} ${answer.partitionIndex}`, answer] as const),
        ),
      );
      return changes.filter((change) => {
        const answer = answers.get(`${change.topicId} ${change.index}`);
        return answer === undefined ? true : this.#tell(change, answer);
      });
    } catch (error) {
      const reason = error instanceof KafkaError ? errorName(error.code) : String(error);
      if (this.#failures++ === 0) {
        this.#options.logger.log('warn', 'the controller does not take changes of in-sync replicas', { reason });
      }
      return changes;
    }
  }

  /** True when the change has to be asked for again. */
  #tell(change: IsrChange, answer: AlterPartitionResponse['topics'][number]['partitions'][number]): boolean {
    const { owner } = change;
    if (!owner.awaits(change)) return false;
    const { errorCode } = answer;
    if (errorCode === Errors.NONE) {
      owner.isrChanged(change, answer);
      return false;
    }
    this.#options.logger.log('debug', 'a change of in-sync replicas was refused', { error: errorName(errorCode) });
    if (AWAIT_METADATA.has(errorCode)) return false;
    if (!GIVE_UP.has(errorCode)) return true;
    owner.isrRefused(change, errorCode);
    return false;
  }
}

function requestOf(changes: readonly IsrChange[], options: IsrChangesOptions): AlterPartitionRequest {
  const topics = new Map<string, AlterPartitionRequest['topics'][number]['partitions'][number][]>();
  for (const { topicId, index, leaderEpoch, partitionEpoch, isr } of changes) {
    let partitions = topics.get(topicId);
    if (partitions === undefined) topics.set(topicId, (partitions = []));
    partitions.push({
      partitionIndex: index,
      leaderEpoch,
      partitionEpoch,
      newIsr: [],
      newIsrWithEpochs: isr.map((member) => ({ ...member })),
      leaderRecoveryState: RECOVERED,
    });
  }
  return {
    brokerId: options.brokerId,
    brokerEpoch: options.brokerEpoch(),
    topics: Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions })),
  };
}
