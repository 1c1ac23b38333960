// What the client's calls reject with: each has Kafka's code, says whether the same call may succeed later, whether the object
// that threw it is of any more use, and what to do. Inside the client errors are KafkaError; they become one of these on the way out.
import { errorName, Errors, type ErrorCode, type ErrorName, isRetriable, KafkaError } from '../protocol/index.ts';
import { adviceFor } from './error-advice.ts';

export interface ClientErrorFacts {
  readonly code?: ErrorName | undefined;
  readonly retriable?: boolean;
  readonly fatal?: boolean;
  readonly advice?: string | undefined;
  readonly cause?: unknown;
}

const LOOK = 'Read the message, and the log of the broker.';

export class ClientError extends Error {
  override readonly name: string = 'ClientError';
  /** Kafka's name of the error, `NOT_ENOUGH_REPLICAS`; undefined where Kafka has none. */
  readonly code: ErrorName | undefined;
  /** Whether the same call may succeed later. */
  readonly retriable: boolean;
  /** Producer, consumer or client can do no more: close it. */
  readonly fatal: boolean;
  /** What to do, in a sentence. */
  readonly advice: string;

  constructor(message: string, facts: ClientErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retriable = facts.retriable ?? false;
    this.fatal = facts.fatal ?? false;
    this.advice = facts.advice ?? (facts.code && adviceFor(facts.code)) ?? LOOK;
  }
}

/** A key of the configuration, or an argument, that makes no sense. */
export class ConfigurationError extends ClientError {
  override readonly name = 'ConfigurationError';

  constructor(message: string, advice = 'Correct the setting that the message names.') {
    super(message, { advice });
  }
}

/** Something was asked of a client, producer or consumer that has been closed. */
export class ClosedError extends ClientError {
  override readonly name = 'ClosedError';

  constructor(what: string) {
    super(`${what} is closed`, { fatal: true, advice: 'Make another one.' });
  }
}

/** A serialiser or deserialiser has failed; `cause` is its error. */
export class SerializationError extends ClientError {
  override readonly name = 'SerializationError';

  constructor(message: string, cause: unknown) {
    super(message, { cause, advice: 'Look at the data and at the schema that it is held against.' });
  }
}

/** No answer, or no success, within the time that was allowed. */
export class TimeoutError extends ClientError {
  override readonly name = 'TimeoutError';
}

/** No broker can be reached. */
export class ConnectionError extends ClientError {
  override readonly name = 'ConnectionError';
}

export class AuthenticationError extends ClientError {
  override readonly name = 'AuthenticationError';
}

export class AuthorizationError extends ClientError {
  override readonly name = 'AuthorizationError';
}

export class UnknownTopicError extends ClientError {
  override readonly name = 'UnknownTopicError';
}

export class RecordTooLargeError extends ClientError {
  override readonly name = 'RecordTooLargeError';
}

/** The brokers are too old, or do not serve it at all. */
export class UnsupportedVersionError extends ClientError {
  override readonly name = 'UnsupportedVersionError';
}

/** Another one has taken the place: the same transactional id, instance id or member. */
export class FencedError extends ClientError {
  override readonly name: string = 'FencedError';
}

/** A transaction cannot be committed. It can be aborted, and another begun, unless the producer is at its end (`fatal`). */
export class TransactionError extends ClientError {
  override readonly name = 'TransactionError';

  get canBeAborted(): boolean {
    return !this.fatal;
  }
}

type ClientErrorClass = new (message: string, facts: ClientErrorFacts) => ClientError;

const CLASSES: ReadonlyMap<ErrorCode, ClientErrorClass> = new Map<ErrorCode, ClientErrorClass>([
  [Errors.REQUEST_TIMED_OUT, TimeoutError],
  [Errors.NETWORK_EXCEPTION, ConnectionError],
  [Errors.BROKER_NOT_AVAILABLE, ConnectionError],
  [Errors.SASL_AUTHENTICATION_FAILED, AuthenticationError],
  [Errors.UNSUPPORTED_SASL_MECHANISM, AuthenticationError],
  [Errors.ILLEGAL_SASL_STATE, AuthenticationError],
  [Errors.TOPIC_AUTHORIZATION_FAILED, AuthorizationError],
  [Errors.GROUP_AUTHORIZATION_FAILED, AuthorizationError],
  [Errors.CLUSTER_AUTHORIZATION_FAILED, AuthorizationError],
  [Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, AuthorizationError],
  [Errors.DELEGATION_TOKEN_AUTHORIZATION_FAILED, AuthorizationError],
  [Errors.UNKNOWN_TOPIC_OR_PARTITION, UnknownTopicError],
  [Errors.UNKNOWN_TOPIC_ID, UnknownTopicError],
  [Errors.INVALID_TOPIC_EXCEPTION, UnknownTopicError],
  [Errors.MESSAGE_TOO_LARGE, RecordTooLargeError],
  [Errors.RECORD_LIST_TOO_LARGE, RecordTooLargeError],
  [Errors.UNSUPPORTED_VERSION, UnsupportedVersionError],
  [Errors.PRODUCER_FENCED, FencedError],
  [Errors.FENCED_INSTANCE_ID, FencedError],
  [Errors.FENCED_MEMBER_EPOCH, FencedError],
]);

/** After these, the one that threw them cannot go on. */
const FATAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  Errors.PRODUCER_FENCED,
  Errors.FENCED_INSTANCE_ID,
  Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  Errors.INVALID_PRODUCER_ID_MAPPING,
]);

/** BROKER_NOT_AVAILABLE is ours: nothing is known of the broker, which the next answer may change. */
export function isWorthAnother(code: ErrorCode): boolean {
  return isRetriable(code) || code === Errors.BROKER_NOT_AVAILABLE;
}

/** On the way out: a KafkaError becomes its ClientError; `where` (a topic, a group) stands before the message. Others stay as they are. */
export function clientErrorOf(error: unknown, where?: string): unknown {
  if (!(error instanceof KafkaError)) return error;
  const kind = CLASSES.get(error.code) ?? ClientError;
  return new kind(where === undefined ? error.message : `${where}: ${error.message}`, factsOf(error));
}

export function factsOf(error: KafkaError): ClientErrorFacts {
  const { code } = error;
  return { code: errorName(code), retriable: isWorthAnother(code), fatal: FATAL.has(code), cause: error };
}

/** As `clientErrorOf` for what a promise rejects with. */
export async function asClientErrors<T>(work: Promise<T>, where?: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw clientErrorOf(error, where);
  }
}
