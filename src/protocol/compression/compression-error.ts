/** A stream that cannot be unpacked. What was unpacked before it broke is in `partial`, as a streaming reader would have seen it. */
export class CompressionError extends Error {
  override readonly name = 'CompressionError';
  /** `limit`: it unpacks to more than allowed. `corrupt`: it breaks its format. `unavailable`: unknown codec or one not loaded. */
  readonly kind: 'limit' | 'corrupt' | 'unavailable';
  readonly partial: Uint8Array | undefined;

  constructor(kind: 'limit' | 'corrupt' | 'unavailable', message: string, partial?: Uint8Array) {
    super(message);
    this.kind = kind;
    this.partial = partial;
  }
}
