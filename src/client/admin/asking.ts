// One operation of administration: whom it asks, how long it may take, when it is tried again (Kafka: KafkaAdminClient.Call and
// its NodeProviders).
import {
  type ApiSchema,
  EncodeError,
  type ErrorCode,
  Errors,
  type Fields,
  KafkaError,
  type Question,
  type ValueOf,
} from '../../protocol/index.ts';
import type { CallOptions } from '../connections/patience.ts';
import { isWorthAnother } from '../errors.ts';
import type { AdminNodes, ClusterNodes } from './nodes.ts';

/** Thrown inside to be tried again although Kafka does not call the code retriable. */
const TRIED_AGAIN: ReadonlySet<ErrorCode> = new Set([Errors.NOT_CONTROLLER]);

export class Asking {
  readonly nodes: AdminNodes;
  readonly #deadlineMs: number;
  readonly #signal: CallOptions['signal'];

  constructor(nodes: AdminNodes, how: CallOptions = {}) {
    const { client } = nodes;
    this.nodes = nodes;
    this.#deadlineMs = client.deadlineIn(how.timeoutMs ?? client.limits.apiTimeoutMs);
    this.#signal = how.signal;
  }

  /** How long a broker may take for it: what is left of the time, and no longer than a request may take. */
  get requestTimeoutMs(): number {
    const { client } = this.nodes;
    const leftMs = Math.ceil(this.#deadlineMs - client.clock.monotonicMs());
    return Math.max(1, Math.min(client.limits.requestTimeoutMs, leftMs));
  }

  get isOver(): boolean {
    return this.nodes.client.clock.monotonicMs() >= this.#deadlineMs;
  }

  /** One try, at any broker; where only controllers are known, at the active one. Rejects with KafkaError. */
  async any<Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, question: Question<Q>): Promise<ValueOf<S>> {
    const { client, isOfControllers } = this.nodes;
    if (isOfControllers) return this.node(await this.nodes.controllerId(), api, question);
    return asKafkaErrors(client.askAny(api, question, { timeoutMs: this.requestTimeoutMs }));
  }

  /** One try, at this node, in no version above `newestVersion`. Rejects with KafkaError. */
  async node<Q extends Fields, S extends Fields>(
    nodeId: number,
    api: ApiSchema<Q, S>,
    question: Question<Q>,
    newestVersion?: number,
  ): Promise<ValueOf<S>> {
    const { client } = this.nodes;
    await this.nodes.know(nodeId);
    return asKafkaErrors(client.askNode(nodeId, api, question, { newestVersion, timeoutMs: this.requestTimeoutMs }));
  }

  /**
   * At the controller, until somebody answers who is it. `codesOf`: where the answer may say NOT_CONTROLLER. Rejects with KafkaError.
   */
  controller<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    question: Question<Q>,
    codesOf: (answer: ValueOf<S>) => readonly ErrorCode[],
  ): Promise<ValueOf<S>> {
    return this.retrying(async () => {
      const nodeId = await this.nodes.controllerId();
      try {
        const answer = await this.node(nodeId, api, question);
        if (codesOf(answer).includes(Errors.NOT_CONTROLLER)) throw new KafkaError(Errors.NOT_CONTROLLER);
        return answer;
      } catch (error) {
        this.nodes.forgetController();
        throw error;
      }
    });
  }

  /** Tries until it succeeds, fails for good, or the time is over. Rejects with KafkaError. */
  async retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (!this.canTryAgain(error)) throw error;
      }
      await this.pause(failures);
    }
  }

  /** Whether the same may succeed later, and there is a later. */
  canTryAgain(error: unknown): boolean {
    if (!(error instanceof KafkaError) || this.isOver || this.nodes.client.isClosed) return false;
    return isWorthAnother(error.code) || TRIED_AGAIN.has(error.code);
  }

  /** Rejects with the signal's reason when the call has been called off. */
  async pause(failures: number): Promise<void> {
    await this.nodes.client.pause(failures);
    if (this.#signal?.aborted === true) throw this.#signal.reason as Error;
  }

  /** The nodes of the cluster as somebody knows them now. Rejects with KafkaError. */
  cluster(): Promise<ClusterNodes> {
    return this.retrying(() => this.nodes.refresh());
  }
}

/** What the version that the node knows cannot carry is, as for Kafka's own client, a version that is not supported. */
async function asKafkaErrors<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    const isOfVersion = error.message.startsWith('Attempted to write a non-default');
    throw new KafkaError(isOfVersion ? Errors.UNSUPPORTED_VERSION : Errors.INVALID_REQUEST, error.message);
  }
}
