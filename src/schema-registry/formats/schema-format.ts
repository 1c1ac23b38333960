// What the registry's store and its HTTP side know of a schema language: parse a text, print it canonically, compare a
// reader with a writer, look at data. Avro, JSON Schema and Protobuf each implement it in a folder of their own; they are
// pure and synchronous, but for the check of data, which loads a third-party codec.

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF';

/** A name inside a schema's text, and the subject and version that stand for it. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as somebody sent it. */
export interface SchemaSource {
  readonly text: string;
  readonly references?: readonly SchemaReference[];
  /** Texts behind the references, and behind theirs: by name, each after those that it needs itself. */
  readonly resolved?: ReadonlyMap<string, string>;
  /**
   * The rules for a schema that comes in now are stricter (Avro: defaults must fit, names must be names) than those for
   * one that the store has taken long ago, which must always be read again. Default: false, the lenient ones.
   */
  readonly asNew?: boolean;
}

export interface ParsedSchema {
  readonly type: SchemaType;
  /** The text that decides about the id: same text, same schema. */
  readonly canonicalText: string;
  readonly references: readonly SchemaReference[];
  readonly resolved: ReadonlyMap<string, string>;
  /** The full name of the record or of the first message, or a JSON Schema's title: what RecordName subjects are called. */
  readonly name: string | undefined;
  /** Names of the top-level fields or properties, as `confluent:reserved` asks for them. */
  readonly fieldNames: ReadonlySet<string>;
  /** The same schema in the form that `normalize=true` registers: another text may have the same. */
  normalized(): ParsedSchema;
  /**
   * Avro knows `resolved` (referenced types in place of their names), Protobuf `serialized` (a FileDescriptorProto in
   * base64), `ignore_extensions` aside; every other format is the canonical text.
   */
  formatted(format: string): string;
}

/** STRICT, or LENIENT, which JSON Schema alone listens to (optional properties come and go in an open model). */
export type CompatibilityPolicy = 'STRICT' | 'LENIENT';

export interface CompatibilityOptions {
  readonly policy?: CompatibilityPolicy;
  /** How a sentence calls the reader: the new schema (BACKWARD; default) or an old one (FORWARD). */
  readonly readerIs?: 'new' | 'old';
}

/** One reason why the reader cannot read what the writer wrote. */
export interface Incompatibility {
  /** What a program can switch on, in Confluent's words: `READER_FIELD_MISSING_DEFAULT_VALUE`, `FIELD_KIND_CHANGED`. */
  readonly type: string;
  /** Where, in the reader: `/fields/1`, `#/properties/name`, `#/Message/4`. */
  readonly path: string;
  readonly sentence: string;
  /** Avro: the name or the types it is about. */
  readonly additionalInfo?: string;
  /** A way out, where there is a usual one. */
  readonly advice?: string;
}

/** The form in which `messages` and the answer to an incompatible registration show a reason. */
export function incompatibilityText(reason: Incompatibility): string {
  const extra = reason.additionalInfo === undefined ? '' : `, additionalInfo:'${reason.additionalInfo}'`;
  const quote = reason.additionalInfo === undefined ? '"' : "'";
  const advice = reason.advice === undefined ? '' : ` ${reason.advice}`;
  return `{errorType:${quote}${reason.type}${quote}, description:${quote}${reason.sentence}${advice}${quote}${extra}}`;
}

/**
 * Throws a DataError when the payload (without magic byte, id and message indexes) does not fit. `indexes` is the path to
 * a Protobuf message type, [0] when not given.
 */
export type DataCheck = (payload: Uint8Array, indexes?: readonly number[]) => void;

export interface SchemaFormat {
  readonly type: SchemaType;
  /** Throws InvalidSchemaError. */
  parse(source: SchemaSource): ParsedSchema;
  /** Empty: every datum of the writer can be read with the reader. Both are of this format. */
  compatibility(reader: ParsedSchema, writer: ParsedSchema, options?: CompatibilityOptions): readonly Incompatibility[];
  /** A check of data that the writer wrote (default: the schema itself), read with the schema. */
  dataCheck(schema: ParsedSchema, writer?: ParsedSchema): Promise<DataCheck>;
}

/** The text is no schema of its language, or refers to what is not there (42201). */
export class InvalidSchemaError extends Error {
  override readonly name = 'InvalidSchemaError';
}

/** A payload does not fit a schema. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/** Bounds on what a schema may ask of us; a text beyond them is refused as invalid. */
export const SCHEMA_LIMITS = {
  /** Bytes of text, of a schema or of one reference. */
  textBytes: 4 * 1024 * 1024,
  /** Types or objects inside one another. */
  depth: 200,
  /** Named types, fields, values, sub-schemas in one text with its references. */
  nodes: 200_000,
  /** Pairs of sub-schemas that one comparison looks at. */
  comparisons: 300_000,
  /** Reasons that one comparison lists. */
  reasons: 1_000,
} as const;
