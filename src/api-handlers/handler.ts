// What a request handler is: a function from a decoded request to a response, made with just the things that it needs.
// The dispatcher decodes, asks `handle`, and encodes; whatever fails in between becomes an answer through `failed`, so
// every API has exactly one error path.
import { type ApiSchema, Errors, type Fields, type InputOf, KafkaError, type ValueOf } from '../protocol/index.ts';
import type { Logger } from '../runtime/index.ts';
import type { Permission, PermissionFor } from './permission.ts';
import type { Session } from './session.ts';

/** Returned instead of a response: the request gets none (Produce with acks=0). */
export const NO_RESPONSE: unique symbol = Symbol('no response');
/** Returned instead of a response: the connection is closed, which is all the answer there is. */
export const CLOSE: unique symbol = Symbol('close the connection');

/** The key under which a response may name whom to tell when its bytes have left, or when they never will. */
export const AFTER_SENT: unique symbol = Symbol('after sent');
export interface SentWaiter {
  sent(): void;
}

/** Told once, when the connection that it waits for has gone. */
export interface ConnectionWaiter {
  connectionClosed(): void;
}

/** What a connection runs over: the system of the peer's machine can be asked whether it still knows it (Connection.probe). */
export interface Probed {
  probe(): void;
}

/** What handlers know of a connection: whether it lives, and a place to be told when it does not. */
export class ConnectionState {
  /** Unique in this process; names the connection in log lines. */
  readonly id: number;
  /** What the client has called itself in ApiVersions (KIP-511); undefined until it has. */
  software: { readonly name: string; readonly version: string } | undefined;
  #isClosed = false;
  /** Left out until there is one: connections on which nothing happens come by the ten thousand. */
  #waiters: Set<ConnectionWaiter> | undefined;
  readonly #socket: Probed | undefined;

  constructor(id: number, socket?: Probed) {
    this.id = id;
    this.#socket = socket;
  }
  get isClosed(): boolean {
    return this.#isClosed;
  }
  /** Has `waiter` told when the connection closes, until it is forgotten. At once if it has closed already. */
  whenClosed(waiter: ConnectionWaiter): void {
    if (this.#isClosed) return waiter.connectionClosed();
    this.#waiters ??= new Set();
    this.#waiters.add(waiter);
  }
  forget(waiter: ConnectionWaiter): void {
    this.#waiters?.delete(waiter);
  }
  /** Closes soon when the peer's machine has lost its power and is back; else nothing happens. */
  probe(): void {
    this.#socket?.probe();
  }
  /** Called by the owner of the connection, once it has closed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const waiter of this.#waiters ?? []) waiter.connectionClosed();
    this.#waiters = undefined;
  }
}

/** What is known of a request besides its body. */
export interface RequestContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** Wall clock of the broker when the whole frame was there. */
  readonly receivedAtMs: number;
  /** Who asks. */
  readonly session: Session;
  readonly connection: ConnectionState;
}

export type Outcome<S> = S | typeof NO_RESPONSE | typeof CLOSE;

/** A handler as the dispatcher sees it. */
export interface Handler<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly api: ApiSchema<Q, S>;
  /** The bytes of the frame are still in use after decoding: they are released when the outcome is there. */
  readonly keepsFrame: boolean;
  /** All that it needs permission for, in the order in which Kafka asks; OPEN_TO_ALL when it needs none. */
  readonly authorize: readonly Permission[];
  handle(request: ValueOf<Q>, context: RequestContext): Outcome<InputOf<S>> | Promise<Outcome<InputOf<S>>>;
  /** The answer in which everything asked for failed with `code`. `message` is null where Kafka sends none. */
  failed(request: ValueOf<Q>, code: number, message: string | null, context: RequestContext): Outcome<InputOf<S>>;
  /**
   * The answer to a request that is refused on purpose, before anything is done for it: `code` stands where clients of this
   * API look for it. Left out where that is what `failed` does.
   */
  refused?(request: ValueOf<Q>, code: number, message: string | null, context: RequestContext): Outcome<InputOf<S>>;
  /**
   * What Kafka finds wrong before it asks who may: CLOSE, or the error of it. Asked where there is an authorizer; `handle` refuses
   * the same.
   */
  malformed?(request: ValueOf<Q>): typeof CLOSE | KafkaError | undefined;
  /** Partitions that the request asks for without naming them. Left out where there are none. */
  unnamed?(request: ValueOf<Q>): Iterable<UnnamedPartition>;
}

/** By name, or by id where the name is empty. */
export interface UnnamedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

export function defineHandler<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  parts: Pick<Handler<Q, S>, 'handle' | 'failed' | 'refused' | 'malformed' | 'unnamed'> & {
    readonly authorize: readonly PermissionFor<Q>[];
    readonly keepsFrame?: true;
  },
): Handler<Q, S> {
  return { api, ...parts, keepsFrame: parts.keepsFrame ?? false };
}

/**
 * The answer to a request whose handler threw or rejected with `error`. A KafkaError is an answer like any other; all
 * else is a fault of ours, logged with its stack and answered with UNKNOWN_SERVER_ERROR.
 */
export function failureOf<Q extends Fields, S extends Fields>(
  handler: Handler<Q, S>,
  request: ValueOf<Q>,
  error: unknown,
  context: RequestContext,
  logger: Logger,
): Outcome<InputOf<S>> {
  if (error instanceof KafkaError) return handler.failed(request, error.code, error.wireMessage, context);
  logger.log('error', 'a request handler failed', {
    api: handler.api.name,
    version: context.apiVersion,
    connection: context.connection.id,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return handler.failed(request, Errors.UNKNOWN_SERVER_ERROR, null, context);
}
