// Avro as the registry sees it: canonical texts, what is refused, normal forms, verdicts. (avro-verdicts.test.ts holds what
// Apache Avro itself said about two thousand pairs.)
import { expect } from 'chai';
import fc from 'fast-check';
import {
  InvalidSchemaError,
  incompatibilityText,
  schemaFormat,
} from '../../../../src/schema-registry/formats/index.ts';
import type { ParsedSchema, SchemaFormat } from '../../../../src/schema-registry/formats/index.ts';

describe('Avro schemas', () => {
  let avro: SchemaFormat;
  before(async () => {
    avro = (await schemaFormat('AVRO')) as SchemaFormat;
  });
  const parse = (text: string, resolved?: ReadonlyMap<string, string>): ParsedSchema =>
    avro.parse({ text, asNew: true, ...(resolved && { resolved }) });

  it('are re-printed in the order of Apache Avro, without namespaces that are inherited', () => {
    const text = `{"doc":"d","name":"a.B","type":"record", "x": 1, "aliases":["C"], "fields":[
      {"default":null,"type":["null",{"type":"enum","name":"E","namespace":"a","symbols":["S"]}],"name":"e","doc":"f"},
      {"name":"again","type":"a.E"},{"name":"self","type":["null","B"]} ]}`;
    expect(parse(text).canonicalText).equal(
      '{"type":"record","name":"B","namespace":"a","doc":"d","fields":[{"name":"e","type":["null",{"type":"enum","name":"E","symbols":["S"]}],"doc":"f","default":null},{"name":"again","type":"E"},{"name":"self","type":["null","B"]}],"x":1,"aliases":["C"]}',
    );
  });

  it('keep numbers as they were meant: 1.0 is no integer, 2^53 + 1 keeps its digits', () => {
    const text =
      '{"type":"record","name":"R","fields":[{"name":"d","type":"double","default":1.0},{"name":"l","type":"long","default":9007199254740993},{"name":"n","type":"float","default":"NaN"}]}';
    expect(parse(text).canonicalText).equal(text);
  });

  it('write a type of a reference by its name, and in full where it is asked for', () => {
    const resolved = new Map([['a.Id', '{"type":"fixed","name":"Id","namespace":"a","size":2}']]);
    const schema = parse(
      '{"type":"record","name":"R","namespace":"a","fields":[{"name":"id","type":"a.Id"}]}',
      resolved,
    );
    expect(schema.canonicalText).contains('"type":"Id"');
    expect(schema.formatted('resolved')).contains('"type":{"type":"fixed","name":"Id","size":2}');
  });

  const refused: readonly [string, string, RegExp][] = [
    ['no JSON', '{', /not JSON/],
    ['a name that is open', '{"type":"record","name":"R","fields":[{"name":"f","type":"X"}]}', /Undefined schema: X/],
    [
      'a default of another type',
      '{"type":"record","name":"R","fields":[{"name":"f","type":"int","default":"1"}]}',
      /Invalid default for field f/,
    ],
    ['a name with a dash', '{"type":"enum","name":"a-b","symbols":[]}', /Illegal character in: a-b/],
    ['two branches of one type', '["int","int"]', /Duplicate in union: int/],
    ['a union in a union', '[["int"]]', /Nested union/],
    ['a type named like a primitive', '{"type":"fixed","name":"int","size":1}', /may not be named after primitives/],
    [
      'two definitions of one name',
      '[{"type":"fixed","name":"A","size":1},{"type":"record","name":"B","fields":[{"name":"f","type":{"type":"fixed","name":"A","size":2}}]}]',
      /Can't redefine: A/,
    ],
    [
      'an enum default that is no symbol',
      '{"type":"enum","name":"E","symbols":["A"],"default":"B"}',
      /not in the enum symbol set/,
    ],
    ['depth', `${'{"type":"array","items":'.repeat(5000)}"int"${'}'.repeat(5000)}`, /inside one another/],
  ];
  for (const [what, text, message] of refused)
    it(`are refused for ${what}`, () => expect(() => parse(text)).throw(InvalidSchemaError, message));

  it('that were taken long ago are read even with a default that does not fit', () => {
    const text = '{"type":"record","name":"R","fields":[{"name":"f","type":"int","default":"1"}]}';
    expect(avro.parse({ text }).canonicalText).equal(text);
  });

  it('have a normal form that does not know the order of properties, aliases and sloppy numbers', () => {
    const one = parse(
      '{"type":"record","name":"R","aliases":["B","A"],"fields":[{"name":"d","type":"double","default":1,"z":1,"a":{"y":1,"x":2}}]}',
    );
    const other = parse(
      '{"name":"R","type":"record","doc":"","aliases":["A","B"],"fields":[{"a":{"x":2,"y":1},"z":1,"name":"d","type":{"type":"double"},"default":1.0}]}',
    );
    expect(one.canonicalText).not.equal(other.canonicalText);
    expect(one.normalized().canonicalText).equal(other.normalized().canonicalText);
  });

  it('tell why they cannot read, with type, path and words for a program and a person', () => {
    const reader = parse(
      '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]}',
    );
    const writer = parse('{"type":"record","name":"R","fields":[{"name":"a","type":"long"}]}');
    expect(avro.compatibility(reader, writer).map(incompatibilityText)).eql([
      `{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/0/type') of a field in the new schema does not match with the old schema', additionalInfo:'reader type: INT not compatible with writer type: LONG'}`,
      `{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'b'}`,
    ]);
    expect(avro.compatibility(writer, reader, { readerIs: 'old' })).eql([]);
  });

  it('read by alias, by promotion, by an enum default, and through circles', () => {
    const reads = (reader: string, writer: string) => avro.compatibility(parse(reader), parse(writer)).length === 0;
    const list = (name: string, extra = '') =>
      `{"type":"record","name":"${name}"${extra},"fields":[{"name":"next","type":["null","${name}"]}]}`;
    expect(reads(list('A'), list('A'))).equal(true);
    expect(reads(list('A', ',"aliases":["B"]'), list('B'))).equal(true);
    expect(reads(list('A'), list('B'))).equal(false);
    expect(reads('"double"', '["int","long"]')).equal(true);
    expect(reads('"int"', '["int","string"]')).equal(false);
    const symbols = (list: string, extra = '') => `{"type":"enum","name":"E","symbols":${list}${extra}}`;
    expect(reads(symbols('["A"]'), symbols('["A","B"]'))).equal(false);
    expect(reads(symbols('["A"]', ',"default":"A"'), symbols('["A","B"]'))).equal(true);
  });

  it('cannot stall the registry with defaults that ask for one another', () => {
    const types = Array.from({ length: 60 }, (_, at) => {
      const field = (name: string) => `{"name":"${name}","type":"R${at + 1}","default":{}}`;
      return `{"type":"record","name":"R${at}","fields":[${at < 59 ? `${field('a')},${field('b')}` : ''}]}`;
    });
    const start = process.cpuUsage().user;
    parse(`[${types.reverse().join(',')}]`);
    expect(process.cpuUsage().user - start).below(2_000_000);
  });

  it('that refer to one another without end in sight are refused, and end nothing', () => {
    const resolved = new Map(
      Array.from({ length: 20_000 }, (_, at) => {
        const type = at === 0 ? '"int"' : `"R${at - 1}"`;
        return [`R${at}`, `{"type":"record","name":"R${at}","fields":[{"name":"f","type":${type}}]}`] as const;
      }),
    );
    const schema = parse('{"type":"record","name":"Top","fields":[{"name":"f","type":"R19999"}]}', resolved);
    expect(schema.canonicalText).contains('"type":"R19999"');
    expect(() => schema.formatted('resolved')).throw(InvalidSchemaError, /more deeply/);
    expect(() => schema.normalized()).throw(InvalidSchemaError, /more deeply/);
    const same = parse('{"type":"record","name":"Top","fields":[{"name":"f","type":"R19999"}]}', resolved);
    expect(avro.compatibility(same, schema).map(({ type }) => type)).eql(['CHECK_FAILED']);
  });

  it('whatever the text, are schemas or refused', () => {
    const text = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom('{"type":"record","name":"a","fields":null}', '[{}]', 'null', '""'),
    );
    fc.assert(
      fc.property(text, (any) => {
        for (const asNew of [true, false])
          try {
            const { canonicalText } = avro.parse({ text: any, asNew });
            expect(avro.parse({ text: canonicalText, asNew }).canonicalText).equal(canonicalText);
          } catch (error) {
            expect(error).instanceOf(InvalidSchemaError);
          }
      }),
      { numRuns: 500 },
    );
  });

  it('are held against data', async () => {
    const check = await avro.dataCheck(parse('{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}'));
    check(Uint8Array.of(2, 0x61));
    expect(() => check(Uint8Array.of(4, 0x61))).throw('truncated');
  });
});
