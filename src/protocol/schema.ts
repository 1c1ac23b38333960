// The vocabulary in which the messages of the protocol are written down: `array({ topic: string.until(12), … })`.
// One definition gives the TypeScript types, the codecs of every version (compile.ts) and the checks against Kafka's
// own schemas. Key order is wire order. Answers to Kafka's message generator (KIP-482 for tagged fields).
import type { Int64 } from './int64.ts';

export type FieldKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'string'
  | 'uuid'
  | 'bytes'
  | 'records'
  | 'array'
  | 'struct';

/** An inclusive range of versions; `never` is written [1, 0]. */
export type VersionRange = readonly [low: number, high: number];
/** High end of a range that is still open. */
export const NEWEST = 32767;
const EVERY_VERSION: VersionRange = [0, NEWEST];
const NO_VERSION: VersionRange = [1, 0];

/** What Kafka knows the value to name; lets tenancy, audit and authorisation be derived from the schema. */
export type EntityType = 'topicName' | 'groupId' | 'transactionalId' | 'producerId' | 'brokerId' | 'unknown';

export interface FieldFacts {
  readonly kind: FieldKind;
  /** The element of an array: a field without versions of its own. */
  readonly element: AnyField | undefined;
  /** The fields of a struct, or of an array of structs through `element`. */
  readonly fields: Fields | undefined;
  readonly versions: VersionRange;
  readonly nullableVersions: VersionRange;
  readonly taggedVersions: VersionRange;
  readonly tag: number | undefined;
  /** undefined: Kafka's default of the kind (0, "", empty, false, zero uuid, fresh struct). */
  readonly defaultValue: unknown;
  readonly isIgnorable: boolean;
  readonly isMapKey: boolean;
  readonly entityType: EntityType | undefined;
  /** The client id of a request header is never compact, whatever the version. */
  readonly isNeverCompact: boolean;
  /** An int64 that is never clamped. */
  readonly isExact: boolean;
  readonly documentation: string;
}

/** `Out` is what decoding gives, `In` what encoding takes; `Optional` fields may be left out when encoding. */
export class Field<Out, In = Out, Optional extends boolean = false> {
  declare readonly out: Out;
  declare readonly in: In;
  declare readonly optional: Optional;
  readonly facts: FieldFacts;

  constructor(facts: FieldFacts) {
    this.facts = facts;
  }
  #with<O, I, P extends boolean>(change: Partial<FieldFacts>): Field<O, I, P> {
    return new Field<O, I, P>({ ...this.facts, ...change });
  }

  /** Present from this version on. */
  since(version: number): Field<Out, In, true> {
    return this.#with({ versions: [version, this.facts.versions[1]] });
  }
  /** Present up to and with this version. */
  until(version: number): Field<Out, In, true> {
    return this.#with({ versions: [this.facts.versions[0], version] });
  }
  /** May be null, in all versions or from `version` on. */
  nullable(version = 0): Field<Out | null, In | null, Optional> {
    return this.#with({ nullableVersions: [version, NEWEST] });
  }
  /** Travels in the tagged section, in every version it is present in or from `version` on (KIP-482). */
  tag(tag: number, version?: number): Field<Out, In, true> {
    return this.#with({ tag, taggedVersions: [version ?? this.facts.versions[0], NEWEST] });
  }
  default(defaultValue: Out | bigint): Field<Out, In, true> {
    return this.#with({ defaultValue });
  }
  /** A version that lacks the field drops a value that is not the default instead of refusing it. */
  ignorable(): Field<Out, In, Optional> {
    return this.#with({ isIgnorable: true });
  }
  /** Kafka keeps the array as a map by this field. */
  mapKey(): Field<Out, In, Optional> {
    return this.#with({ isMapKey: true });
  }
  entity(entityType: EntityType): Field<Out, In, Optional> {
    return this.#with({ entityType });
  }
  exact(): Field<Int64, Int64, Optional> {
    return this.#with({ isExact: true });
  }
  neverCompact(): Field<Out, In, Optional> {
    return this.#with({ isNeverCompact: true });
  }
  doc(documentation: string): Field<Out, In, Optional> {
    return this.#with({ documentation });
  }
}

/** A field of whatever types. */
export type AnyField = Pick<Field<unknown, unknown, boolean>, 'out' | 'in' | 'optional' | 'facts'>;
export type Fields = Readonly<Record<string, AnyField>>;

/** A decoded struct: every field present, in every version. */
export type ValueOf<F extends Fields> = { [K in keyof F]: F[K]['out'] };
/** A struct to encode: fields with a default, a version range or a tag may be left out. */
export type InputOf<F extends Fields> = {
  [K in keyof F as F[K]['optional'] extends true ? never : K]: F[K]['in'];
} & { [K in keyof F as F[K]['optional'] extends true ? K : never]?: F[K]['in'] | undefined };

/** What was decoded can be encoded again: every field is there, and has a type that encoders take. */
export function asInput<F extends Fields>(decoded: ValueOf<F>): InputOf<F> {
  // The compiler does not see through the mapping of fields that it does not know.
  return decoded as unknown as InputOf<F>;
}

function plain<Out, In = Out>(kind: FieldKind, element?: AnyField, fields?: Fields): Field<Out, In> {
  return new Field<Out, In>({
    kind,
    element,
    fields,
    versions: EVERY_VERSION,
    nullableVersions: NO_VERSION,
    taggedVersions: NO_VERSION,
    tag: undefined,
    defaultValue: undefined,
    isIgnorable: false,
    isMapKey: false,
    entityType: undefined,
    isNeverCompact: false,
    isExact: false,
    documentation: '',
  });
}

export const bool = plain<boolean>('bool');
export const int8 = plain<number>('int8');
export const int16 = plain<number>('int16');
export const uint16 = plain<number>('uint16');
export const int32 = plain<number>('int32');
export const uint32 = plain<number>('uint32');
/**
 * A safe integer: for values that this broker makes, and compares only with others that it has made. What lies beyond 2^53
 * is clamped to it when a broker reads, and kept exactly by tools (Reader.exact).
 */
export const int64 = plain<number>('int64');
/** Any int64, for what somebody else chose and is stored, answered or calculated with: beyond 2^53 it is a bigint. */
export const exactInt64 = int64.exact();
export const float64 = plain<number>('float64');
export const string = plain<string>('string');
/** 22 characters of URL-safe base64, as Kafka prints it. Zero is `AAAAAAAAAAAAAAAAAAAAAA`. */
export const uuid = plain<string>('uuid');
/** A copy of the bytes in the frame. */
export const bytes = plain<Uint8Array>('bytes');
/** A view on the frame, never a copy: whoever keeps it keeps the frame. Encoding lists the pieces given, uncopied. */
export const records = plain<Buffer, Uint8Array | readonly Uint8Array[]>('records');

export function array<Out, In, P extends boolean>(element: Field<Out, In, P>): Field<Out[], readonly In[]>;
export function array<F extends Fields>(fields: F): Field<ValueOf<F>[], readonly InputOf<F>[]>;
export function array(shape: AnyField | Fields): AnyField {
  return shape instanceof Field ? plain('array', shape) : plain('array', struct(shape as Fields));
}

export function struct<F extends Fields>(fields: F): Field<ValueOf<F>, InputOf<F>> {
  return plain<never>('struct', undefined, fields) as unknown as Field<ValueOf<F>, InputOf<F>>;
}

/** One message: the fields, the versions that exist, and from which on it is flexible (undefined: never). */
export interface MessageSchema<F extends Fields = Fields> {
  readonly name: string;
  readonly versions: VersionRange;
  readonly flexible: number | undefined;
  readonly fields: F;
  /** By version, as far as they have been compiled: `codecOf` keeps them here, where each request finds them soonest. */
  readonly codecs: unknown[];
}

/** One API: request beside response. */
export interface ApiSchema<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly key: number;
  readonly name: string;
  readonly versions: VersionRange;
  /** The newest version is not advertised: Kafka marks it unstable. */
  readonly latestVersionUnstable: boolean;
  readonly request: MessageSchema<Q>;
  readonly response: MessageSchema<S>;
}

/** A decoded request. Give it a name: `export interface FetchRequest extends RequestOf<typeof Fetch> {}`. */
export type RequestOf<A> = A extends ApiSchema<infer Q, infer _> ? ValueOf<Q> : never;
/** A response to encode. */
export type ResponseOf<A> = A extends ApiSchema<infer _, infer S> ? InputOf<S> : never;
/** A decoded response (clients, tools, tests). */
export type DecodedResponseOf<A> = A extends ApiSchema<infer _, infer S> ? ValueOf<S> : never;

export function api<Q extends Fields, S extends Fields>(definition: {
  readonly key: number;
  readonly name: string;
  readonly versions: VersionRange;
  readonly flexible?: number;
  readonly latestVersionUnstable?: true;
  readonly request: Q;
  readonly response: S;
}): ApiSchema<Q, S> {
  const { key, name, versions, flexible, request, response } = definition;
  return {
    key,
    name,
    versions,
    latestVersionUnstable: definition.latestVersionUnstable ?? false,
    request: message(`${name}Request`, versions, flexible, request),
    response: message(`${name}Response`, versions, flexible, response),
  };
}

/** A message that is no API: headers, metadata records, coordinator records, control record bodies. */
export function message<F extends Fields>(
  name: string,
  versions: VersionRange,
  flexible: number | undefined,
  fields: F,
): MessageSchema<F> {
  return { name, versions, flexible, fields, codecs: [] };
}
