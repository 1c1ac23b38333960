// The topics that applications of streams groups keep for themselves, created when a heartbeat finds them missing (KIP-1071; Kafka:
// AutoTopicCreationManager.createStreamsInternalTopics). Heartbeats do not wait for it: they say what is missing, and why
// the last attempt failed.
import { Errors, errorMessage, KafkaError } from '../protocol/index.ts';
import type { StreamsGroupHeartbeatResponse } from '../protocol/messages/88-streams-group-heartbeat.ts';
import type { Logger } from '../runtime/index.ts';
import type { CreateTopics, TopicToCreate } from './auto-topic-creation.ts';

/** A topic with the partitions that it is to have. `replicationFactor`: 0 for the default. */
export interface StreamsTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly topicConfigs: readonly { readonly key: string; readonly value: string }[];
}

interface Failure {
  readonly message: string;
  readonly untilMs: number;
}

/** Creations under way, and failures remembered, at a time: a topic beyond them is created with a later heartbeat. */
const MOST_KEPT = 1_000;
const MOST_TOLD = 3;
const MISSING_INTERNAL_TOPICS = 3;

export class StreamsTopics {
  readonly #createTopics: CreateTopics;
  readonly #logger: Logger;
  readonly #inFlight = new Set<string>();
  readonly #failures = new Map<string, Failure>();

  constructor(createTopics: CreateTopics, logger: Logger) {
    this.#createTopics = createTopics;
    this.#logger = logger;
  }

  /**
   * Starts to create those of `topics` that nobody creates and whose creation has not failed of late. A failure is told, and not
   * tried again, for `rememberMs`; `nowMs` is the time of the wall clock.
   */
  create(topics: readonly StreamsTopic[], nowMs: number, rememberMs: number): void {
    this.#forget(nowMs);
    const fresh = topics
      .filter(({ name }) => !this.#inFlight.has(name) && !this.#failures.has(name))
      .slice(0, MOST_KEPT - this.#inFlight.size);
    if (fresh.length === 0) return;
    for (const { name } of fresh) this.#inFlight.add(name);
    const fail = (name: string, message: string): void => this.#fail(name, { message, untilMs: nowMs + rememberMs });
    this.#createTopics(fresh.map(toCreate)).then(
      (answer) => {
        for (const { name } of fresh) this.#inFlight.delete(name);
        for (const { name, errorCode, errorMessage: message } of answer.topics) {
          // Kafka tells of it too, when two heartbeats have met.
          if (errorCode !== Errors.NONE) fail(name, message ?? errorMessage(errorCode));
        }
      },
      (error: unknown) => {
        for (const { name } of fresh) {
          this.#inFlight.delete(name);
          fail(name, error instanceof KafkaError ? error.message : String(error));
        }
      },
    );
  }

  /** `status` of a heartbeat, in which stands why topics could not be created. */
  withFailures(
    status: StreamsGroupHeartbeatResponse['status'],
    topics: readonly StreamsTopic[],
    nowMs: number,
  ): StreamsGroupHeartbeatResponse['status'] {
    this.#forget(nowMs);
    const failures = topics.flatMap(({ name }) => {
      const failure = this.#failures.get(name);
      return failure === undefined ? [] : [`${name} (${failure.message})`];
    });
    if (failures.length === 0 || status === null) return status;
    const named = failures.slice(0, MOST_TOLD).join(', ');
    const all = failures.length > MOST_TOLD ? `${named} and ${failures.length - MOST_TOLD} more` : named;
    return status.map((one) =>
      one.statusCode === MISSING_INTERNAL_TOPICS
        ? { ...one, statusDetail: `${one.statusDetail}; Creation failed: ${all}.` }
        : one,
    );
  }

  #fail(name: string, failure: Failure): void {
    this.#logger.log('warn', 'could not create a topic of a streams group', { topic: name, error: failure.message });
    if (this.#failures.size < MOST_KEPT) this.#failures.set(name, failure);
  }

  #forget(nowMs: number): void {
    for (const [name, { untilMs }] of this.#failures) if (untilMs <= nowMs) this.#failures.delete(name);
  }
}

function toCreate({ name, partitions, replicationFactor, topicConfigs }: StreamsTopic): TopicToCreate {
  return {
    name,
    numPartitions: partitions,
    replicationFactor: replicationFactor === 0 ? -1 : replicationFactor,
    assignments: [],
    configs: topicConfigs.map(({ key, value }) => ({ name: key, value })),
  };
}
