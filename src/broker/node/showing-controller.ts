// The way to the active controller for what clients of this broker want changed. A topic that they have made, given more partitions
// or deleted is so in what this broker tells when they get their answer, also when the controller is in another process. Kafka's
// brokers do not wait for that: who asks at once is told that its new topic is unknown, and clients like kafkajs give up over it.
import type { ControllerChannel, ForwardedFrom } from '../../api-handlers/index.ts';
import type { MetadataDelta, MetadataImage, MetadataPublisher } from '../../kraft/metadata/index.ts';
import { type ApiSchema, Errors, type Fields, type InputOf, type ValueOf, ZERO_UUID } from '../../protocol/index.ts';
import type { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/19-create-topics.ts';
import type { DeleteTopicsResponse } from '../../protocol/messages/20-delete-topics.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../protocol/messages/37-create-partitions.ts';
import type { Clock } from '../../runtime/index.ts';

export interface ShowingControllerOptions {
  /** For requests of this broker itself. */
  readonly requests: Pick<ControllerChannel, 'send'>;
  /** For those of its clients. */
  readonly forwarding: Pick<ControllerChannel, 'forward'>;
  readonly clock: Clock;
}

type IsShown = (image: MetadataImage) => boolean;

interface Waiting {
  readonly isShown: IsShown;
  readonly done: () => void;
}

const CREATE_TOPICS = 19;
const DELETE_TOPICS = 20;
const CREATE_PARTITIONS = 37;
/** A broker to which the news does not come, or which has heard of a later change already, keeps nobody for longer. */
const LONGEST_WAIT_MS = 1_000;

export class ShowingController implements ControllerChannel, MetadataPublisher {
  readonly name = 'changes of clients';
  readonly #options: ShowingControllerOptions;
  readonly #waiting = new Set<Waiting>();
  /** undefined: nothing has been published. */
  #image: MetadataImage | undefined;
  #areWaitsEnded = false;

  constructor(options: ShowingControllerOptions) {
    this.#options = options;
  }

  async send<Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, request: ValueOf<Q>): Promise<InputOf<S>> {
    const answer = await this.#options.requests.send(api, request);
    await this.#shown(shownBy(api.key, request, answer));
    return answer;
  }

  async forward<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: ValueOf<Q>,
    context: ForwardedFrom,
  ): Promise<InputOf<S>> {
    const answer = await this.#options.forwarding.forward(api, request, context);
    await this.#shown(shownBy(api.key, request, answer));
    return answer;
  }

  /** Behind the publishers that clients see the metadata through. */
  publish(_delta: MetadataDelta, image: MetadataImage): void {
    this.#image = image;
    for (const { isShown, done } of this.#waiting) if (isShown(image)) done();
  }

  /** While connections are drained nobody waits any more. */
  endWaits(): void {
    this.#areWaitsEnded = true;
    for (const { done } of this.#waiting) done();
  }

  #shown(isShown: IsShown | undefined): Promise<void> | undefined {
    if (isShown === undefined || this.#image === undefined || this.#areWaitsEnded) return undefined;
    if (isShown(this.#image)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#waiting.delete(waiting);
        resolve();
      };
      const waiting = { isShown, done };
      const timer = this.#options.clock.schedule(LONGEST_WAIT_MS, done);
      this.#waiting.add(waiting);
    });
  }
}

/** undefined: it changes nothing that clients would look for at once. */
function shownBy(key: number, request: unknown, answer: unknown): IsShown | undefined {
  switch (key) {
    case CREATE_TOPICS:
      return made(request as CreateTopicsRequest, answer as CreateTopicsResponse);
    case DELETE_TOPICS:
      return gone(answer as DeleteTopicsResponse);
    case CREATE_PARTITIONS:
      return grown(request as CreatePartitionsRequest, answer as CreatePartitionsResponse);
    default:
      return undefined;
  }
}

function made({ validateOnly }: CreateTopicsRequest, answer: CreateTopicsResponse): IsShown | undefined {
  if (validateOnly) return undefined;
  const names = answer.topics.filter(({ errorCode }) => errorCode === Errors.NONE).map(({ name }) => name);
  return ({ topics }) => names.every((name) => topics.byName.has(name));
}

/** Before version 6 answers have no ids. */
function gone({ responses }: DeleteTopicsResponse): IsShown {
  const deleted = responses.filter(({ errorCode }) => errorCode === Errors.NONE);
  return ({ topics }) =>
    deleted.every(({ name, topicId }) =>
      topicId === undefined || topicId === ZERO_UUID ? !topics.byName.has(name ?? '') : !topics.byId.has(topicId),
    );
}

function grown(request: CreatePartitionsRequest, { results }: CreatePartitionsResponse): IsShown | undefined {
  if (request.validateOnly) return undefined;
  const names = results.filter(({ errorCode }) => errorCode === Errors.NONE).map(({ name }) => name);
  const wanted = request.topics.filter(({ name }) => names.includes(name));
  // One that has been deleted since is waited for no more.
  return ({ topics }) =>
    wanted.every(({ name, count }) => (topics.byName.get(name)?.partitions.length ?? count) >= count);
}
