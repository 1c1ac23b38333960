// A record as JSON, with rpk's names. Bytes that are no UTF-8 are given in base64, under a name that says so.
import type { ToolRecord } from '../../tool-record.ts';

export interface JsonOptions {
  readonly isPretty: boolean;
  /** The value's size in place of the value. */
  readonly isMetaOnly: boolean;
}

/** Without the line feed behind it. */
export function recordJson(record: ToolRecord, options: JsonOptions): string {
  const { topic, partition, offset, timestamp, key, value, headers } = record;
  const shown = {
    topic,
    ...field('key', key),
    ...(options.isMetaOnly ? { value_size: value?.length ?? 0 } : field('value', value)),
    ...(headers.length > 0 && {
      headers: headers.map((header) => ({ key: header.key, ...field('value', header.value) })),
    }),
    timestamp: Number(timestamp),
    partition,
    offset,
  };
  return JSON.stringify(
    shown,
    (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one),
    options.isPretty ? 2 : 0,
  );
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function field(name: string, bytes: Uint8Array | null): Record<string, string> {
  if (bytes === null) return {};
  try {
    return { [name]: decoder.decode(bytes) };
  } catch {
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    return { [`${name}_base64`]: base64 };
  }
}
