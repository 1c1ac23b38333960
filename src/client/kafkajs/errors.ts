// Errors under the names that kafkajs has for them.
import { ClientError } from '../errors.ts';
import { Errors, errorMessage } from '../../protocol/index.ts';

export class KafkaJSError extends Error {
  override readonly name: string = 'KafkaJSError';
  readonly retriable: boolean;

  constructor(message: string, { retriable = true, cause }: { retriable?: boolean; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.retriable = retriable;
  }
}

export class KafkaJSNonRetriableError extends KafkaJSError {
  override readonly name: string = 'KafkaJSNonRetriableError';

  constructor(message: string, cause?: unknown) {
    super(message, { retriable: false, cause });
  }
}

/** Where kafkajs says more than Kafka does. */
const OWN_TEXTS: Readonly<Record<string, string>> = {
  INVALID_PRODUCER_EPOCH:
    'Producer attempted an operation with an old epoch: there is a newer producer with the same transactionalId, or the transaction has been expired by the broker',
};

/** What a broker has refused: `type` is Kafka's name, `code` its number. */
export class KafkaJSProtocolError extends KafkaJSError {
  override readonly name: string = 'KafkaJSProtocolError';
  readonly type: string;
  readonly code: number;

  constructor(error: ClientError) {
    const type = error.code ?? 'UNKNOWN_SERVER_ERROR';
    // kafkajs says what the code says, whatever the broker has added.
    super(OWN_TEXTS[type] ?? errorMessage(Errors[type]), { retriable: error.retriable, cause: error });
    this.type = type;
    this.code = Errors[type];
  }
}

export class KafkaJSNumberOfRetriesExceeded extends KafkaJSNonRetriableError {
  override readonly name: string = 'KafkaJSNumberOfRetriesExceeded';
  readonly retryCount: number;

  constructor(cause: unknown, retryCount: number) {
    super(cause instanceof Error ? cause.message : String(cause), cause);
    this.retryCount = retryCount;
  }
}

export class KafkaJSAggregateError extends Error {
  override readonly name = 'AggregateError';
  readonly errors: readonly KafkaJSProtocolError[];

  constructor(message: string, errors: readonly KafkaJSProtocolError[]) {
    super(message);
    this.errors = errors;
  }
}

export class KafkaJSDeleteGroupsError extends KafkaJSError {
  override readonly name = 'KafkaJSDeleteGroupsError';
  readonly groups: readonly { readonly groupId: string; readonly errorCode: number; readonly error: Error }[];

  constructor(message: string, groups: KafkaJSDeleteGroupsError['groups']) {
    super(message);
    this.groups = groups;
  }
}

/** On the way out. */
export function kafkaJsErrorOf(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error;
  return error.code === undefined
    ? new KafkaJSNonRetriableError(error.message, error)
    : new KafkaJSProtocolError(error);
}

export async function asKafkaJs<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw kafkaJsErrorOf(error);
  }
}
