// kcat's -J: one record, or what is known of the cluster, as one line of JSON. Bytes that are no UTF-8 are written as they are, as
// kcat writes them: whoever pipes binary values through gets them back.
import type { ToolRecord } from '../tool-record.ts';
import { asBuffer } from './message-format.ts';

/** JSON whose strings are bytes. */
export class ByteJson {
  readonly #parts: Buffer[] = [];
  #needsComma = false;

  open(bracket: '{' | '['): this {
    this.#value(bracket);
    this.#needsComma = false;
    return this;
  }

  close(bracket: '}' | ']'): this {
    this.#parts.push(Buffer.from(bracket));
    this.#needsComma = true;
    return this;
  }

  key(name: string): this {
    this.string(Buffer.from(name));
    this.#parts.push(Buffer.from(':'));
    this.#needsComma = false;
    return this;
  }

  string(bytes: Uint8Array | string): this {
    const text = asBuffer(typeof bytes === 'string' ? Buffer.from(bytes) : bytes).toString('latin1');
    return this.#value(Buffer.from(`"${text.replace(/["\\]|\p{Cc}/gu, escaped)}"`, 'latin1'));
  }

  number(value: number | bigint): this {
    return this.#value(String(value));
  }

  /** JSON that is made already. */
  verbatim(json: string): this {
    return this.#value(json);
  }

  null(): this {
    return this.#value('null');
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #value(text: string | Buffer): this {
    if (this.#needsComma) this.#parts.push(Buffer.from(','));
    this.#parts.push(typeof text === 'string' ? Buffer.from(text) : text);
    this.#needsComma = true;
    return this;
  }
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Only the first 32 are escaped in JSON; bytes from 0x7f on stand for themselves. */
function escaped(character: string): string {
  if (character.charCodeAt(0) >= 0x7f) return character;
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A key or value that a decoder has turned into JSON, or why it could not. */
export interface DecodedField {
  readonly json?: string;
  readonly schemaId?: number;
  readonly error?: string;
}

export interface EnvelopeOptions {
  /** Whoever leads the partition; -1 when that is not known. */
  readonly brokerId: number;
  /** Left out: the bytes are written as a string. */
  readonly key?: DecodedField | undefined;
  readonly value?: DecodedField | undefined;
}

/** Without the delimiter behind it. */
export function messageEnvelope(record: ToolRecord, { brokerId, key, value }: EnvelopeOptions): Buffer {
  const json = new ByteJson().open('{');
  json.key('topic').string(record.topic);
  json.key('partition').number(record.partition);
  json.key('offset').number(record.offset);
  json.key('tstype').string(record.timestampType === 'LogAppendTime' ? 'logappend' : 'create');
  json.key('ts').number(record.timestamp);
  json.key('broker').number(brokerId);
  if (record.headers.length > 0) {
    json.key('headers').open('[');
    for (const header of record.headers) {
      json.string(header.key);
      if (header.value === null) json.null();
      else json.string(header.value);
    }
    json.close(']');
  }
  field(json, { name: 'key', id: 'key_schema_id', bytes: record.key, decoded: key });
  field(json, { name: 'payload', id: 'value_schema_id', bytes: record.value, decoded: value });
  return json.close('}').bytes();
}

interface Field {
  readonly name: string;
  readonly id: string;
  readonly bytes: Uint8Array | null;
  readonly decoded: DecodedField | undefined;
}

function field(json: ByteJson, { name, id, bytes, decoded }: Field): void {
  json.key(name);
  if (bytes === null) json.null();
  else if (decoded === undefined) json.string(bytes);
  else if (decoded.json === undefined)
    json
      .null()
      .key(`${name}_error`)
      .string(decoded.error ?? '');
  else {
    json.verbatim(decoded.json);
    if (decoded.schemaId !== undefined) json.key(id).number(decoded.schemaId);
  }
}
