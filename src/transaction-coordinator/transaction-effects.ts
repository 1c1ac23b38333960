// What operations on transactions want done, and the events that they ask to be told.
import type { Effects } from '../coordinator-common/index.ts';
import type { MarkerDelivery, MarkerTarget } from './marker-delivery.ts';
import type { Step, TransactionRecord } from './transaction-record.ts';

export type TransactionEvent =
  /** The step is in the log. */
  | { readonly kind: 'committed'; readonly step: Step }
  /** A partition that could not be reached is tried again. */
  | { readonly kind: 'marker'; readonly delivery: MarkerDelivery; readonly target: MarkerTarget }
  /** Open transactions beyond their time-out are sought. */
  | { readonly kind: 'time-outs' }
  /** Ids that nobody uses are sought. */
  | { readonly kind: 'expiry' };

export type TransactionEffects = Effects<TransactionRecord, TransactionEvent>;
