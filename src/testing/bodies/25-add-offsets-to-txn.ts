// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AddOffsetsToTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number | bigint;
  readonly producerEpoch: number;
  readonly groupId: string;
}
