// Exceptions as the Java tools print them: the class by its full name, then the message. Errors of a broker stand for the class that
// Kafka's client throws for their code (org.apache.kafka.common.protocol.Errors).
import { type ErrorName, errorName, KafkaError } from '../../protocol/index.ts';

/** What a tool throws where the original throws an exception of this class. */
export class JavaError extends Error {
  constructor(className: string, message: string) {
    super(message);
    this.name = className;
  }
}

export const illegalArgument = (message: string): JavaError =>
  new JavaError('java.lang.IllegalArgumentException', message);

/** Where Kafka's tools mean a mistake of theirs or the user's that is not worth a stack trace. */
export class TerseError extends JavaError {
  constructor(message: string) {
    super('org.apache.kafka.tools.TerseException', message);
  }
}

/** Classes whose name is not made of the code's words. */
const CLASSES: Readonly<Partial<Record<ErrorName, string>>> = {
  UNKNOWN_SERVER_ERROR: 'UnknownServerException',
  CORRUPT_MESSAGE: 'CorruptRecordException',
  REQUEST_TIMED_OUT: 'TimeoutException',
  INVALID_CONFIG: 'InvalidConfigurationException',
  MESSAGE_TOO_LARGE: 'RecordTooLargeException',
  STALE_CONTROLLER_EPOCH: 'ControllerMovedException',
  OFFSET_METADATA_TOO_LARGE: 'OffsetMetadataTooLarge',
  INVALID_TOPIC_EXCEPTION: 'InvalidTopicException',
  RECORD_LIST_TOO_LARGE: 'RecordBatchTooLargeException',
  TOPIC_ALREADY_EXISTS: 'TopicExistsException',
  INCONSISTENT_VOTER_SET: 'InconsistentVoterSetException',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'UnsupportedForMessageFormatException',
  POLICY_VIOLATION: 'PolicyViolationException',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'OutOfOrderSequenceException',
  DUPLICATE_SEQUENCE_NUMBER: 'DuplicateSequenceException',
  KAFKA_STORAGE_ERROR: 'KafkaStorageException',
  DELEGATION_TOKEN_AUTH_DISABLED: 'DelegationTokenDisabledException',
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: 'UnsupportedByAuthenticationException',
  NON_EMPTY_GROUP: 'GroupNotEmptyException',
  FETCH_SESSION_ID_NOT_FOUND: 'FetchSessionIdNotFoundException',
  ELECTION_NOT_NEEDED: 'ElectionNotNeededException',
  THROTTLING_QUOTA_EXCEEDED: 'ThrottlingQuotaExceededException',
  UNACCEPTABLE_CREDENTIAL: 'UnacceptableCredentialException',
  BROKER_ID_NOT_REGISTERED: 'BrokerIdNotRegisteredException',
};

const PACKAGE = 'org.apache.kafka.common.errors.';

/** The class of the exception that Kafka's client throws for this code. */
export function exceptionClass(name: ErrorName): string {
  const words = name.split('_').map((word) => word.charAt(0) + word.slice(1).toLowerCase());
  if (name === 'INVALID_RECORD') return 'org.apache.kafka.common.InvalidRecordException';
  return PACKAGE + (CLASSES[name] ?? `${words.join('')}Exception`);
}

/** Where a tool does not look for the cause of what a future has thrown. */
export const executionError = (error: unknown): JavaError =>
  new JavaError('java.util.concurrent.ExecutionException', thrownText(error));

/** What of an error a Java program would show. */
export interface Thrown {
  readonly className: string;
  readonly message: string;
}

export function thrown(error: unknown): Thrown {
  if (!(error instanceof Error)) return { className: 'java.lang.RuntimeException', message: String(error) };
  const code = (error as { readonly code?: unknown }).code;
  if (error instanceof KafkaError) return { className: exceptionClass(errorName(error.code)), message: error.message };
  if (error.name.includes('.')) return { className: error.name, message: error.message };
  // A ClientError, whose module a tool without a client does not load.
  if (typeof code === 'string' && 'retriable' in error) {
    return { className: exceptionClass(code as ErrorName), message: error.message };
  }
  return { className: 'java.lang.RuntimeException', message: error.message };
}

/** `class: message`, as Throwable.toString() has it. */
export function thrownText(error: unknown): string {
  const { className, message } = thrown(error);
  return message === '' ? className : `${className}: ${message}`;
}
