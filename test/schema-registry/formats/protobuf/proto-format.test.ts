// Protobuf as the registry sees it: canonical texts, normal forms, descriptors both ways, what is refused, what is compatible.
import { expect } from 'chai';
import fc from 'fast-check';
import { InvalidSchemaError, schemaFormat } from '../../../../src/schema-registry/formats/index.ts';
import type { ParsedSchema, SchemaFormat } from '../../../../src/schema-registry/formats/index.ts';

const EVERYTHING = `// a comment
syntax = "proto3"; package a.b;
import public "google/protobuf/timestamp.proto"; import "google/protobuf/struct.proto"; import "confluent/meta.proto";
option java_package = 'com.' "example";
enum Color { option allow_alias = true; RED = 0; CRIMSON = 0 [deprecated=true]; reserved 5, 7 to 9, "BLUE"; }
message Order {
  reserved 20 to max; reserved "old";
  option (confluent.message_meta).doc = "an \\"order\\"";
  string id = 1 [json_name="ID", (confluent.field_meta) = { tags: ["PII"] params: [{key: "k", value: "v"}] }];
  optional int64 count = 3; repeated Line lines = 2; map<string, Color> colors = 4;
  oneof who { string name = 6; google.protobuf.Struct detail = 5; }
  message Line { double price = 1; /* another */ Color color = 2; }
}
service Orders { rpc Get (stream Order) returns (Order.Line) { option deprecated = true; } rpc Put(Order) returns (Order); }
`;

const CANONICAL = `syntax = "proto3";
package a.b;

import "google/protobuf/struct.proto";
import "confluent/meta.proto";
import public "google/protobuf/timestamp.proto";

option java_package = "com.example";

message Order {
  reserved 20 to max;
  reserved "old";

  option (confluent.message_meta).doc = "an \\"order\\"";

  string id = 1 [
    (confluent.field_meta) = {
      tags: [
        "PII"
      ],
      params: [
        {
          key: "k",
          value: "v"
        }
      ]
    },
    json_name = "ID"
  ];
  optional int64 count = 3;
  repeated Line lines = 2;
  map<string, Color> colors = 4;

  oneof who {
    string name = 6;
    google.protobuf.Struct detail = 5;
  }

  message Line {
    double price = 1;
    Color color = 2;
  }
}
enum Color {
  reserved 5, 7 to 9, "BLUE";
  option allow_alias = true;
  RED = 0;
  CRIMSON = 0 [deprecated = true];
}

service Orders {
  rpc Get (stream Order) returns (Order.Line) {
    option deprecated = true;
  };
  rpc Put (Order) returns (Order);
}
`;

describe('Protobuf schemas', () => {
  let protobuf: SchemaFormat;
  before(async () => {
    protobuf = (await schemaFormat('PROTOBUF')) as SchemaFormat;
  });
  const parse = (text: string, resolved?: ReadonlyMap<string, string>): ParsedSchema =>
    protobuf.parse({ text, asNew: true, ...(resolved && { resolved }) });
  const proto3 = (body: string) => `syntax = "proto3";\n${body}`;

  it('are re-printed without comments, in the order of kinds, and the same again', () => {
    const schema = parse(EVERYTHING);
    expect(schema.canonicalText).equal(CANONICAL);
    expect(parse(schema.canonicalText).canonicalText).equal(CANONICAL);
    expect(schema.name).equal('a.b.Order');
    expect([...schema.fieldNames]).include.members(['id', 'lines', 'name', 'RED']);
  });

  it('have a normal form that the order of fields, imports and options does not change', () => {
    const normal = parse(EVERYTHING).normalized().canonicalText;
    expect(normal)
      .contains('map<string, .a.b.Color> colors = 4')
      .contains('.google.protobuf.Struct detail = 5;\n    string name = 6');
    expect(normal).contains('option (confluent.message_meta) = {\n    doc: "an \\"order\\""\n  };');
    const shuffled = EVERYTHING.replace(
      'string name = 6; google.protobuf.Struct detail = 5;',
      'google.protobuf.Struct detail = 5; string name = 6;',
    ).replace('repeated Line lines', 'repeated .a.b.Order.Line lines');
    expect(parse(shuffled).normalized().canonicalText).equal(normal);
  });

  it('go into a descriptor and come back with the same meaning, options and all', () => {
    const schema = parse(EVERYTHING);
    const descriptor = schema.formatted('serialized');
    expect(descriptor).match(/^[A-Za-z0-9+/]+=*$/);
    const back = parse(descriptor);
    expect(back.normalized().canonicalText).equal(schema.normalized().canonicalText);
    expect(back.formatted('serialized')).equal(parse(back.canonicalText).formatted('serialized'));
  });

  it('keep defaults, groups, extensions and their options in a descriptor of proto2', () => {
    const text = `syntax = "proto2"; import "google/protobuf/descriptor.proto";
      extend google.protobuf.FieldOptions { optional string note = 50001; repeated int32 many = 50002; }
      message A { extensions 100 to 200; required int32 a = 1 [default = -5, (note) = "hey", (many) = 1, (many) = 2];
        optional bytes b = 2 [default = "\\001a"]; optional E e = 3 [default = TWO]; optional double d = 4 [default = inf]; }
      enum E { ONE = 1; TWO = 2; } extend A { optional int32 more = 100; }`;
    const back = parse(parse(text).formatted('serialized'));
    expect(back.normalized().canonicalText).equal(parse(text).normalized().canonicalText);
    expect(back.canonicalText)
      .contains('(note) = "hey"')
      .contains('(many) = 2')
      .contains('default = inf')
      .contains('extend .A {');
  });

  it('find types of references and of files that everybody has', () => {
    const text = proto3('import "x.proto"; message A { x.B b = 1; google.protobuf.Timestamp at = 2; }');
    const resolved = new Map([['x.proto', proto3('package x; message B { int32 n = 1; }')]]);
    expect(parse(text, resolved).normalized().canonicalText)
      .contains('.x.B b = 1')
      .contains('.google.protobuf.Timestamp at = 2');
  });

  it('of one public import are about what they import', () => {
    const resolved = new Map([['x.proto', proto3('package x; message B { int32 n = 1; }')]]);
    expect(parse(proto3('import public "x.proto";'), resolved).name).equal('x.B');
  });

  const refused: readonly [string, string, RegExp][] = [
    ['what is no Protobuf', '{"type":"string"}', /Syntax error in Protobuf at 1:/],
    ['base64 that is no descriptor', 'AAAA', /not a Protobuf descriptor/],
    ['a type that nobody knows', proto3('message A { B b = 1; }'), /Could not resolve type: B/],
    [
      'a number that is twice there',
      proto3('message A { int32 a = 1; int32 b = 1; }'),
      /1 is twice there: number in message A/,
    ],
    ['a number that protobuf keeps', proto3('message A { int32 a = 19000; }'), /cannot be used/],
    ['a reserved name', proto3('message A { reserved "a"; int32 a = 1; }'), /is reserved/],
    ['a proto3 enum without 0', proto3('enum E { A = 1; }'), /first value must be 0/],
    ['depth', proto3(`${'message A {'.repeat(1000)}${'}'.repeat(1000)}`), /inside one another/],
    ['a text that does not end', 'syntax = "proto3', /does not end/],
  ];
  for (const [what, text, message] of refused)
    it(`are refused for ${what}`, () => expect(() => parse(text)).throw(InvalidSchemaError, message));

  const changes: readonly [string, string, string, string[]][] = [
    ['another name for a field', 'message A { int32 a = 1; }', 'message A { int64 b = 1; }', []],
    [
      'another encoding',
      'message A { int32 a = 1; }',
      'message A { sint32 a = 1; }',
      ['FIELD_SCALAR_KIND_CHANGED #/A/1'],
    ],
    ['string to bytes', 'message A { string a = 1; }', 'message A { bytes a = 1; }', []],
    ['a field that goes', 'message A { int32 a = 1; int32 b = 2; }', 'message A { int32 a = 1; }', []],
    ['a message that goes', 'message A { } message B { }', 'message A { }', ['MESSAGE_REMOVED #/B']],
    [
      'two fields into a oneof',
      'message A { int32 a = 1; int32 b = 2; }',
      'message A { oneof o { int32 a = 1; int32 b = 2; } }',
      ['MULTIPLE_FIELDS_MOVED_TO_ONEOF #/A/o'],
    ],
    [
      'a message instead of a number',
      'message A { int32 a = 1; }',
      'message A { A a = 1; }',
      ['FIELD_KIND_CHANGED #/A/1'],
    ],
    ['another package', 'package p; message A { }', 'package q; message A { }', ['PACKAGE_CHANGED #/']],
    [
      'one label for another',
      'message A { optional int32 a = 1; }',
      'message A { repeated int32 a = 1; }',
      ['FIELD_NUMERIC_LABEL_CHANGED #/A/1'],
    ],
    [
      'a circle',
      'message A { A a = 1; B b = 2; } message B { A a = 1; }',
      'message A { A a = 1; B b = 2; } message B { A a = 1; A c = 2; }',
      [],
    ],
  ];
  for (const [what, before, after, reasons] of changes)
    it(`answer ${what} with ${reasons.join() || 'yes'}`, () => {
      const found = protobuf.compatibility(parse(proto3(after)), parse(proto3(before)));
      expect(found.map(({ type, path }) => `${type} ${path}`)).eql(reasons);
      expect(found.every(({ sentence }) => sentence.includes('new schema'))).equal(true);
    });

  it('never end the process, whatever the text or the descriptor', () => {
    const words = fc.constantFrom(
      'message',
      'A',
      '{',
      '}',
      '=',
      '1',
      ';',
      'enum',
      'oneof',
      '"x"',
      '[',
      ']',
      'option',
      '(',
      ')',
      'map',
      '<',
      '>',
      ',',
      'reserved',
      'to',
      'max',
      'int32',
      'repeated',
      '/*',
      '//\n',
    );
    const orRefused = (text: string) => {
      try {
        const schema = parse(text);
        expect(parse(schema.canonicalText).canonicalText).equal(schema.canonicalText);
        schema.formatted('serialized');
      } catch (error) {
        expect(error).instanceOf(InvalidSchemaError);
      }
    };
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (list) => orRefused(list.join(' '))),
      { numRuns: 500 },
    );
    const descriptor = Buffer.from(parse(EVERYTHING).formatted('serialized'), 'base64');
    fc.assert(
      fc.property(fc.nat(descriptor.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(descriptor);
        broken[at] = byte;
        orRefused(broken.toString('base64'));
      }),
      { numRuns: 500 },
    );
  });

  it('are held against data', async () => {
    const check = await protobuf.dataCheck(
      parse(proto3('package p; message A { message B { string s = 1; } B b = 1; }')),
    );
    check(Uint8Array.of(0x0a, 3, 0x0a, 1, 0x61));
    check(Uint8Array.of(0x0a, 1, 0x61), [0, 0]);
    expect(() => check(Uint8Array.of(0x0a, 9, 0x61))).throw('index out of range');
    expect(() => check(Uint8Array.of(), [1])).throw('no message at [1]');
  });
});
