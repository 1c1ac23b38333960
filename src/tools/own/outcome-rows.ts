// What came of each item of a command that changes several: a table of names and states, and an exit code that tells of failures.
import type { ClientError } from '../../client/index.ts';
import { Failure } from './failure.ts';
import type { Output } from './output.ts';

export interface OutcomeRow {
  readonly name: string;
  /** `OK`, or Kafka's name of the error. */
  readonly status: string;
  readonly message?: string;
}

/** By its shape, so that the client is loaded by who asks the cluster. */
export function isFailed(outcome: unknown): outcome is ClientError {
  return outcome instanceof Error;
}

/** `NAME: message`, as rpk shows errors. */
export function failureOf(error: ClientError): string {
  return error.code === undefined ? error.message : `${error.code}: ${error.message}`;
}

/** What was answered. Throws Failure, `what` before the reason, when there is no answer or it tells of an error. */
export function answered<T>(outcome: T | ClientError | undefined, what?: string): T {
  const because = (reason: string): Failure => new Failure(what === undefined ? reason : `${what}: ${reason}`);
  if (outcome === undefined) throw because('nobody has answered');
  if (isFailed(outcome)) throw because(failureOf(outcome));
  return outcome;
}

/** The exit code: 1 when one has failed. */
export function tellOutcomes(
  output: Output,
  kind: string,
  outcomes: Iterable<readonly [string, unknown]>,
  done = 'OK',
): number {
  const rows = [...outcomes].map(([name, outcome]): OutcomeRow => {
    if (!isFailed(outcome)) return { name, status: done };
    return { name, status: outcome.code ?? 'ERROR', message: outcome.message };
  });
  if (output.isText) {
    output.list(rows, [
      { heading: kind, cell: ({ name }) => name },
      { heading: 'status', cell: ({ status, message }) => (message === undefined ? status : `${status}: ${message}`) },
    ]);
  } else output.data(rows.map(({ name, ...rest }) => ({ [kind]: name, ...rest })));
  return rows.some(({ message }) => message !== undefined) ? 1 : 0;
}
