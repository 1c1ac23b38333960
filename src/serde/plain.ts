// Serialisers that need no schema.
import type { Serde, SerdeContext } from '../client/index.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8; null stays null. */
export const string: Serde<string | null> = {
  serialize: (data) => (data === null ? null : Buffer.from(data, 'utf8')),
  deserialize: (bytes, context) => (bytes === null ? null : utf8(bytes, context)),
};

/** The bytes as they are. */
export const bytes: Serde<Uint8Array | null> = {
  serialize: (data) => data,
  deserialize: (data) => data,
};

/** JSON in UTF-8; undefined becomes a tombstone (null), null the four letters. */
export function json<T = unknown>(): Serde<T | undefined> {
  return {
    serialize: (data) => (data === undefined ? null : Buffer.from(JSON.stringify(data), 'utf8')),
    deserialize: (data, context) => {
      if (data === null) return undefined;
      const text = utf8(data, context);
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new Error(
          `The ${context.isKey ? 'key' : 'value'} of topic ${context.topic} is no JSON: ${reasonOf(cause)}`,
          { cause },
        );
      }
    },
  };
}

function utf8(data: Uint8Array, { topic, isKey }: SerdeContext): string {
  try {
    return decoder.decode(data);
  } catch (cause) {
    throw new Error(`The ${isKey ? 'key' : 'value'} of topic ${topic} is no UTF-8 text`, { cause });
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
