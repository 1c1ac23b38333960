// How long a call may take, and who may call it off.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { Clock, DialSignal, Timer } from '../../runtime/index.ts';

/** An AbortSignal: declared by what is used of it, so that the package needs no types of a platform. */
export type CancelSignal = DialSignal;

/** The last argument of every call that may take long. */
export interface CallOptions {
  /** When it fires the call rejects with the signal's reason; what has been sent may be carried out all the same. */
  readonly signal?: CancelSignal | undefined;
  /** default.api.timeout.ms unless the call says otherwise. */
  readonly timeoutMs?: number | undefined;
}

/** Rejects with the signal's reason when it fires first, with a KafkaError (REQUEST_TIMED_OUT) when the time is over first. */
export async function patiently<T>(clock: Clock, work: Promise<T>, { signal, timeoutMs }: CallOptions): Promise<T> {
  if (signal === undefined && timeoutMs === undefined) return work;
  let timer: Timer | undefined;
  let onAbort: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    if (timeoutMs !== undefined) {
      const late = new KafkaError(Errors.REQUEST_TIMED_OUT, `not done in ${timeoutMs} ms`);
      timer = clock.schedule(timeoutMs, () => reject(late));
    }
    if (signal?.aborted === true) reject(signal.reason as Error);
    onAbort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    timer?.cancel();
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  }
}
