// Why a broker did not start, in one line that names what it is about and says what to do. What is none of these is a bug of
// ours, and is told with where it happened.
import { type DiskError, variableOf } from '../runtime/index.ts';
import type { StartFlags } from './arguments.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One line without a newline at its end, save for a bug. */
export function explain(error: unknown, flags: StartFlags, environment: Environment = {}): string {
  // By its name: the broker is a program of its own beside the command line's (scripts/bundles.mjs), with classes of its own.
  const { name, message, code, stack } = error as Error & { readonly code?: string };
  if (name === 'DiskError') return explainDisk(error as DiskError);
  // startBroker's own refusals are made for users.
  if (name === 'StartError' || name === 'ConfigError') return oneLine(withVariable(message, flags, environment));
  if (code === 'EMFILE' || code === 'ENFILE') return TOO_MANY_FILES;
  return `stopped by a bug; please report it with these lines.\n${stack ?? String(error)}`;
}

const ELSEWHERE = 'choose another directory with --data (log.dirs)';
const TOO_MANY_FILES = 'too many files are open. Raise the limit (ulimit -n) and start again.';

function explainDisk({ code, path, message }: DiskError): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `this user may not read or write ${path} (${code}). Give it the rights, or ${ELSEWHERE}.`;
    case 'EROFS':
      return `${path} cannot be written: its file system is mounted read-only. Mount it for writing, or ${ELSEWHERE}.`;
    case 'ENOTDIR':
      return `a part of the path ${path.replace(/\/\.lock$/, '')} is a file, not a directory. Move it away, or ${ELSEWHERE}.`;
    case 'EEXIST':
      return `${path} is there and is not a directory: a file, or a link that leads nowhere. Move it away, or ${ELSEWHERE}.`;
    case 'EISDIR':
      return `${path} is a directory, where a file must be. Move it away, or ${ELSEWHERE}.`;
    case 'ENAMETOOLONG':
      return `the path ${path} is too long for its file system. Make it shorter: ${ELSEWHERE}.`;
    case 'ELOOP':
      return `${path} is a link that leads back to itself. Mend it, or ${ELSEWHERE}.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk that holds ${path} is full. Make room, or ${ELSEWHERE}.`;
    case 'EMFILE':
    case 'ENFILE':
      return TOO_MANY_FILES;
    case 'EIO':
      return `the disk that holds ${path} reports an error (EIO). Check it before starting again.`;
    case 'ESTALE':
      return `another broker has taken ${path} while this one was stopped or stood still; this one has ended without changing it.`;
    case 'ENOTEMPTY':
      return `${path} is not empty. Move away what is in it, or ${ELSEWHERE}.`;
    case 'ENOENT':
      return `${path} is not there and cannot be made. Make it, or ${ELSEWHERE}.`;
    default:
      return oneLine(`the disk refuses ${path} (${message}). Check it, or ${ELSEWHERE}.`);
  }
}

/** Names the variable that a refused value comes from, unless a flag has set it since. */
function withVariable(message: string, flags: StartFlags, environment: Environment): string {
  const key = / configuration '?([\w.-]+)/.exec(message)?.[1];
  if (key === undefined || flags.set.has(key)) return message;
  const variable = variableOf(environment, key);
  return variable === undefined ? message : `${message} (in ${variable})`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
