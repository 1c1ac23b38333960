// Random pairs of Avro schemas: one, and what became of it after a few changes. Same seed, same pairs. Some are wrong on purpose.

/** Numbers from 0 to below 1 that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Type = Json;

/** A number that is printed as it stands here. */
const raw = (text: string): string => `\u0001${text}\u0001`;
const RAW = /"\\u0001([^"\\]*)\\u0001"/g;

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];
const NAMES = ['A', 'B', 'C', 'a.D', 'a.b.E', 'int', 'x-y', 'record'];
const SPACES = ['a', 'a.b', '', 'c', 'b..c'];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '1.0',
  '1e3',
  '1E-7',
  '12345678.5',
  '2147483648',
  '9007199254740993',
  '0.001',
  '1e400',
];
const LOGICAL = ['date', 'decimal', 'uuid', 'timestamp-millis', 'time-micros', 'duration', 'unknown'];

class Generator {
  private readonly random: () => number;
  private defined: string[] = [];

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  pair(): [string, string] {
    this.defined = [];
    const one = this.type(3);
    let other = structuredClone(one);
    for (let changes = 1 + this.below(3); changes > 0; changes--) other = this.changed(other);
    const texts: [string, string] = [print(one), print(other)];
    return this.chance(0.5) ? texts : [texts[1], texts[0]];
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
  private chance(share: number): boolean {
    return this.random() < share;
  }
  private one<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  private type(depth: number): Type {
    const choice = this.random();
    if (depth === 0 || choice < 0.2) return this.primitive();
    if (choice < 0.3) return { type: 'array', items: this.type(depth - 1), ...this.extras() };
    if (choice < 0.38) return { type: 'map', values: this.type(depth - 1), ...this.extras() };
    if (choice < 0.55) return this.union(depth);
    if (choice < 0.65) return this.enumeration();
    if (choice < 0.72) return { type: 'fixed', ...this.named(), size: this.one([1, 12, 16, 20]), ...this.extras() };
    if (choice < 0.78 && this.defined.length > 0) return this.one(this.defined);
    return this.record(depth);
  }

  private primitive(): Type {
    const type = this.one(PRIMITIVES);
    return this.chance(0.2) ? { type, ...this.extras() } : type;
  }

  private union(depth: number): Type {
    const branches: Type[] = this.chance(0.6) ? ['null'] : [];
    for (let count = 1 + this.below(3); count > 0; count--) {
      const branch = this.type(depth - 1);
      if (!Array.isArray(branch) || this.chance(0.05)) branches.push(branch);
    }
    return branches.filter((branch, at) => branches.findIndex((other) => print(other) === print(branch)) === at);
  }

  private enumeration(): Type {
    const symbols = ['S', 'T', 'U', 'V'].slice(0, 1 + this.below(4));
    return {
      type: 'enum',
      ...this.named(),
      symbols,
      ...(this.chance(0.4) && { default: this.one(['S', 'V']) }),
      ...this.extras(),
    };
  }

  private record(depth: number): Type {
    const head = this.named();
    const fields: Json[] = [];
    for (let count = this.below(4); count > 0; count--) fields.push(this.field(depth, `f${fields.length}`));
    return { type: this.chance(0.05) ? 'error' : 'record', ...head, fields, ...this.extras() };
  }

  private field(depth: number, name: string): Json {
    const type = this.chance(0.12) && this.defined.length > 0 ? ['null', this.one(this.defined)] : this.type(depth - 1);
    return {
      name: this.chance(0.02) ? 'f-' : name,
      type,
      ...(this.chance(0.5) && { default: this.value(type) }),
      ...(this.chance(0.15) && { aliases: [this.one(['f0', 'f1', 'g'])] }),
      ...(this.chance(0.1) && { order: this.one(['ascending', 'descending', 'ignore', 'Ignore']) }),
      ...(this.chance(0.1) && { doc: this.one(['d', 'é "q"', '']) }),
      ...this.extras(),
    };
  }

  /** One that fits, most of the time. */
  private value(type: Type): Json {
    if (this.chance(0.06)) return this.one([null, 'x', raw('1'), [], {}, true]);
    if (Array.isArray(type))
      return type.length === 0 ? null : this.value(this.chance(0.7) ? (type[0] as Type) : this.one(type));
    const kind = typeof type === 'object' && type !== null ? type['type'] : type;
    switch (kind) {
      case 'null':
        return null;
      case 'boolean':
        return true;
      case 'int':
      case 'long':
        return raw(this.one(['0', '1', '-5', '2147483648', '9007199254740993']));
      case 'float':
      case 'double':
        return this.chance(0.1) ? this.one(['NaN', '1.5', 'x']) : raw(this.one(NUMBERS));
      case 'array':
        return this.chance(0.5) ? [] : [this.value((type as { items: Json }).items)];
      case 'map':
        return this.chance(0.5) ? {} : { k: this.value((type as { values: Json }).values) };
      case 'record':
        return Object.fromEntries(fieldsOf(type).map((field) => [field.name, this.value(field.type)]));
      default:
        return this.one(['S', 'ÿ', '']);
    }
  }

  private named(): { [key: string]: Json } {
    const name = this.chance(0.9) ? `${this.one(['', '', 'a.', 'a.b.'])}N${this.below(9)}` : this.one(NAMES);
    this.defined.push(name);
    return {
      name,
      ...(this.chance(0.3) && { namespace: this.one(SPACES) }),
      ...(this.chance(0.25) && { aliases: [`N${this.below(9)}`, ...(this.chance(0.3) ? ['z.N1'] : [])] }),
      ...(this.chance(0.15) && { doc: 'doc' }),
    };
  }

  private extras(): { [key: string]: Json } {
    return {
      ...(this.chance(0.2) && {
        logicalType: this.one(LOGICAL),
        ...(this.chance(0.5) && { precision: raw('4'), scale: raw(this.one(['2', '9'])) }),
      }),
      ...(this.chance(0.08) && {
        custom: this.one<Json>([raw(this.one(NUMBERS)), { b: raw('1'), a: [null, 'x'] }, '\u0007/']),
      }),
    };
  }

  /** Something somewhere in it is another. */
  private changed(type: Type): Type {
    if (this.chance(0.15)) return this.type(1);
    if (Array.isArray(type)) {
      const at = this.below(type.length + 1);
      if (at === type.length || this.chance(0.3))
        return this.chance(0.5) ? [...type, this.primitive()] : type.slice(0, -1);
      return type.map((branch, index) => (index === at ? this.changed(branch) : branch));
    }
    if (typeof type !== 'object' || type === null) return this.chance(0.5) ? this.one(PRIMITIVES) : ['null', type];
    const kind = type['type'];
    if (kind === 'array') return { ...type, items: this.changed(type['items'] as Type) };
    if (kind === 'map') return { ...type, values: this.changed(type['values'] as Type) };
    if (kind === 'fixed' && this.chance(0.5)) return { ...type, size: 7 };
    if (kind === 'enum' && this.chance(0.7))
      return { ...type, symbols: this.one([['S'], ['S', 'W', 'V'], ['S', 'T', 'U', 'V']]) };
    if ((kind === 'record' || kind === 'error') && this.chance(0.8))
      return { ...type, fields: this.changedFields(type['fields'] as Json[]) };
    return { ...type, ...this.named() };
  }

  private changedFields(fields: Json[]): Json[] {
    const at = this.below(fields.length + 1);
    if (at === fields.length) return [...fields, this.field(1, `g${fields.length}`)];
    const field = fields[at] as { [key: string]: Json };
    const choice = this.random();
    if (choice < 0.2) return fields.filter((_, index) => index !== at);
    const { default: _, ...without } = field;
    const changed: Json =
      choice < 0.4
        ? { ...field, name: 'h', aliases: [field['name'] ?? 'f0'] }
        : choice < 0.5
          ? without
          : { ...field, type: this.changed(field['type'] as Type) };
    return fields.map((one, index) => (index === at ? changed : one));
  }
}

/** None of what is only a name. */
function fieldsOf(type: Type): readonly { readonly name: string; readonly type: Json }[] {
  return (type as { fields?: { name: string; type: Json }[] }).fields ?? [];
}

const print = (json: Json): string => JSON.stringify(json).replace(RAW, '$1');

/** Texts without tabs and line breaks. */
export function randomAvroPairs(seed: number, count: number): [string, string][] {
  const generator = new Generator(seed);
  return Array.from({ length: count }, () => generator.pair());
}
