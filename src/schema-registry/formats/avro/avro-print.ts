// The text that Apache Avro 1.12 prints for a schema (Schema.toString), which is what decides about a schema's id: a record
// has type, name, namespace, doc, fields, properties, aliases; a namespace that is inherited is left out; a named type is
// written where it first stands, and by its name from then on.
import { printJson, printString } from '../json-text/index.ts';
import type { AvroField, AvroNamed, AvroRecord, AvroType, Properties } from './avro-type.ts';

/** `known`: full names of types that stand elsewhere, written by their names from the start. */
export function printAvro(type: AvroType, known: ReadonlySet<string> = new Set()): string {
  const printer = new Printer(new Set(known));
  printer.type(type, undefined);
  return printer.parts.join('');
}

class Printer {
  readonly parts: string[] = [];
  private readonly known: Set<string>;

  constructor(known: Set<string>) {
    this.known = known;
  }

  type(type: AvroType, space: string | undefined): void {
    switch (type.kind) {
      case 'record':
      case 'enum':
      case 'fixed':
        return this.named(type, space);
      case 'array':
      case 'map':
        this.parts.push(`{"type":"${type.kind}","${type.kind === 'array' ? 'items' : 'values'}":`);
        this.type(type.kind === 'array' ? type.items : type.values, space);
        this.properties(type.properties);
        this.parts.push('}');
        return;
      case 'union':
        this.list(type.branches, (branch) => this.type(branch, space));
        return;
      case 'open name':
        this.parts.push(printString(type.fullName));
        return;
      default:
        if (type.properties.size === 0) this.parts.push(`"${type.kind}"`);
        else {
          this.parts.push(`{"type":"${type.kind}"`);
          this.properties(type.properties);
          this.parts.push('}');
        }
    }
  }

  private named(type: AvroNamed, space: string | undefined): void {
    const { name } = type;
    if (this.known.has(name.full)) {
      this.parts.push(printString(name.within(space)));
      return;
    }
    this.known.add(name.full);
    const word = type.kind === 'record' && type.isError ? 'error' : type.kind;
    this.parts.push(`{"type":"${word}","name":${printString(name.name)}`);
    if (name.space !== space) this.parts.push(`,"namespace":${printString(name.space ?? '')}`);
    if (type.doc !== undefined) this.parts.push(`,"doc":${printString(type.doc)}`);
    if (type.kind === 'fixed') this.parts.push(`,"size":${type.size}`);
    else if (type.kind === 'record') this.fields(type);
    else {
      this.parts.push(',"symbols":');
      this.list(type.symbols, (symbol) => this.parts.push(printString(symbol)));
      if (type.default !== undefined) this.parts.push(`,"default":${printString(type.default)}`);
    }
    this.properties(type.properties);
    this.aliases(type.aliases.map((alias) => alias.within(name.space)));
    this.parts.push('}');
  }

  private fields(record: AvroRecord): void {
    this.parts.push(',"fields":');
    this.list(record.fields, (field) => this.field(field, record.name.space));
  }

  private field(field: AvroField, space: string | undefined): void {
    this.parts.push(`{"name":${printString(field.name)},"type":`);
    this.type(field.type, space);
    if (field.doc !== undefined) this.parts.push(`,"doc":${printString(field.doc)}`);
    if (field.default !== undefined) this.parts.push(`,"default":${printJson(field.default)}`);
    if (field.order !== 'ascending') this.parts.push(`,"order":"${field.order}"`);
    this.aliases(field.aliases);
    this.properties(field.properties);
    this.parts.push('}');
  }

  private aliases(aliases: readonly string[]): void {
    if (aliases.length === 0) return;
    this.parts.push(',"aliases":');
    this.list(aliases, (alias) => this.parts.push(printString(alias)));
  }

  private properties(properties: Properties): void {
    for (const [key, value] of properties) this.parts.push(`,${printString(key)}:${printJson(value)}`);
  }

  private list<T>(items: readonly T[], print: (item: T) => void): void {
    this.parts.push('[');
    items.forEach((item, at) => {
      if (at > 0) this.parts.push(',');
      print(item);
    });
    this.parts.push(']');
  }
}
