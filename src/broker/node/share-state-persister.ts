// How share partitions and the group coordinator reach the share coordinator (Kafka: DefaultStatePersister,
// PersisterStateManager): in this process, as a request in the shape of its message. The topic behind it is made when it is
// first needed; what is answered with "in a moment" is asked again, and nothing about the same share partition overtakes it.
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from '../../protocol/messages/83-initialize-share-group-state.ts';
import type {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../../protocol/messages/84-read-share-group-state.ts';
import type {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../../protocol/messages/85-write-share-group-state.ts';
import type {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from '../../protocol/messages/86-delete-share-group-state.ts';
import type {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../../protocol/messages/87-read-share-group-state-summary.ts';
import type { Clock } from '../../runtime/index.ts';
import type { ShareCoordinator } from '../../share-coordinator/index.ts';

export interface ShareStatePersisterOptions {
  readonly clock: Clock;
  readonly coordinator: () => Promise<ShareCoordinator>;
  readonly hasTopic: () => boolean;
  /** Resolves when the topic has been made, or cannot be. */
  readonly createTopic: () => Promise<void>;
}

interface Asked {
  readonly groupId: string;
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}
interface Answered {
  readonly results: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode?: ErrorCode | undefined }[];
  }[];
}

const RETRIABLE: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.NOT_COORDINATOR,
]);
/** PersisterStateManager.MAX_FIND_COORD_ATTEMPTS, with pauses of a process that asks itself. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 50;

export class ShareStatePersister {
  readonly #options: ShareStatePersisterOptions;
  /** Requests that are asked again, by share partition: later ones wait for them. */
  readonly #retried = new Map<string, Promise<unknown>>();
  #isClosed = false;

  constructor(options: ShareStatePersisterOptions) {
    this.#options = options;
  }

  initializeState(request: InitializeShareGroupStateRequest): Promise<InitializeShareGroupStateResponse> {
    return this.#ask(request, (shares, asked) => shares.initializeState(asked));
  }
  readState(request: ReadShareGroupStateRequest): Promise<ReadShareGroupStateResponse> {
    return this.#ask(request, (shares, asked) => shares.readState(asked));
  }
  writeState(request: WriteShareGroupStateRequest): Promise<WriteShareGroupStateResponse> {
    return this.#ask(request, (shares, asked) => shares.writeState(asked));
  }
  deleteState(request: DeleteShareGroupStateRequest): Promise<DeleteShareGroupStateResponse> {
    return this.#ask(request, (shares, asked) => shares.deleteState(asked));
  }
  readStateSummary(request: ReadShareGroupStateSummaryRequest): Promise<ReadShareGroupStateSummaryResponse> {
    return this.#ask(request, (shares, asked) => shares.readStateSummary(asked));
  }

  close(): void {
    this.#isClosed = true;
  }

  async #ask<Q extends Asked, S extends Answered>(
    request: Q,
    send: (shares: ShareCoordinator, request: Q) => Promise<S>,
  ): Promise<S> {
    const keys = keysOf(request);
    for (;;) {
      const earlier = keys.flatMap((key) => this.#retried.get(key) ?? []);
      if (earlier.length === 0) break;
      await Promise.all(earlier);
    }
    if (!this.#options.hasTopic()) await this.#options.createTopic();
    const response = await send(await this.#options.coordinator(), request);
    if (!isRetriable(response)) return response;
    const again = this.#askAgain(request, response, send);
    for (const key of keys) this.#retried.set(key, again);
    try {
      return await again;
    } finally {
      for (const key of keys) if (this.#retried.get(key) === again) this.#retried.delete(key);
    }
  }

  async #askAgain<Q extends Asked, S extends Answered>(
    request: Q,
    first: S,
    send: (shares: ShareCoordinator, request: Q) => Promise<S>,
  ): Promise<S> {
    const { clock, coordinator, hasTopic, createTopic } = this.#options;
    let response = first;
    for (let attempt = 1; attempt < ATTEMPTS && !this.#isClosed && isRetriable(response); attempt++) {
      await new Promise<void>((resolve) => clock.schedule(FIRST_PAUSE_MS * 2 ** (attempt - 1), resolve));
      if (!hasTopic()) await createTopic();
      const failed = failedOf(request, response);
      response = merged(response, await send(await coordinator(), failed));
    }
    return response;
  }
}

function keysOf({ groupId, topics }: Asked): string[] {
  return topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partition }) => `${groupId}:${topicId}:${partition}`),
  );
}

function isRetriable({ results }: Answered): boolean {
  return results.some(({ partitions }) => partitions.some(({ errorCode = 0 }) => RETRIABLE.has(errorCode)));
}

/** The part of `request` that is to be asked again; answers stand in the order of the request. */
function failedOf<Q extends Asked>(request: Q, { results }: Answered): Q {
  const topics = request.topics.flatMap((topic, at) => {
    const answers = results[at]?.partitions ?? [];
    const partitions = topic.partitions.filter((_one, index) => RETRIABLE.has(answers[index]?.errorCode ?? 0));
    return partitions.length === 0 ? [] : [{ ...topic, partitions }];
  });
  return { ...request, topics };
}

/** `response` with what `later` says of the partitions that were asked for again. */
function merged<S extends Answered>(response: S, later: S): S {
  const results = response.results.map((topic) => {
    const answers = later.results.find(({ topicId }) => topicId === topic.topicId)?.partitions ?? [];
    const partitions = topic.partitions.map(
      (one) => answers.find(({ partition }) => partition === one.partition) ?? one,
    );
    return { ...topic, partitions };
  });
  return { ...response, results };
}
