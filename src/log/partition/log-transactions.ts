// What is asked of a log before a transactional batch is appended to it: whether its transaction has to be verified first
// (KIP-890; Kafka's UnifiedLog.maybeStartTransactionVerification), and whether a coordinator's batch would be taken.
import { type ErrorCode, Errors, type Int64 } from '../../protocol/index.ts';
import { DiskError } from '../../runtime/index.ts';
import type { StartedAppend, VerificationGuard } from '../producers/verification.ts';
import type { LogState } from './log-state.ts';

export class LogTransactions {
  readonly #state: LogState;

  constructor(state: LogState) {
    this.#state = state;
  }

  /**
   * A guard, when the append has to be verified: once it has been, it is appended with it. NONE when it has not, as the
   * transaction is open here already; INVALID_PRODUCER_EPOCH when its producer has been replaced; KAFKA_STORAGE_ERROR.
   */
  startVerification(append: StartedAppend): VerificationGuard | ErrorCode {
    const { environment } = this.#state;
    if (!append.supportsEpochBump && !environment.config.transactionPartitionVerificationEnable) return Errors.NONE;
    return this.#reading(() => {
      const { producers } = this.#state;
      const { producerId, producerEpoch } = append;
      const known = producers.entries.get(producerId);
      if (known !== undefined && producerEpoch < known.producerEpoch) return Errors.INVALID_PRODUCER_EPOCH;
      if (producers.hasOngoing(producerId, producerEpoch)) return Errors.NONE;
      return producers.verifications.start(append, environment.clock.nowMs());
    });
  }

  /** The guard of the verification that is under way, or done and not followed by a batch; undefined: none is. */
  guardOf(producerId: Int64): VerificationGuard | undefined {
    return this.#state.hasProducers ? this.#state.producers.verifications.get(producerId) : undefined;
  }

  /** NONE, or why a transactional batch of a coordinator would be refused. */
  check(producerId: Int64, producerEpoch: number, guard: VerificationGuard | undefined): ErrorCode {
    const isVerified = this.#state.environment.config.transactionPartitionVerificationEnable;
    return this.#reading(() =>
      this.#state.producers.checkTransaction(producerId, producerEpoch, guard, isVerified),
    ) as ErrorCode;
  }

  /** The producers are read from the disk when they are first needed. */
  #reading<T>(action: () => T): T | ErrorCode {
    const { environment, directory } = this.#state;
    try {
      return action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      environment.diskFailed(directory, error);
      return Errors.KAFKA_STORAGE_ERROR;
    }
  }
}
