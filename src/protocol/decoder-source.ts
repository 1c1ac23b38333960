// Writes the JavaScript that decodes one message in one version: straight-line code on locals `b` (bytes), `p`
// (position) and `e` (end), one bounds check for each run of values of fixed size, object literals that list all fields
// of the schema so that every version makes the same hidden class. compile.ts turns the text into a function.
import {
  constantSize,
  elementOf,
  fieldsOf,
  fixedSize,
  isNullable,
  isPresent,
  isTagged,
  lengthSize,
  minimumSize,
  scalarDefault,
} from './layout.ts';
import { MAX_STRING_SIZE } from './limits.ts';
import type { FieldFacts, Fields, MessageSchema } from './schema.ts';

/** What the generated code finds in scope, besides its argument `r`, the Reader. */
export const DECODER_SCOPE = [
  'int64',
  'exactInt64',
  'float64',
  'uuid',
  'utf8',
  'copy',
  'keepUnknownTags',
  'NO_BYTES',
  'NO_RECORDS',
] as const;

export interface DecoderOptions {
  readonly version: number;
  readonly isFlexible: boolean;
  /** Keep unknown tagged fields and int64 beyond 2^53. */
  readonly isExact: boolean;
}

export function decoderSource(schema: MessageSchema, options: DecoderOptions): string {
  return new DecoderSource(options).message(schema);
}

/** The value of kind `kind` at byte `p + offset`. */
function fixedRead(kind: FieldFacts['kind'], offset: number, isExact = false): string {
  const byte = (i: number) => `b[p + ${offset + i}]`;
  switch (kind) {
    case 'bool':
      return `${byte(0)} !== 0`;
    case 'int8':
      return `${byte(0)} << 24 >> 24`;
    case 'int16':
      return `(${byte(0)} << 24 | ${byte(1)} << 16) >> 16`;
    case 'uint16':
      return `${byte(0)} << 8 | ${byte(1)}`;
    case 'int32':
      return `${byte(0)} << 24 | ${byte(1)} << 16 | ${byte(2)} << 8 | ${byte(3)}`;
    case 'uint32':
      return `(${byte(0)} << 24 | ${byte(1)} << 16 | ${byte(2)} << 8 | ${byte(3)}) >>> 0`;
    case 'int64':
      return `${isExact ? 'exactInt64' : 'int64'}(b, p + ${offset})`;
    case 'float64':
    case 'uuid':
      return `${kind}(b, p + ${offset})`;
    default:
      throw new TypeError(`${kind} has no fixed size`);
  }
}

class DecoderSource {
  readonly #options: DecoderOptions;
  readonly #lines: string[] = [];
  #names = 0;
  /** Values of fixed size that wait to be read after one bounds check. */
  #run: { name: string; facts: FieldFacts }[] = [];
  #runSize = 0;
  /** Within an array of elements of constant size: the check of the count covers all of it. */
  #isChecked = false;

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  message(schema: MessageSchema): string {
    this.#line('const b = r.bytes, e = r.end;');
    this.#line('let p = r.position, n = 0;');
    const value = this.#struct(schema.fields, schema.name);
    this.#line('r.position = p;');
    this.#line(`return ${value};`);
    return this.#lines.join('\n');
  }

  #line(text: string): void {
    this.#lines.push(text);
  }
  /** A name for a local; the number keeps it apart from others and from keywords. */
  #name(hint: string): string {
    this.#names += 1;
    return `${hint}${this.#names}`;
  }

  #queue(name: string, facts: FieldFacts): void {
    this.#run.push({ name, facts });
    this.#runSize += fixedSize(facts.kind) as number;
  }
  /** Reads the queued values; `extra` bytes behind them are checked as well, and their offset returned. */
  #flush(what: string, extra = 0): void {
    const size = this.#runSize + extra;
    if (size > 0 && !this.#isChecked) this.#line(`if (e - p < ${size}) r.underflow(p, ${size}, '${what}');`);
    let offset = 0;
    for (const { name, facts } of this.#run) {
      this.#line(`const ${name} = ${fixedRead(facts.kind, offset, facts.isExact)};`);
      offset += fixedSize(facts.kind) as number;
    }
    if (offset > 0) this.#line(`p += ${offset};`);
    this.#run = [];
    this.#runSize = 0;
  }

  /** The expression of a struct whose fields have just been read into locals. */
  #struct(fields: Fields, what: string): string {
    const { version, isFlexible, isExact } = this.#options;
    const members: string[] = [];
    const tagged: { facts: FieldFacts; local: string; what: string }[] = [];
    for (const [name, { facts }] of Object.entries(fields)) {
      if (!isPresent(facts, version)) {
        members.push(`${name}: ${this.#defaultOf(facts)}`);
        continue;
      }
      const local = this.#name(name);
      members.push(`${name}: ${local}`);
      if (isTagged(facts, version)) tagged.push({ facts, local, what: `${what}.${name}` });
      else this.#field(facts, local, `${what}.${name}`);
    }
    const unknown = isExact && isFlexible ? this.#name('unknown') : undefined;
    if (isFlexible) this.#tags(fields, tagged, unknown, what);
    else this.#flush(what);
    const literal = `{ ${members.join(', ')} }`;
    return unknown === undefined ? literal : `keepUnknownTags(${literal}, ${unknown})`;
  }

  /** Declares `local` and reads the field into it; values of fixed size may be read later, before the next flush. */
  #field(facts: FieldFacts, local: string, what: string): void {
    const { version, isFlexible } = this.#options;
    if (fixedSize(facts.kind) !== undefined) {
      this.#queue(local, facts);
      return;
    }
    if (facts.kind === 'struct') {
      this.#structField(facts, local, what);
      return;
    }
    const isCompact = isFlexible && !facts.isNeverCompact;
    this.#length(facts.kind, isCompact, what);
    this.#line(`let ${local};`);
    const otherwise = isNullable(facts, version) ? `${local} = null;` : `r.unexpectedNull('${what}');`;
    this.#line(`if (n < 0) ${otherwise}`);
    this.#line('else {');
    if (facts.kind === 'array') this.#array(facts, local, what);
    else {
      this.#line(`if (n > e - p) r.underflow(p, n, '${what}');`);
      // An int16 cannot say more; a varint can.
      if (facts.kind === 'string' && isCompact)
        this.#line(`if (n > ${MAX_STRING_SIZE}) r.stringTooLong(n, '${what}');`);
      this.#line(`${local} = ${this.#slice(facts.kind)};`);
      this.#line('p += n;');
    }
    this.#line('}');
  }

  #slice(kind: FieldFacts['kind']): string {
    switch (kind) {
      case 'string':
        return 'utf8(b, p, n)';
      case 'bytes':
        return 'copy(b, p, n)';
      default:
        return 'b.subarray(p, p + n)';
    }
  }

  /** Reads a length into `n`: negative for null. */
  #length(kind: FieldFacts['kind'], isCompact: boolean, what: string): void {
    const size = lengthSize(kind, isCompact);
    this.#flush(what, size);
    if (isCompact) {
      this.#line('n = b[p];');
      this.#line('if (n < 128) p += 1; else { r.position = p; n = r.uvarint(); p = r.position; }');
      this.#line('n = n - 1 | 0;');
      return;
    }
    this.#line(`n = ${fixedRead(size === 2 ? 'int16' : 'int32', 0)};`);
    this.#line(`p += ${size};`);
  }

  #structField(facts: FieldFacts, local: string, what: string): void {
    if (!isNullable(facts, this.#options.version)) {
      // Its values join the run of the struct around it.
      const value = this.#struct(fieldsOf(facts), what);
      this.#line(`const ${local} = ${value};`);
      return;
    }
    this.#flush(what, 1);
    this.#line(`let ${local} = null;`);
    this.#line('if (b[p++] < 128) {');
    this.#assignStruct(facts, local, what);
    this.#line('}');
  }

  #assignStruct(facts: FieldFacts, target: string, what: string): void {
    const value = this.#struct(fieldsOf(facts), what);
    this.#line(`${target} = ${value};`);
  }

  /** Fills `local` with the `n` elements that follow. */
  #array(facts: FieldFacts, local: string, what: string): void {
    const { version, isFlexible } = this.#options;
    const element = elementOf(facts);
    const count = this.#name('count');
    const index = this.#name('i');
    const minimum = minimumSize(element, version, isFlexible);
    this.#line(`const ${count} = n;`);
    this.#line(
      `if (${count} * ${minimum} > e - p || (r.elementsLeft -= ${count}) < 0) r.tooManyElements(${count}, '${what}');`,
    );
    this.#line(`${local} = new Array(${count});`);
    this.#line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
    const wasChecked = this.#isChecked;
    // A flexible struct may be longer than its minimum: its tagged fields are not known beforehand.
    this.#isChecked =
      constantSize(element, version, isFlexible) !== undefined && !(isFlexible && element.kind === 'struct');
    if (element.kind === 'struct') this.#assignStruct(element, `${local}[${index}]`, what);
    else {
      const value = this.#name('element');
      this.#field(element, value, what);
      this.#flush(what);
      this.#line(`${local}[${index}] = ${value};`);
    }
    this.#isChecked = wasChecked;
    this.#line('}');
  }

  /** The tagged section: known fields by number, whatever their order, unknown ones skipped or kept. */
  #tags(
    fields: Fields,
    tagged: readonly { facts: FieldFacts; local: string; what: string }[],
    unknown: string | undefined,
    what: string,
  ): void {
    for (const { facts, local } of tagged) this.#line(`let ${local} = ${this.#defaultOf(facts)};`);
    if (unknown !== undefined) this.#line(`let ${unknown};`);
    this.#flush(what, 1);
    const { version } = this.#options;
    const others = Object.values(fields).filter((f) => f.facts.tag !== undefined && !isTagged(f.facts, version));
    this.#line('if (b[p] === 0) p += 1;');
    this.#line('else {');
    this.#line('r.position = p;');
    if (tagged.length === 0 && others.length === 0 && unknown === undefined) this.#line('r.skipTags();');
    else
      this.#tagLoop(
        tagged,
        others.map((f) => f.facts.tag as number),
        unknown,
        what,
      );
    this.#line('p = r.position;');
    this.#line('}');
  }

  #tagLoop(
    tagged: readonly { facts: FieldFacts; local: string; what: string }[],
    others: readonly number[],
    unknown: string | undefined,
    what: string,
  ): void {
    this.#line('for (let count = r.uvarint(); count > 0; count--) {');
    this.#line('const tag = r.uvarint(), size = r.uvarint();');
    this.#line('switch (tag) {');
    for (const { facts, local, what: whole } of tagged) {
      this.#line(`case ${facts.tag}: {`);
      this.#line('p = r.position;');
      this.#taggedValue(facts, local, whole);
      this.#line('r.position = p;');
      this.#line('break;');
      this.#line('}');
    }
    for (const tag of others) this.#line(`case ${tag}: r.tagOfAnotherVersion(tag, '${what}');`);
    if (unknown === undefined) this.#line('default: r.skipTag(tag, size);');
    else this.#line(`default: ${unknown} = r.keepTag(${unknown}, tag, size);`);
    this.#line('}');
    this.#line('}');
  }

  #taggedValue(facts: FieldFacts, target: string, what: string): void {
    if (facts.kind === 'struct') {
      if (!isNullable(facts, this.#options.version)) {
        this.#assignStruct(facts, target, what);
        return;
      }
      // The one nullable struct that is tagged has a varint in front, not a byte.
      this.#line('r.position = p; n = r.uvarint(); p = r.position;');
      this.#line(`if (n <= 0) ${target} = null;`);
      this.#line('else {');
      this.#assignStruct(facts, target, what);
      this.#line('}');
      return;
    }
    const value = this.#name('value');
    this.#field(facts, value, what);
    this.#flush(what);
    this.#line(`${target} = ${value};`);
  }

  /** The expression of a field's default. */
  #defaultOf(facts: FieldFacts): string {
    if (facts.defaultValue === null) return 'null';
    switch (facts.kind) {
      case 'array':
        return '[]';
      case 'bytes':
        return 'NO_BYTES';
      case 'records':
        return 'NO_RECORDS';
      case 'struct': {
        const members = Object.entries(fieldsOf(facts)).map(([name, f]) => `${name}: ${this.#defaultOf(f.facts)}`);
        return `{ ${members.join(', ')} }`;
      }
      default: {
        const value = scalarDefault(facts);
        if (typeof value !== 'bigint') return JSON.stringify(value);
        return this.#options.isExact || facts.isExact
          ? `${value}n`
          : value < 0n
            ? 'Number.MIN_SAFE_INTEGER'
            : 'Number.MAX_SAFE_INTEGER';
      }
    }
  }
}
