// What a registry's client rejects with.
import { ClientError } from '../../client/index.ts';

/** The registry has answered with an error (`errorCode` 40401: no such subject ...), or none of its addresses has answered. */
export class RegistryError extends ClientError {
  override readonly name = 'RegistryError';
  /** Of HTTP; 0 when nobody answered. */
  readonly status: number;
  /** Confluent's number, `40403`; the status where there is none. */
  readonly errorCode: number;

  constructor(
    message: string,
    facts: { status: number; errorCode?: number; retriable: boolean; advice?: string; cause?: unknown },
  ) {
    super(message, facts);
    this.status = facts.status;
    this.errorCode = facts.errorCode ?? facts.status;
  }
}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'Give the client the name and password that the registry knows.',
  403: 'Ask for permission on the subject.',
  409: 'Make the schema compatible (the message says why it is not), or change the level of the subject.',
  40401: 'Register a schema under the subject first, or let the serialiser do it (register: true).',
  40403: 'Make sure that the record was written with the same registry.',
  42201: 'Correct the schema.',
};

export function adviceOf(status: number, errorCode: number): string | undefined {
  return ADVICE[errorCode] ?? ADVICE[status];
}
