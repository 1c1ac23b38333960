// Writes the JavaScript that encodes one message in one version: straight-line code on locals `b` (chunk), `p`
// (position) and `e` (end of the chunk), one check for room for each run of values of fixed size. A field that is
// undefined is its default. compile.ts turns the text into a function.
import {
  constantSize,
  elementOf,
  fieldsOf,
  fixedSize,
  isNullable,
  isPresent,
  isTagged,
  scalarDefault,
} from './layout.ts';
import type { FieldFacts, Fields, MessageSchema } from './schema.ts';

/** What the generated code finds in scope, besides its arguments `w`, the Writer, and `v`, the message. */
export const ENCODER_SCOPE = [
  'putInt64',
  'putFloat64',
  'putUuidText',
  'putUvarint',
  'recordsSize',
  'unknownTagsOf',
  'NOTHING',
  'NO_STRUCT',
] as const;

export interface EncoderOptions {
  readonly version: number;
  readonly isFlexible: boolean;
  /** Write unknown tagged fields. */
  readonly isExact: boolean;
}

export function encoderSource(schema: MessageSchema, options: EncoderOptions): string {
  return new EncoderSource(options).message(schema);
}

/** Kinds whose write turns undefined into 0 by itself. */
const UNDEFINED_IS_ZERO: ReadonlySet<string> = new Set(['bool', 'int8', 'int16', 'uint16', 'int32', 'uint32']);

/** The statement that writes `value` at byte `p + offset`. */
function fixedWrite(kind: FieldFacts['kind'], value: string, offset: number): string {
  const byte = (i: number, shift: number) => `b[p + ${offset + i}] = ${shift === 0 ? value : `${value} >> ${shift}`};`;
  switch (kind) {
    case 'bool':
      return `b[p + ${offset}] = ${value} ? 1 : 0;`;
    case 'int8':
      return byte(0, 0);
    case 'int16':
    case 'uint16':
      return `${byte(0, 8)} ${byte(1, 0)}`;
    case 'int32':
    case 'uint32':
      return `${byte(0, 24)} ${byte(1, 16)} ${byte(2, 8)} ${byte(3, 0)}`;
    case 'int64':
      return `putInt64(b, p + ${offset}, ${value});`;
    case 'float64':
      return `putFloat64(b, p + ${offset}, ${value});`;
    case 'uuid':
      return `putUuidText(b, p + ${offset}, ${value});`;
    default:
      throw new TypeError(`${kind} has no fixed size`);
  }
}

interface TaggedField {
  readonly facts: FieldFacts;
  readonly value: string;
  readonly isSet: string;
  readonly what: string;
}

class EncoderSource {
  readonly #options: EncoderOptions;
  readonly #lines: string[] = [];
  #names = 0;
  /** Values of fixed size that wait to be written after one check for room. */
  #run: { value: string; kind: FieldFacts['kind'] }[] = [];
  #runSize = 0;
  /** Within an array of elements of constant size, for all of which there is room. */
  #isChecked = false;

  constructor(options: EncoderOptions) {
    this.#options = options;
  }

  message(schema: MessageSchema): string {
    this.#line('let b = w.bytes, p = w.position, e = w.end;');
    this.#struct(schema.fields, 'v', schema.name);
    this.#flush();
    this.#line('w.position = p;');
    return this.#lines.join('\n');
  }

  #line(text: string): void {
    this.#lines.push(text);
  }
  #name(hint: string): string {
    this.#names += 1;
    return `${hint}${this.#names}`;
  }
  /** Runs statements on the writer itself, whose position and chunk the locals mirror. */
  #onWriter(...statements: string[]): void {
    this.#line('w.position = p;');
    for (const statement of statements) this.#line(statement);
    this.#line('b = w.bytes; p = w.position; e = w.end;');
  }
  #room(size: string): void {
    this.#line(`if (e - p < ${size}) { w.position = p; w.grow(${size}); b = w.bytes; p = w.position; e = w.end; }`);
  }
  #queue(value: string, kind: FieldFacts['kind']): void {
    this.#run.push({ value, kind });
    this.#runSize += fixedSize(kind) as number;
  }
  /** Writes the queued values and makes room for `extra` bytes behind them. */
  #flush(extra = 0): void {
    const size = this.#runSize + extra;
    if (size > 0 && !this.#isChecked) this.#room(`${size}`);
    let offset = 0;
    for (const { value, kind } of this.#run) {
      this.#line(fixedWrite(kind, value, offset));
      offset += fixedSize(kind) as number;
    }
    if (offset > 0) this.#line(`p += ${offset};`);
    this.#run = [];
    this.#runSize = 0;
  }

  #struct(fields: Fields, value: string, what: string): void {
    const { version, isFlexible } = this.#options;
    const tagged: TaggedField[] = [];
    for (const [name, { facts }] of Object.entries(fields)) {
      const path = `${what}.${name}`;
      const local = this.#name(name);
      if (!isPresent(facts, version)) {
        if (facts.isIgnorable) continue;
        this.#line(`const ${local} = ${value}.${name};`);
        const differs = this.#differs(facts, local);
        this.#line(`if (${local} !== undefined && (${differs})) w.versionLacks('${path}', ${version});`);
      } else if (isTagged(facts, version)) {
        const isSet = this.#name('isSet');
        this.#line(`const ${local} = ${value}.${name};`);
        this.#line(`const ${isSet} = ${local} !== undefined && (${this.#differs(facts, local)});`);
        tagged.push({ facts, value: local, isSet, what: path });
      } else {
        this.#load(facts, local, `${value}.${name}`);
        this.#field(facts, local, path);
      }
    }
    if (isFlexible) this.#tags(tagged, value);
  }

  /** Declares `local` as the value of the field, the default in place of undefined. */
  #load(facts: FieldFacts, local: string, from: string): void {
    const otherwise = this.#defaultOf(facts);
    if (otherwise === '0' && UNDEFINED_IS_ZERO.has(facts.kind)) {
      this.#line(`const ${local} = ${from};`);
      return;
    }
    this.#line(`let ${local} = ${from};`);
    this.#line(`if (${local} === undefined) ${local} = ${otherwise};`);
  }

  /** Writes the value in local `x`; values of fixed size may be written later, before the next flush. */
  #field(facts: FieldFacts, x: string, what: string): void {
    const { version, isFlexible } = this.#options;
    if (fixedSize(facts.kind) !== undefined) {
      this.#queue(x, facts.kind);
      return;
    }
    const canBeNull = isNullable(facts, version);
    if (facts.kind === 'struct') {
      if (canBeNull) this.#nullableStruct(facts, x, what);
      else {
        this.#line(`if (${x} === null) w.mustNotBeNull('${what}');`);
        this.#struct(fieldsOf(facts), x, what);
      }
      return;
    }
    const isCompact = isFlexible && !facts.isNeverCompact;
    if (facts.kind === 'array') {
      this.#array(facts, x, what);
      return;
    }
    this.#flush();
    const isString = facts.kind === 'string';
    const nullLength = isCompact ? 'w.uvarint(0)' : isString ? 'w.int16(-1)' : 'w.int32(-1)';
    const length = facts.kind === 'records' ? `recordsSize(${x})` : `${x}.length`;
    const content = isString
      ? `w.${isCompact ? 'compactString' : 'string'}(${x})`
      : `{ ${isCompact ? `w.uvarint(${length} + 1)` : `w.int32(${length})`}; w.${facts.kind === 'records' ? 'records' : 'raw'}(${x}); }`;
    this.#onWriter(`if (${x} === null) ${canBeNull ? nullLength : `w.mustNotBeNull('${what}')`};`, `else ${content}`);
  }

  #nullableStruct(facts: FieldFacts, x: string, what: string): void {
    this.#flush(1);
    this.#line(`if (${x} === null) b[p++] = 255;`);
    this.#line('else {');
    this.#line('b[p++] = 1;');
    this.#struct(fieldsOf(facts), x, what);
    this.#flush();
    this.#line('}');
  }

  #array(facts: FieldFacts, x: string, what: string): void {
    const { version, isFlexible, isExact } = this.#options;
    const element = elementOf(facts);
    const index = this.#name('i');
    const count = this.#name('count');
    this.#flush(5);
    if (isNullable(facts, version)) {
      this.#line(
        `if (${x} === null) { ${isFlexible ? 'b[p++] = 0;' : 'b[p] = b[p + 1] = b[p + 2] = b[p + 3] = 255; p += 4;'} }`,
      );
      this.#line('else {');
    } else {
      this.#line(`if (${x} === null) w.mustNotBeNull('${what}');`);
      this.#line('{');
    }
    this.#line(`const ${count} = ${x}.length;`);
    if (isFlexible) this.#line(`p = putUvarint(b, p, ${count} + 1);`);
    else this.#line(`${fixedWrite('int32', count, 0)} p += 4;`);
    const size = constantSize(element, version, isFlexible);
    const wasChecked = this.#isChecked;
    if (size !== undefined && !(isExact && element.kind === 'struct')) {
      this.#room(`${count} * ${size}`);
      this.#isChecked = true;
    }
    this.#line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
    const value = this.#name('element');
    this.#line(`const ${value} = ${x}[${index}];`);
    if (element.kind === 'struct') this.#struct(fieldsOf(element), value, what);
    else this.#field(element, value, what);
    this.#flush();
    this.#isChecked = wasChecked;
    this.#line('}');
    this.#line('}');
  }

  /** The tagged section: in the order of the numbers, whatever order the schema lists them in. */
  #tags(tagged: TaggedField[], value: string): void {
    const { isExact } = this.#options;
    tagged.sort((a, b) => (a.facts.tag as number) - (b.facts.tag as number));
    if (tagged.length === 0 && !isExact) {
      this.#queue('0', 'int8');
      return;
    }
    const counts = tagged.map((field) => `(${field.isSet} ? 1 : 0)`);
    const unknown = isExact ? this.#name('unknown') : undefined;
    const index = isExact ? this.#name('next') : undefined;
    if (unknown !== undefined) {
      this.#line(`const ${unknown} = unknownTagsOf(${value}) ?? NOTHING;`);
      this.#line(`let ${index} = 0;`);
      counts.push(`${unknown}.length`);
    }
    this.#flush(5);
    this.#line(`p = putUvarint(b, p, ${counts.join(' + ')});`);
    let previous = -1;
    for (const field of tagged) {
      const tag = field.facts.tag as number;
      if (unknown !== undefined) {
        this.#onWriter(`${index} = w.unknownTags(${unknown}, ${index}, ${previous}, ${tag});`);
      }
      previous = tag;
      this.#line(`if (${field.isSet}) {`);
      this.#taggedValue(field);
      this.#line('}');
    }
    if (unknown !== undefined) this.#onWriter(`w.lastUnknownTags(${unknown}, ${index}, ${previous});`);
  }

  #taggedValue({ facts, value, what }: TaggedField): void {
    const { version, isFlexible, isExact } = this.#options;
    const tag = facts.tag as number;
    const canBeNull = isNullable(facts, version);
    const size = constantSize(facts, version, isFlexible);
    if (size !== undefined && size < 128 && tag < 128 && !canBeNull && !(isExact && facts.kind === 'struct')) {
      this.#queue(`${tag}`, 'int8');
      this.#queue(`${size}`, 'int8');
      this.#field(facts, value, what);
      this.#flush();
      return;
    }
    this.#onWriter(`w.beginTag(${tag});`);
    if (facts.kind === 'struct' && canBeNull) {
      // The one nullable struct that is tagged has a varint in front, not a byte.
      this.#line(`if (${value} === null) {`);
      this.#onWriter('w.uvarint(0);');
      this.#line('} else {');
      this.#onWriter('w.uvarint(1);');
      this.#struct(fieldsOf(facts), value, what);
      this.#flush();
      this.#line('}');
    } else {
      this.#field(facts, value, what);
      this.#flush();
    }
    this.#onWriter('w.endTag();');
  }

  /** An expression that is true when `x`, which is not undefined, is not the default of the field. */
  #differs(facts: FieldFacts, x: string): string {
    if (facts.defaultValue === null) return `${x} !== null`;
    switch (facts.kind) {
      case 'array':
      case 'bytes':
        return `${x} === null || ${x}.length !== 0`;
      case 'records':
        return `${x} === null || recordsSize(${x}) !== 0`;
      case 'struct': {
        const parts = [`${x} === null`];
        for (const [name, { facts: field }] of Object.entries(fieldsOf(facts))) {
          const part = `${x}.${name}`;
          parts.push(`${part} !== undefined && (${this.#differs(field, part)})`);
        }
        if (this.#options.isExact) parts.push(`unknownTagsOf(${x}) !== undefined`);
        return parts.join(' || ');
      }
      case 'int64': {
        // Loose: a number and a bigint of the same value are equal. Read as a number, 2^63−1 was clamped.
        const value = scalarDefault(facts);
        if (typeof value !== 'bigint') return `${x} != ${value}`;
        if (this.#options.isExact || facts.isExact) return `${x} != ${value}n`;
        return `${x} != ${value}n && ${x} !== Number.MAX_SAFE_INTEGER`;
      }
      default:
        return `${x} !== ${JSON.stringify(scalarDefault(facts))}`;
    }
  }

  /** The expression of a field's default; structs without any field stand for fresh ones. */
  #defaultOf(facts: FieldFacts): string {
    if (facts.defaultValue === null) return 'null';
    switch (facts.kind) {
      case 'array':
      case 'bytes':
      case 'records':
        return 'NOTHING';
      case 'struct':
        return 'NO_STRUCT';
      default: {
        const value = scalarDefault(facts);
        if (value === false) return '0';
        return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
      }
    }
  }
}
