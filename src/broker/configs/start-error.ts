// What users of the package see of the settings: a file of its own, so that their declarations end here.

/** Sets of defaults that take the place of Kafka's. */
export type Profile = 'test';

/** A start that cannot be: the message is one line that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** The system's (EADDRINUSE …), when it was the system that refused. */
  readonly code: string | undefined;

  constructor(message: string, cause?: Error & { readonly code?: string | undefined }) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = cause?.code;
  }
}
