// How keys and values become bytes, and bytes become what a program works with. Ready ones are in ottla/serde.

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface SerdeContext {
  readonly topic: string;
  readonly isKey: boolean;
  /** Of the record; a serialiser may add some (the id of a schema). */
  readonly headers: RecordHeader[];
}

export interface Serializer<T> {
  serialize(data: T, context: SerdeContext): Uint8Array | null | Promise<Uint8Array | null>;
}

export interface Deserializer<T> {
  deserialize(bytes: Uint8Array | null, context: SerdeContext): T | Promise<T>;
}

export interface Serde<T> extends Serializer<T>, Deserializer<T> {}

/** What can be sent without a serialiser: bytes, a text (as UTF-8), or nothing. */
export type Bytes = Uint8Array | string | null | undefined;
