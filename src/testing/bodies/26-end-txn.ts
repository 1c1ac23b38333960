// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface EndTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number | bigint;
  readonly producerEpoch: number;
  /** true: commit, false: abort. */
  readonly committed: boolean;
}
