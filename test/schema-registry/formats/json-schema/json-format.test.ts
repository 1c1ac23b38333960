// JSON Schema as the registry sees it: texts, references, what is refused, what is compatible under which policy.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  InvalidSchemaError,
  incompatibilityText,
  schemaFormat,
} from '../../../../src/schema-registry/formats/index.ts';
import type { CompatibilityPolicy, ParsedSchema, SchemaFormat } from '../../../../src/schema-registry/formats/index.ts';

type Json = Record<string, unknown> | boolean;

describe('JSON Schemas', () => {
  let format: SchemaFormat;
  before(async () => {
    format = (await schemaFormat('JSON')) as SchemaFormat;
  });
  const parse = (schema: Json | string, resolved?: Record<string, Json>): ParsedSchema =>
    format.parse({
      text: typeof schema === 'string' ? schema : JSON.stringify(schema),
      asNew: true,
      ...(resolved && {
        resolved: new Map(Object.entries(resolved).map(([name, json]) => [name, JSON.stringify(json)])),
      }),
    });
  const reasons = (reader: Json, writer: Json, policy: CompatibilityPolicy = 'STRICT'): string[] =>
    format.compatibility(parse(reader), parse(writer), { policy }).map(({ type, path }) => `${type} ${path}`);

  it('keep the order of their keys and lose their blanks', () => {
    const schema = parse(
      '{ "type": "object",\n "10": 1.50, "2": 1e2, "title": "T \\u00e9 \\u001F", "properties": {"a": true} }',
    );
    expect(schema.canonicalText).equal(
      '{"type":"object","10":1.50,"2":1E+2,"title":"T \u00e9 \\u001F","properties":{"a":true}}',
    );
    expect(schema.name).contains('T');
    expect([...schema.fieldNames]).eql(['a']);
    expect(parse('{"b":{"d":1,"c":2},"a":[{"z":1,"y":2}]}').normalized().canonicalText).equal(
      '{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}',
    );
  });

  it('show fractions with all their digits', () => {
    for (const [written, shown] of [
      ['0.10', '0.10'],
      ['1e2', '1E+2'],
      ['-12.5e1', '-125'],
      ['0.000001', '0.000001'],
      ['0.0000001', '1E-7'],
      ['12e-9', '1.2E-8'],
      ['-0.5', '-0.5'],
      ['-0.0', '0.0'],
      ['12345678901234567890', '12345678901234567890'],
    ] as const)
      expect(parse(`{"default":${written}}`).canonicalText).equal(`{"default":${shown}}`);
  });

  it('of a thousand patterns and properties, or of a thousand branches, are given up on in time', () => {
    const many = <T>(of: (at: number) => T): T[] => Array.from({ length: 1000 }, (_, at) => of(at));
    const patterns = object(
      {},
      { patternProperties: Object.fromEntries(many((at) => [`^(x+x+)+y${at}$`, s])), ...closed },
    );
    const named = object(Object.fromEntries(many((at) => [`${'x'.repeat(30)}${at}`, s])), closed);
    const start = process.cpuUsage().user;
    expect(reasons(named, patterns)).eql(['CHECK_FAILED #/']);
    const branches = (name: string) => ({
      oneOf: many((at) => object({ [`${name}${at}`]: s }, { required: [`${name}${at}`] })),
    });
    expect(reasons(branches('a'), branches('b'))).eql(['CHECK_FAILED #/']);
    expect(process.cpuUsage().user - start).below(15_000_000);
  });

  it('follow references: within, by name, by $id and anchor, through circles; never to the web', () => {
    const tree = {
      $id: 'http://x.y/tree.json',
      type: 'object',
      properties: { left: { $ref: '#' }, leaf: { $ref: 'leaf.json#/$defs/L' } },
    };
    const resolved = { 'leaf.json': { definitions: { L: { type: 'string' } } } };
    expect(reasons(tree.properties.left, { $ref: '#' })).eql(['CHECK_FAILED #/']);
    const other = structuredClone(tree) as { properties: Record<string, Json> };
    other.properties['leaf'] = { type: 'integer' };
    const found = format.compatibility(parse(other), parse(tree, resolved));
    expect(found.map(({ type, path }) => `${type} ${path}`)).include('TYPE_CHANGED #/properties/leaf');
    parse({ $ref: '#named', definitions: { a: { $id: '#named', type: 'string' } } });
    parse({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $ref: '#named',
      $defs: { a: { $anchor: 'named' } },
    });
    parse({ $ref: 'http://json-schema.org/draft-07/schema#' });
    expect(() => parse({ $ref: 'http://169.254.169.254/secret' })).throw(
      InvalidSchemaError,
      /Unsupported external reference/,
    );
  });

  const refused: readonly [string, Json | string, RegExp][] = [
    ['no JSON', '{', /not JSON/],
    ['an array', '[]', /expected an object or boolean/],
    ['a type that is none', { type: 'text' }, /unknown type/],
    ['a reference to nothing', { $ref: '#/definitions/x' }, /Cannot resolve reference/],
    ['properties that are no object', { properties: [] }, /an object is expected/],
    ['depth', `${'{"not":'.repeat(3000)}true${'}'.repeat(3000)}`, /inside one another/],
  ];
  for (const [what, schema, message] of refused)
    it(`are refused for ${what}`, () => expect(() => parse(schema)).throw(InvalidSchemaError, message));

  const object = (properties: Json, more: object = {}): Json => ({ type: 'object', properties, ...more });
  const closed = { additionalProperties: false };
  const s = { type: 'string' };
  const answers: readonly [string, Json, Json, string[], string[]?][] = [
    [
      'a property more in an open model',
      object({ a: s, b: s }),
      object({ a: s }),
      ['OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b'],
      [],
    ],
    ['a property more in a closed model', object({ a: s, b: s }, closed), object({ a: s }, closed), []],
    [
      'a property less in a closed model',
      object({}, closed),
      object({ a: s }, closed),
      ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a'],
      [],
    ],
    [
      'a property that a pattern covers',
      object({ ab: s }, closed),
      object({}, { patternProperties: { '^a': s }, ...closed }),
      [],
    ],
    [
      'a property that must be there',
      object({ a: s }, { required: ['a'] }),
      object({ a: s }),
      ['REQUIRED_ATTRIBUTE_ADDED #/required/a'],
    ],
    ['a wider number', { type: 'number' }, { type: 'integer' }, []],
    [
      'a narrower number',
      { type: 'integer', maximum: 1 },
      { type: 'number' },
      ['MAXIMUM_ADDED #/maximum', 'TYPE_NARROWED #/'],
    ],
    ['a type more', { type: ['string', 'null'] }, s, []],
    ['a type less', s, { type: ['string', 'null'] }, ['TYPE_CHANGED #/']],
    ['half of a multiple', { type: 'number', multipleOf: 0.5 }, { type: 'number', multipleOf: 10 }, []],
    ['a value more', { enum: [1, 'a'] }, { enum: [1] }, []],
    ['less that must not be', { not: { enum: [1] } }, { not: { enum: [1, 2] } }, []],
    ['anything', true, { type: 'object' }, []],
    ['a hint of Connect', { type: 'number', 'connect.type': 'bytes' }, { type: 'string', 'connect.type': 'bytes' }, []],
  ];
  for (const [what, reader, writer, strict, lenient = strict] of answers)
    it(`answer ${what}`, () => {
      expect(reasons(reader, writer)).eql(strict);
      expect(reasons(reader, writer, 'LENIENT')).eql(lenient);
    });

  it('name the way out of what people meet most', () => {
    const [reason] = format.compatibility(parse(object({ b: s })), parse(object({})));
    expect(reason && incompatibilityText(reason)).match(
      /^\{errorType:"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", description:".*'#\/properties\/b'.*LENIENT\."\}$/,
    );
  });

  it('of a dozen types that all refer to one another are compared in no time', () => {
    const names = Array.from({ length: 12 }, (_, at) => `T${at}`);
    const union = { oneOf: names.map((name) => ({ $ref: `#/definitions/${name}` })) };
    const schema = (id: string) => ({
      definitions: Object.fromEntries(
        names.map((name) => [name, object({ id: { type: name === 'T3' ? id : 'string' }, a: union, b: union })]),
      ),
      ...union,
    });
    expect(reasons(schema('string'), schema('string'))).eql([]);
    expect(reasons(schema('string'), schema('integer'))).not.eql([]);
  });

  it('cannot stall the registry with a pattern', () => {
    const start = process.cpuUsage().user;
    const writer = object({}, { patternProperties: { '^(a+)+$': s }, ...closed });
    expect(reasons(object({ [`${'a'.repeat(40)}!`]: s }, closed), writer)).eql([]);
    expect(process.cpuUsage().user - start).below(2_000_000);
  });

  it('compare to themselves as equal, whatever they are', () => {
    const leaf = fc.constantFrom<Json>(
      true,
      {},
      s,
      { type: 'integer', minimum: 1 },
      { enum: [1, 'a'] },
      { const: 1 },
      { $ref: '#' },
    );
    const { schema } = fc.letrec<{ schema: Json }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({
          type: fc.constant('object'),
          properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
        }),
        fc.record({ type: fc.constant('array'), items: tie('schema') }),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }), title: fc.constant('t') }),
        fc.record({ not: tie('schema') }),
      ),
    }));
    fc.assert(
      fc.property(fc.record({ properties: fc.dictionary(fc.constantFrom('a', 'b'), schema) }), (one) => {
        expect(reasons(one, one)).eql([]);
      }),
      { numRuns: 300 },
    );
  });

  it('are held against data', async () => {
    const check = await format.dataCheck(
      parse(
        { ...(object({ a: { $ref: 'other.json' } }) as object), required: ['a'] },
        { 'other.json': { type: 'string', pattern: '^x' } },
      ),
    );
    check(Buffer.from('{"a":"xy"}'));
    expect(() => check(Buffer.from('{"a":"y"}'))).throw('/a must match pattern');
    expect(() => check(Buffer.from('{'))).throw('JSON');
    const older = await format.dataCheck(
      parse({ $schema: 'http://json-schema.org/draft-04/schema#', type: 'number', minimum: 1, exclusiveMinimum: true }),
    );
    expect(() => older(Buffer.from('1'))).throw('must be > 1');
  });
});
