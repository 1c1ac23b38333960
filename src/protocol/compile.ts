// Schema + version → codec. Decoder and encoder are compiled with `new Function` on first use, one pair for brokers and
// one for `exact` readers and writers, and named after the message for profiles and stack traces. Nothing of a peer ever
// gets into the text: it is made of the definitions in messages/ alone.
import { DECODER_SCOPE, decoderSource } from './decoder-source.ts';
import { ENCODER_SCOPE, encoderSource } from './encoder-source.ts';
import { Errors, KafkaError } from './errors.ts';
import { inRange } from './layout.ts';
import { clampedInt64, copy, exactInt64, float64At, type Reader } from './reader.ts';
import type { Fields, InputOf, MessageSchema, ValueOf } from './schema.ts';
import { setUnknownTags, type UnknownTag, unknownTagsOf } from './unknown-tags.ts';
import { utf8 } from './utf8.ts';
import { uuidFromBytes } from './uuid.ts';
import { putFloat64, putInt64, putUuidText, putUvarint, recordsSize, type Writer } from './writer.ts';

/** Reads and writes one message in one version. */
export interface Codec<Out, In> {
  readonly version: number;
  /** Compact lengths and tagged fields (KIP-482). */
  readonly flexible: boolean;
  /** Reads the message at the reader's position; bytes behind it are left. Throws DecodeError. */
  decode(reader: Reader): Out;
  /** Throws EncodeError when the version cannot carry the value. */
  encode(writer: Writer, value: In): void;
}

/** The codec of a message in a version; KafkaError UNSUPPORTED_VERSION when the message has no such version. */
export function codecOf<F extends Fields>(schema: MessageSchema<F>, version: number): Codec<ValueOf<F>, InputOf<F>> {
  const codec = schema.codecs[version];
  if (codec !== undefined) return codec as Codec<ValueOf<F>, InputOf<F>>;
  if (!inRange(schema.versions, version)) {
    throw new KafkaError(Errors.UNSUPPORTED_VERSION, `${schema.name} has no version ${version}`);
  }
  const fresh = new CompiledCodec(schema, version);
  schema.codecs[version] = fresh;
  return fresh as unknown as Codec<ValueOf<F>, InputOf<F>>;
}

type Decode = (reader: Reader) => unknown;
type Encode = (writer: Writer, value: unknown) => void;

class CompiledCodec implements Codec<unknown, unknown> {
  readonly version: number;
  readonly flexible: boolean;
  readonly #schema: MessageSchema;
  #decode: Decode | undefined;
  #encode: Encode | undefined;
  #decodeExactly: Decode | undefined;
  #encodeExactly: Encode | undefined;

  constructor(schema: MessageSchema, version: number) {
    this.#schema = schema;
    this.version = version;
    this.flexible = schema.flexible !== undefined && version >= schema.flexible;
  }

  decode(reader: Reader): unknown {
    if (reader.exact) return (this.#decodeExactly ??= this.#compileDecode(true))(reader);
    return (this.#decode ??= this.#compileDecode(false))(reader);
  }

  encode(writer: Writer, value: unknown): void {
    if (writer.exact) (this.#encodeExactly ??= this.#compileEncode(true))(writer, value);
    else (this.#encode ??= this.#compileEncode(false))(writer, value);
  }

  #compileDecode(isExact: boolean): Decode {
    const { version, flexible: isFlexible } = this;
    const source = decoderSource(this.#schema, { version, isFlexible, isExact });
    return this.#compile('decode', 'r', source, DECODER_SCOPE, isExact ? exactDecoderScope : decoderScope) as Decode;
  }
  #compileEncode(isExact: boolean): Encode {
    const { version, flexible: isFlexible } = this;
    const source = encoderSource(this.#schema, { version, isFlexible, isExact });
    return this.#compile('encode', 'w, v', source, ENCODER_SCOPE, encoderScope) as Encode;
  }
  #compile(
    direction: string,
    parameters: string,
    source: string,
    scopeNames: readonly string[],
    scope: Readonly<Record<string, unknown>>,
  ): unknown {
    const name = `${this.#schema.name}_v${this.version}_${direction}`;
    const url = `${this.#schema.name}.v${this.version}.${direction}`;
    const text = `'use strict';\nreturn function ${name}(${parameters}) {\n${source}\n};\n//# sourceURL=${url}`;
    // The text comes from the definitions alone (see above).
    // oxlint-disable-next-line no-implied-eval
    return new Function(...scopeNames, text)(...scopeNames.map((each) => scope[each]));
  }
}

function keepUnknownTags<T extends object>(struct: T, tags: UnknownTag[] | undefined): T {
  if (tags !== undefined) setUnknownTags(struct, tags);
  return struct;
}

const decoderScope: Readonly<Record<(typeof DECODER_SCOPE)[number], unknown>> = {
  int64: clampedInt64,
  exactInt64,
  float64: float64At,
  uuid: uuidFromBytes,
  utf8,
  copy,
  keepUnknownTags,
  NO_BYTES: new Uint8Array(0),
  NO_RECORDS: Buffer.alloc(0),
};
const exactDecoderScope = { ...decoderScope, int64: exactInt64 };
const encoderScope: Readonly<Record<(typeof ENCODER_SCOPE)[number], unknown>> = {
  putInt64,
  putFloat64,
  putUuidText,
  putUvarint,
  recordsSize,
  unknownTagsOf,
  NOTHING: Object.freeze([]),
  NO_STRUCT: Object.freeze({}),
};
