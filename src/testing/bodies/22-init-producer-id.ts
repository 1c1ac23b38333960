// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface InitProducerIdRequest {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  /** Since version 3. */
  readonly producerId: number | bigint;
  /** Since version 3. */
  readonly producerEpoch: number;
  /** Since version 6. */
  readonly enable2Pc: boolean;
  /** Since version 6. */
  readonly keepPreparedTxn: boolean;
}
