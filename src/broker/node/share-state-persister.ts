// How share partitions and the group coordinator reach the share coordinator (Kafka: DefaultStatePersister,
// PersisterStateManager): a request in the shape of its message, split among the brokers that lead the partitions of
// __share_group_state, this one among them. The topic is made when it is first needed; what is answered with "in a moment", or
// not answered, is asked again, and nothing about the same share partition overtakes it (share-state-order.ts). That a request is
// carried out twice does not matter: each says what is, and not what changes.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { type ApiSchema, Errors, KafkaError, partitionForId, type Peers } from '../../protocol/index.ts';
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
import { type Clock, delay } from '../../runtime/index.ts';
import { coordinatorKeyOf, type ShareCoordinator, shareGroupState } from '../../share-coordinator/index.ts';
import { ShareStateOrder } from './share-state-order.ts';
import {
  type Answered,
  type Asked,
  failedAnswer,
  keyOf,
  merged,
  partitionsIn,
  partOf,
  retriableIn,
} from './share-state-parts.ts';

export interface ShareStatePersisterOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly image: () => MetadataImage;
  readonly peers: Peers;
  readonly coordinator: () => Promise<ShareCoordinator>;
  /** Resolves when the topic has been made, or cannot be. */
  readonly createTopic: () => Promise<void>;
}

/** PersisterStateManager asks five times again, with pauses of a second that double. */
const TRY_FOR_MS = 30_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const TOPIC = shareGroupState.name;
const NOBODY = -1;
const LINE = 'share-group-state';
/** Then the coordinator may be elsewhere. */
const ANSWER_TIMEOUT_MS = 5_000;

/** How a request is put: here, and to others. */
interface Question<Q, S> {
  readonly here: (shares: ShareCoordinator, request: Q) => Promise<S>;
  /** The message is loaded when somebody else has to be asked. */
  readonly message: () => Promise<unknown>;
  /** What is answered is gone on from: nothing that was sent before may be carried out later. */
  readonly isRead?: boolean;
  /** Asked before the request is sent again, or later than at once. */
  readonly isWanted?: (() => Promise<boolean>) | undefined;
}

export class ShareStatePersister {
  readonly #options: ShareStatePersisterOptions;
  readonly #order = new ShareStateOrder();
  #isClosed = false;

  constructor(options: ShareStatePersisterOptions) {
    this.#options = options;
  }

  /** `isWanted`: what has been moved on from meanwhile must not be set back. */
  initializeState(
    request: InitializeShareGroupStateRequest,
    isWanted?: () => Promise<boolean>,
  ): Promise<InitializeShareGroupStateResponse> {
    return this.#ask(request, {
      isWanted,
      here: (shares, asked) => shares.initializeState(asked),
      message: async () =>
        (await import('../../protocol/messages/83-initialize-share-group-state.ts')).InitializeShareGroupState,
    });
  }
  readState(request: ReadShareGroupStateRequest): Promise<ReadShareGroupStateResponse> {
    return this.#ask(request, {
      isRead: true,
      here: (shares, asked) => shares.readState(asked),
      message: async () => (await import('../../protocol/messages/84-read-share-group-state.ts')).ReadShareGroupState,
    });
  }
  writeState(request: WriteShareGroupStateRequest): Promise<WriteShareGroupStateResponse> {
    return this.#ask(request, {
      here: (shares, asked) => shares.writeState(asked),
      message: async () => (await import('../../protocol/messages/85-write-share-group-state.ts')).WriteShareGroupState,
    });
  }
  deleteState(request: DeleteShareGroupStateRequest): Promise<DeleteShareGroupStateResponse> {
    return this.#ask(request, {
      here: (shares, asked) => shares.deleteState(asked),
      message: async () =>
        (await import('../../protocol/messages/86-delete-share-group-state.ts')).DeleteShareGroupState,
    });
  }
  readStateSummary(request: ReadShareGroupStateSummaryRequest): Promise<ReadShareGroupStateSummaryResponse> {
    return this.#ask(request, {
      here: (shares, asked) => shares.readStateSummary(asked),
      message: async () =>
        (await import('../../protocol/messages/87-read-share-group-state-summary.ts')).ReadShareGroupStateSummary,
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  async #ask<Q extends Asked, S extends Answered>(request: Q, question: Question<Q, S>): Promise<S> {
    const { groupId } = request;
    const keys = Array.from(partitionsIn(request), (one) => coordinatorKeyOf({ groupId, ...one }));
    const { isRead = false, isWanted } = question;
    for (let turn = this.#order.turn(keys, isRead); turn !== undefined; turn = this.#order.turn(keys, isRead)) {
      await turn;
      if ((await isWanted?.()) === false) return failedAnswer<S>(request, Errors.COORDINATOR_NOT_AVAILABLE);
    }
    const underWay = this.#order.begin(keys);
    try {
      const response = await this.#send(request, question);
      if (retriableIn(response).size === 0) return response;
      underWay.isAskedAgain = true;
      return await this.#askAgain(request, response, question);
    } finally {
      this.#order.end(keys, underWay);
    }
  }

  async #askAgain<Q extends Asked, S extends Answered>(request: Q, first: S, question: Question<Q, S>): Promise<S> {
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + TRY_FOR_MS;
    let response = first;
    let pauseMs = FIRST_PAUSE_MS;
    for (let failed = retriableIn(response); failed.size > 0; failed = retriableIn(response)) {
      if (clock.monotonicMs() >= untilMs || this.#isClosed) break;
      await delay(clock, pauseMs);
      if ((await question.isWanted?.()) === false) break;
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
      response = merged(response, await this.#send(partOf(request, failed), question));
    }
    return response;
  }

  /** Each share partition is asked for where it is coordinated; all answer together. */
  async #send<Q extends Asked, S extends Answered>(request: Q, question: Question<Q, S>): Promise<S> {
    const { image, createTopic } = this.#options;
    if (!image().topics.byName.has(TOPIC)) await createTopic();
    const nodes = new Map<number, Set<string>>();
    for (const { topicId, partition } of partitionsIn(request)) {
      const leader = this.#leaderOf(coordinatorKeyOf({ groupId: request.groupId, topicId, partition }));
      const keys = nodes.get(leader);
      if (keys === undefined) nodes.set(leader, new Set([keyOf(topicId, partition)]));
      else keys.add(keyOf(topicId, partition));
    }
    if (nodes.size <= 1) return this.#sendTo([...nodes.keys()][0] ?? this.#options.nodeId, request, question);
    const answers = Array.from(nodes, ([node, keys]) => this.#sendTo(node, partOf(request, keys), question));
    const results = (await Promise.all(answers)).flatMap((one) => one.results);
    return merged(failedAnswer<S>(request, Errors.UNKNOWN_SERVER_ERROR), { results });
  }

  /** -1: nobody. */
  #leaderOf(key: string): number {
    const partitions = this.#options.image().topics.byName.get(TOPIC)?.partitions;
    if (partitions === undefined) return NOBODY;
    return partitions[partitionForId(key, partitions.length)]?.leader ?? NOBODY;
  }

  async #sendTo<Q extends Asked, S extends Answered>(node: number, request: Q, question: Question<Q, S>): Promise<S> {
    const { nodeId, coordinator, peers } = this.#options;
    try {
      if (node === nodeId) return await question.here(await coordinator(), request);
      const channel = node === NOBODY ? undefined : peers.to(node, LINE);
      if (channel === undefined) return failedAnswer<S>(request, Errors.COORDINATOR_NOT_AVAILABLE);
      const message = (await question.message()) as ApiSchema;
      const response = await channel.ask(message, request as never, { timeoutMs: ANSWER_TIMEOUT_MS });
      return merged(failedAnswer<S>(request, Errors.UNKNOWN_SERVER_ERROR), response as unknown as Answered);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return failedAnswer<S>(request, Errors.COORDINATOR_NOT_AVAILABLE);
    }
  }
}
