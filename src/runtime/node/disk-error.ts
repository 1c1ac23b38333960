// What node:fs throws, as the DiskError that the port promises.
import { DiskError } from '../disk.ts';

interface SystemError extends Error {
  readonly code: string;
  readonly errno: number;
}

/** Node gives a code to wrong arguments too (ERR_OUT_OF_RANGE), which are no refusals of a disk: those have no errno. */
function isSystemError(error: unknown): error is SystemError {
  if (!(error instanceof Error)) return false;
  const { code, errno } = error as Partial<SystemError>;
  return typeof code === 'string' && typeof errno === 'number';
}

/** A refusal of the operating system as DiskError; anything else (a bug) as it is. */
export function toDiskError(error: unknown, path: string): unknown {
  if (error instanceof DiskError || !isSystemError(error)) return error;
  // node's message reads "ENOENT: no such file or directory, open 'x'": the middle is the useful part.
  const detail = /^[A-Z0-9]+: ([^,]*)/.exec(error.message)?.[1] ?? error.message;
  return new DiskError(error.code, path, detail);
}

/** Runs a call of node:fs. Not for hot paths: it costs a closure. */
export function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toDiskError(error, path);
  }
}
