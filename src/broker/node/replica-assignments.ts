// Tells the controller in which log directory each replica of this broker lies (KIP-858; Kafka: AssignmentsManager). Of each
// replica only the last word counts; many go in one request, one request at a time.
import { Errors, errorName } from '../../protocol/index.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import type { DirectoryEvents } from '../../replication/index.ts';
import { type Clock, delay, type Logger } from '../../runtime/index.ts';

/** AssignReplicasToDirsRequest.MAX_ASSIGNMENTS_PER_REQUEST */
const MAX_ASSIGNMENTS_PER_REQUEST = 2250;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;

interface Assignment {
  readonly topicId: string;
  readonly partition: number;
  readonly directoryId: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

type Directories = AssignReplicasToDirsRequest['directories'];
export type SendAssignments = (directories: Directories) => Promise<AssignReplicasToDirsResponse>;

const keyOf = (topicId: string, partition: number): string => `${topicId}:${partition}`;

export interface ReplicaAssignmentsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sends them to the controller; called when the broker is registered. */
  readonly send: SendAssignments;
}

export class ReplicaAssignments implements DirectoryEvents {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #send: SendAssignments;
  readonly #waiting = new Map<string, Assignment>();
  #isStarted = false;
  #isRunning = false;
  #isClosed = false;

  constructor({ clock, logger, send }: ReplicaAssignmentsOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#send = send;
  }

  assign(topicId: string, partition: number, directoryId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const key = keyOf(topicId, partition);
      this.#waiting.get(key)?.reject(new Error('another directory is told of'));
      this.#waiting.set(key, { topicId, partition, directoryId, resolve, reject });
      this.#wake();
    });
  }

  /** The broker is registered: what has been gathered can be sent. */
  start(): void {
    this.#isStarted = true;
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  #wake(): void {
    if (this.#isRunning || !this.#isStarted || this.#isClosed) return;
    this.#isRunning = true;
    // All that an image brings with it is gathered first.
    this.#clock.endOfTurn(() => void this.#run());
  }

  async #run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (this.#waiting.size > 0 && !this.#isClosed) {
      const isDone = await this.#sendSome();
      if (isDone) backoffMs = FIRST_BACKOFF_MS;
      else {
        await delay(this.#clock, backoffMs);
        backoffMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
      }
    }
    this.#isRunning = false;
  }

  /** False when something has to be sent again. */
  async #sendSome(): Promise<boolean> {
    const sent = new Map([...this.#waiting].slice(0, MAX_ASSIGNMENTS_PER_REQUEST));
    for (const key of sent.keys()) this.#waiting.delete(key);
    try {
      const { directories } = await this.#send(byDirectory(sent.values()));
      return this.#answered(sent, directories);
    } catch (error) {
      this.#logger.log('warn', 'the controller could not be told where replicas lie', { error: String(error) });
      for (const [key, assignment] of sent) this.#again(key, assignment);
      return false;
    }
  }

  #answered(sent: ReadonlyMap<string, Assignment>, directories: AssignReplicasToDirsResponse['directories']): boolean {
    let isDone = true;
    for (const { topics } of directories) {
      for (const { topicId, partitions } of topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          const key = keyOf(topicId, partitionIndex);
          const assignment = sent.get(key);
          if (assignment === undefined) continue;
          if (errorCode === Errors.NONE) assignment.resolve();
          else if (isFinal(errorCode)) assignment.reject(new Error(errorName(errorCode)));
          else {
            isDone = false;
            this.#again(key, assignment);
          }
        }
      }
    }
    return isDone;
  }

  #again(key: string, assignment: Assignment): void {
    if (this.#waiting.has(key)) assignment.reject(new Error('another directory is told of'));
    else this.#waiting.set(key, assignment);
  }
}

/** The replica is gone. */
function isFinal(errorCode: number): boolean {
  return (
    errorCode === Errors.UNKNOWN_TOPIC_ID ||
    errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION ||
    errorCode === Errors.NOT_LEADER_OR_FOLLOWER
  );
}

function byDirectory(assignments: Iterable<Assignment>): Directories {
  const directories = new Map<string, Map<string, number[]>>();
  for (const { topicId, partition, directoryId } of assignments) {
    let topics = directories.get(directoryId);
    if (topics === undefined) directories.set(directoryId, (topics = new Map()));
    const partitions = topics.get(topicId);
    if (partitions === undefined) topics.set(topicId, [partition]);
    else partitions.push(partition);
  }
  return Array.from(directories, ([id, topics]) => ({
    id,
    topics: Array.from(topics, ([topicId, partitions]) => ({
      topicId,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
    })),
  }));
}
