// What a start is refused for, in words for the user.
import { ConfigError } from '../../runtime/index.ts';
import { DirectoryLockedError, DuplicateLogError, UnsupportedOffsetError } from '../../log/index.ts';
import { FormatError } from '../../kraft/format/index.ts';
import { UnsupportedLevelError } from '../../kraft/metadata/index.ts';
import { MetadataDamagedError, QuorumError, QuorumStateError } from '../../kraft/raft/index.ts';
import { StartError } from '../configs/start-error.ts';
import { ListenError } from '../network/listen-error.ts';
import { RegistrationError } from '../node/lifecycle/registration-error.ts';

/** Turns refusals that a user can do something about into a StartError. */
export function explained(error: unknown): unknown {
  if (error instanceof ListenError) return new StartError(error.message, error);
  if (error instanceof DirectoryLockedError) {
    return new StartError(`${error.message}. Stop it, or choose another directory with --data`);
  }
  const isRefusal =
    error instanceof ConfigError ||
    error instanceof FormatError ||
    error instanceof RegistrationError ||
    error instanceof QuorumError ||
    error instanceof QuorumStateError ||
    error instanceof MetadataDamagedError ||
    error instanceof UnsupportedLevelError ||
    error instanceof UnsupportedOffsetError ||
    error instanceof DuplicateLogError;
  return isRefusal ? new StartError(error.message) : error;
}
