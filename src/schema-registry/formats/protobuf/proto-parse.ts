// From the text of a .proto file to what it says: proto2, proto3 and editions. Which numbers and names are allowed together
// is looked at elsewhere (proto-rules.ts): a registry must always read again what it took before.
import { SCHEMA_LIMITS } from '../schema-format.ts';
import {
  type Label,
  MAX_FIELD_NUMBER,
  type ProtoConstant,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoGroup,
  type ProtoMessage,
  type ProtoMethod,
  type ProtoOneof,
  type ProtoOption,
  type ProtoRanges,
  type ProtoService,
} from './proto-file.ts';
import { parseBracketOptions, parseOptionStatement } from './proto-option-parse.ts';
import { Tokens } from './proto-tokens.ts';

const LABELS: ReadonlySet<string> = new Set<Label>(['optional', 'required', 'repeated']);

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

/** Throws InvalidSchemaError. */
export function parseProto(text: string): ProtoFile {
  return new Parser(text).file();
}

class Parser {
  private readonly tokens: Tokens;

  constructor(text: string) {
    this.tokens = new Tokens(text);
  }

  file(): ProtoFile {
    const file: Writable<ProtoFile> = {
      syntax: undefined,
      isEdition: false,
      packageName: undefined,
      imports: [],
      publicImports: [],
      weakImports: [],
      options: [],
      types: [],
      extends: [],
      services: [],
    };
    while (this.tokens.peek().kind !== 'end') if (!this.tokens.take(';')) this.declaration(file);
    return file;
  }

  private declaration(file: Writable<ProtoFile>): void {
    const { tokens } = this;
    const word = tokens.word('a declaration');
    switch (word) {
      case 'syntax':
      case 'edition':
        tokens.expect('=');
        file.isEdition = word === 'edition';
        file.syntax = tokens.string(`a ${word}`);
        if (word === 'syntax' && !/^proto[23]$/.test(file.syntax))
          throw tokens.wrong(`unknown syntax '${file.syntax}'`);
        return tokens.expect(';');
      case 'package':
        file.packageName = tokens.word('a package');
        return tokens.expect(';');
      case 'import':
        return this.imported(file);
      case 'option':
        file.options.push(parseOptionStatement(tokens));
        return;
      case 'message':
        file.types.push(this.message(0));
        return;
      case 'enum':
        file.types.push(this.enumeration());
        return;
      case 'extend':
        file.extends.push(this.extension());
        return;
      case 'service':
        file.services.push(this.service());
        return;
      default:
        throw tokens.wrong(`unexpected '${word}'`);
    }
  }

  private imported(file: Writable<ProtoFile>): void {
    const list = this.tokens.takeWord('public')
      ? file.publicImports
      : this.tokens.takeWord('weak')
        ? file.weakImports
        : file.imports;
    list.push(this.tokens.string('the path of an import'));
    this.tokens.expect(';');
  }

  private message(depth: number): ProtoMessage {
    return this.messageBody(this.tokens.identifier('the name of a message'), depth);
  }

  private messageBody(name: string, depth: number): ProtoMessage {
    const { tokens } = this;
    if (depth > SCHEMA_LIMITS.depth) throw tokens.wrong(`more than ${SCHEMA_LIMITS.depth} messages inside one another`);
    const message: Writable<ProtoMessage> = {
      kind: 'message',
      name,
      options: [],
      reserved: [],
      fields: [],
      oneofs: [],
      groups: [],
      extensions: [],
      extends: [],
      types: [],
    };
    tokens.expect('{');
    while (!tokens.take('}')) if (!tokens.take(';')) this.member(message, depth);
    return message;
  }

  private member(message: Writable<ProtoMessage>, depth: number): void {
    const { tokens } = this;
    const word = tokens.word('a field or a type');
    if (word === 'message') message.types.push(this.message(depth + 1));
    else if (word === 'enum') message.types.push(this.enumeration());
    else if (word === 'option') message.options.push(parseOptionStatement(tokens));
    else if (word === 'oneof') message.oneofs.push(this.oneof());
    else if (word === 'extend') message.extends.push(this.extension());
    else if (word === 'reserved') message.reserved.push(this.ranges(MAX_FIELD_NUMBER));
    else if (word === 'extensions') message.extensions.push(this.ranges(MAX_FIELD_NUMBER));
    else this.fieldOrGroup(word, message.fields, message.groups);
  }

  private fieldOrGroup(word: string, fields: ProtoField[], groups: ProtoGroup[]): void {
    const label = LABELS.has(word) ? (word as Label) : undefined;
    const type = label === undefined ? word : this.tokens.word('a type');
    if (type === 'group') groups.push(this.group(label));
    else fields.push(this.field(label, type));
  }

  /** Inside groups and extensions: a group there is more than any registry reads. */
  private fieldOnly(): ProtoField {
    const word = this.tokens.word('a field');
    const label = LABELS.has(word) ? (word as Label) : undefined;
    const type = label === undefined ? word : this.tokens.word('a type');
    if (type === 'group') throw this.tokens.wrong('a group cannot stand here');
    return this.field(label, type);
  }

  private field(label: Label | undefined, word: string): ProtoField {
    const { tokens } = this;
    const type = this.type(word);
    const name = tokens.identifier('the name of a field');
    tokens.expect('=');
    const number = tokens.integer('the number of a field');
    const options = parseBracketOptions(tokens);
    tokens.expect(';');
    return { label, type, name, number, options };
  }

  private type(word: string): string {
    if (!/^\.?[A-Za-z_]/.test(word)) throw this.tokens.wrong(`expected a type, not '${word}'`);
    if (word !== 'map' || !this.tokens.take('<')) return word;
    const key = this.tokens.word('the type of a key');
    this.tokens.expect(',');
    const value = this.tokens.word('the type of a value');
    this.tokens.expect('>');
    return `map<${key}, ${value}>`;
  }

  private group(label: Label | undefined): ProtoGroup {
    const { tokens } = this;
    const name = tokens.identifier('the name of a group');
    tokens.expect('=');
    const number = tokens.integer('the number of a group');
    parseBracketOptions(tokens);
    tokens.expect('{');
    const fields: ProtoField[] = [];
    while (!tokens.take('}')) if (!tokens.take(';')) fields.push(this.fieldOnly());
    return { label, name, number, fields };
  }

  private oneof(): ProtoOneof {
    const { tokens } = this;
    const oneof: Writable<ProtoOneof> = {
      name: tokens.identifier('the name of a oneof'),
      options: [],
      fields: [],
      groups: [],
    };
    tokens.expect('{');
    while (!tokens.take('}')) {
      if (tokens.take(';')) continue;
      const word = tokens.word('a field');
      if (word === 'option') oneof.options.push(parseOptionStatement(tokens));
      else if (LABELS.has(word)) throw tokens.wrong('a field of a oneof has no label');
      else this.fieldOrGroup(word, oneof.fields, oneof.groups);
    }
    return oneof;
  }

  private extension(): ProtoExtend {
    const { tokens } = this;
    const name = tokens.word('the name of a message');
    tokens.expect('{');
    const fields: ProtoField[] = [];
    while (!tokens.take('}')) if (!tokens.take(';')) fields.push(this.fieldOnly());
    return { name, fields };
  }

  /** `reserved 2, 4 to 6, "name";` and `extensions 100 to max [options];` */
  private ranges(max: number): ProtoRanges {
    const { tokens } = this;
    const values: (string | number | { from: number; to: number })[] = [];
    do {
      const token = tokens.peek();
      if (token.kind === 'text') values.push(tokens.string('a name'));
      else if (token.kind === 'word' && /^[A-Za-z_]/.test(token.word)) values.push(tokens.identifier('a name'));
      else values.push(this.range(max));
    } while (tokens.take(','));
    const options = parseBracketOptions(tokens);
    tokens.expect(';');
    return { values, options };
  }

  private range(max: number): number | { from: number; to: number } {
    const from = this.tokens.integer('a number');
    if (!this.tokens.takeWord('to')) return from;
    return { from, to: this.tokens.takeWord('max') ? max : this.tokens.integer('a number') };
  }

  private enumeration(): ProtoEnum {
    const { tokens } = this;
    const type: Writable<ProtoEnum> = {
      kind: 'enum',
      name: tokens.identifier('the name of an enum'),
      options: [],
      reserved: [],
      constants: [],
    };
    tokens.expect('{');
    while (!tokens.take('}')) {
      if (tokens.take(';')) continue;
      const word = tokens.identifier('a constant');
      if (word === 'option' && !tokens.peeksSign('=')) type.options.push(parseOptionStatement(tokens));
      else if (word === 'reserved' && !tokens.peeksSign('=')) type.reserved.push(this.ranges(2 ** 31 - 1));
      else type.constants.push(this.constant(word));
    }
    return type;
  }

  private constant(name: string): ProtoConstant {
    this.tokens.expect('=');
    const number = this.tokens.integer('the number of a constant');
    const options = parseBracketOptions(this.tokens);
    this.tokens.expect(';');
    return { name, number, options };
  }

  private service(): ProtoService {
    const { tokens } = this;
    const name = tokens.identifier('the name of a service');
    const options: ProtoOption[] = [];
    const methods: ProtoMethod[] = [];
    tokens.expect('{');
    while (!tokens.take('}')) {
      if (tokens.take(';')) continue;
      if (tokens.takeWord('option')) options.push(parseOptionStatement(tokens));
      else if (tokens.takeWord('rpc')) methods.push(this.method());
      else throw tokens.wrong("expected 'rpc' or 'option'");
    }
    return { name, options, methods };
  }

  private method(): ProtoMethod {
    const { tokens } = this;
    const name = tokens.identifier('the name of a method');
    const request = this.streamed();
    if (!tokens.takeWord('returns')) throw tokens.wrong("expected 'returns'");
    const response = this.streamed();
    const options: ProtoOption[] = [];
    if (tokens.take('{')) {
      while (!tokens.take('}')) {
        if (tokens.take(';')) continue;
        if (!tokens.takeWord('option')) throw tokens.wrong("expected 'option'");
        options.push(parseOptionStatement(tokens));
      }
    } else tokens.expect(';');
    return {
      name,
      requestType: request.type,
      requestStreams: request.streams,
      responseType: response.type,
      responseStreams: response.streams,
      options,
    };
  }

  private streamed(): { type: string; streams: boolean } {
    this.tokens.expect('(');
    const first = this.tokens.word('a type');
    const streams = first === 'stream' && !this.tokens.peeksSign(')');
    const type = streams ? this.tokens.word('a type') : first;
    this.tokens.expect(')');
    return { type, streams };
  }
}
