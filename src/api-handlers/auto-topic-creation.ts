// Topics that come into being because somebody asked for them (Kafka: AutoTopicCreationManager). The asker gets "unknown"
// at first and asks again; the creation goes on behind.
import type { InternalTopicSettings } from '../coordinator-common/index.ts';
import { Errors } from '../protocol/index.ts';
import type { CreateTopicsRequest, CreateTopicsResponse } from '../protocol/messages/19-create-topics.ts';
import type { Logger } from '../runtime/index.ts';

export type TopicToCreate = CreateTopicsRequest['topics'][number];
export type CreateTopics = (topics: readonly TopicToCreate[]) => Promise<Pick<CreateTopicsResponse, 'topics'>>;

export interface AutoCreationSettings {
  /** auto.create.topics.enable, as it is now. */
  readonly isEnabled: () => boolean;
  /** ottla.coordinator.topic.wait: the first FindCoordinator is answered with the coordinator once its topic has been made. */
  readonly waitsForInternalTopics?: boolean;
  /** How internal topics are made, by name; other topics take the defaults of the cluster (-1). */
  readonly internalTopics: Readonly<Record<string, () => InternalTopicSettings>>;
}

/** Creations under way at a time; a name beyond them is created when it is asked for again. */
const MAX_IN_FLIGHT = 1000;

export class AutoTopicCreation {
  readonly #settings: AutoCreationSettings;
  readonly #createTopics: CreateTopics;
  readonly #logger: Logger;
  readonly #inFlight = new Map<string, Promise<void>>();
  /** Topics whose refusal the log has told of. */
  readonly #refused = new Set<string>();

  constructor(settings: AutoCreationSettings, createTopics: CreateTopics, logger: Logger) {
    this.#settings = settings;
    this.#createTopics = createTopics;
    this.#logger = logger;
  }

  get isEnabled(): boolean {
    return this.#settings.isEnabled();
  }

  get waitsForInternalTopics(): boolean {
    return this.#settings.waitsForInternalTopics ?? false;
  }

  /**
   * Starts the creation of topics with valid names, save those whose creation is under way. Resolves when all of them have
   * ended, one way or the other; never throws or rejects.
   */
  async create(names: readonly string[]): Promise<void> {
    const earlier = names.map((name) => this.#inFlight.get(name));
    await Promise.all([...earlier, this.#createFresh(names)]);
  }

  #createFresh(names: readonly string[]): Promise<void> {
    const fresh = names.filter((name) => !this.#inFlight.has(name)).slice(0, MAX_IN_FLIGHT - this.#inFlight.size);
    if (fresh.length === 0) return Promise.resolve();
    const done = () => {
      for (const name of fresh) this.#inFlight.delete(name);
    };
    const creation = this.#createTopics(fresh.map((name) => this.#topic(name))).then(
      ({ topics }) => {
        done();
        for (const topic of topics) this.#tellOfRefusal(topic);
      },
      (error: unknown) => {
        done();
        this.#logger.log('warn', 'could not create a topic that was asked for', {
          topic: fresh[0],
          topics: fresh.length,
          error: String(error),
        });
      },
    );
    for (const name of fresh) this.#inFlight.set(name, creation);
    return creation;
  }

  /** Clients are only told to ask again: the log has to say that it is in vain. */
  #tellOfRefusal({ name, errorCode, errorMessage }: CreateTopicsResponse['topics'][number]): void {
    if (errorCode === Errors.NONE || errorCode === Errors.TOPIC_ALREADY_EXISTS) {
      this.#refused.delete(name);
      return;
    }
    // Clients ask many times a second.
    if (this.#refused.has(name) || this.#refused.size >= MAX_IN_FLIGHT) return;
    this.#refused.add(name);
    this.#logger.log('warn', 'could not create a topic that was asked for', {
      topic: name,
      error: errorMessage ?? errorCode,
    });
  }

  #topic(name: string): TopicToCreate {
    const { internalTopics } = this.#settings;
    const internal = Object.hasOwn(internalTopics, name) ? internalTopics[name]?.() : undefined;
    return {
      name,
      numPartitions: internal?.partitions ?? -1,
      replicationFactor: internal?.replicationFactor ?? -1,
      assignments: [],
      configs: Object.entries(internal?.configs ?? {}).map(([key, value]) => ({ name: key, value })),
    };
  }
}
