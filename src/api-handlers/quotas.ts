// What handlers ask of quotas: Fetch, whose answer is empty while its client has had too much, and requests that change what the
// controller has to do. All else is measured where requests pass (broker/quotas).
import type { RequestContext } from './handler.ts';

/** Changes of partitions, each charged before it is made (KIP-599). */
export interface MutationQuota {
  /** How long until changes are accepted again, in milliseconds; 0: now. */
  throttleMs(): number;
  charge(partitions: number): void;
}

export interface ActiveQuotas {
  /** The most that one answer may bring, in bytes; Infinity without a quota. */
  maxFetchBytes(context: RequestContext): number;
  /** Counts the bytes of an answer. Above 0: it is not to be given, the client waits that long, and nothing was counted. */
  fetchThrottleMs(context: RequestContext, bytes: number): number;
  /** undefined: this client may change as much as it likes. */
  mutationsOf(context: RequestContext): MutationQuota | undefined;
}

export interface Quotas {
  /** undefined while there is no quota at all. */
  readonly current: ActiveQuotas | undefined;
}

export const NO_QUOTAS: Quotas = { current: undefined };
