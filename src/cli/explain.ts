// Why a broker did not start, in one line that says what to do. What is none of these is a bug of ours, and is told with
// where it happened.
import { ConfigError } from '../runtime/index.ts';
import type { StartFlags } from './arguments.ts';

interface MaybeSystemError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly path?: string;
  readonly stack?: string;
}

/** One line without a newline at its end, save for a bug. */
export function explain(error: unknown, flags: StartFlags): string {
  const { name, code, message, path, stack } = error as MaybeSystemError;
  // startBroker's own refusals are made for users.
  if (name === 'StartError' || error instanceof ConfigError) return oneLine(message ?? '');
  const where = path ?? flags.data ?? 'the data directory';
  switch (code) {
    case 'EADDRINUSE':
      return `port ${flags.port ?? 9092} is in use by another program. Stop it, or choose another port: --port 0 picks a free one.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no address ${flags.host ?? ''}. Give one of its own with --host, or 0.0.0.0 for all of them.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      if (path === undefined) return `port ${flags.port ?? 9092} needs more rights. Choose one above 1023 with --port.`;
      return `${where} cannot be written. Give this user the rights to it, or choose another directory with --data.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${where} is a file, not a directory. Choose another directory with --data.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk that holds ${where} is full. Make room, or choose another directory with --data.`;
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open. Raise the limit (ulimit -n) and start again.';
    case 'EIO':
      return `the disk that holds ${where} reports an error (EIO). Check it before starting again.`;
    case 'ESTALE':
      return `another broker has taken ${where} while this one was stopped or stood still; this one has ended without changing it.`;
    case 'ENOTEMPTY':
      return `${where} is not empty. Move away what is in it, or choose another directory with --data.`;
    case 'ENOENT':
      return `${where} is not there and cannot be made. Choose another directory with --data.`;
    default:
      return `stopped by a bug; please report it with these lines.\n${stack ?? String(error)}`;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
