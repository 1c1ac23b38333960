/**
 * Records inside a batch that cannot be read: wrong lengths or counts (`record`), a compressed stream that is broken, too
 * large or of an unknown codec (`compression`), or a record length that is no varint (`argument`). Kafka answers
 * INVALID_RECORD to the first kind and UNKNOWN_SERVER_ERROR to the two others.
 */
export class InvalidRecordError extends Error {
  override readonly name = 'InvalidRecordError';
  readonly recordIndex: number;
  readonly kind: 'record' | 'compression' | 'argument';

  constructor(message: string, recordIndex: number, kind: 'record' | 'compression' | 'argument' = 'record') {
    super(message);
    this.recordIndex = recordIndex;
    this.kind = kind;
  }
}
