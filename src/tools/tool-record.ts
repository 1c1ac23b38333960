// A record as the tools print it: what the client's consumers hand out when keys and values stay bytes.
import type { RecordBatchFacts } from '../client/index.ts';
import type { Int64 } from '../protocol/index.ts';

export interface ToolRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly timestamp: Int64;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  /** Where the consumer was asked for it. */
  readonly batch?: RecordBatchFacts;
}
