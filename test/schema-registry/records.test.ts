// What stands in `_schemas`, byte for byte: compaction compares keys, and other registries read the values.
import { expect } from 'chai';
import fc from 'fast-check';
import type { StoredSchema } from '../../src/schema-registry/schemas/entities.ts';
import { guidOf } from '../../src/schema-registry/schemas/guid.ts';
import { keyFrom, keyText, type RegistryKey } from '../../src/schema-registry/records/keys.ts';
import { configFrom, schemaFrom, schemaText } from '../../src/schema-registry/records/values.ts';
import { propertyRuns } from '../property-runs.ts';
import { record, startRegistry } from './running-registry.ts';

const A = record('A');

describe('Records of the registry', () => {
  it('are those that Confluent writes for the same calls', async () => {
    const { call, records, close } = await startRegistry();
    try {
      const post = (subject: string, body: object) => call('POST', `/subjects/${subject}/versions`, body);
      await call('PUT', '/config/t', { compatibility: 'NONE' });
      await post('t', { schema: A });
      await call('DELETE', '/subjects/t/versions/1');
      await call('DELETE', '/subjects/t/versions/1?permanent=true');
      await post('d', { schema: A });
      await call('DELETE', '/subjects/d');
      await call('PUT', '/mode/r', { mode: 'READONLY' });
      await call('DELETE', '/mode/r');
      await call('PUT', '/mode/i', { mode: 'IMPORT' });
      await post('i', { schema: '"int"', id: 42, version: 5 });
      await call('PUT', '/config', { compatibility: 'FULL' });
      await post(':.c:u', { schema: '"long"', metadata: { properties: { b: '2', a: '1' } } });
      const schema = (subject: string, version: number, id: number, deleted: boolean, text = A) =>
        `{"subject":"${subject}","version":${version},"id":${id},"schema":${JSON.stringify(text)},"deleted":${deleted}}`;
      const key = (subject: string, version: number) =>
        `{"keytype":"SCHEMA","subject":"${subject}","version":${version},"magic":1}`;
      expect(await records()).to.deep.equal([
        { key: '{"keytype":"NOOP","magic":0}', value: null },
        { key: '{"keytype":"CONFIG","subject":"t","magic":0}', value: '{"subject":"t","compatibilityLevel":"NONE"}' },
        { key: key('t', 1), value: schema('t', 1, 1, false) },
        { key: key('t', 1), value: schema('t', 1, 1, true) },
        { key: key('t', 1), value: null },
        // The subject is gone, and what was set for it.
        { key: '{"keytype":"CONFIG","subject":"t","magic":0}', value: null },
        { key: key('d', 1), value: schema('d', 1, 2, false) },
        { key: '{"keytype":"DELETE_SUBJECT","subject":"d","magic":0}', value: '{"subject":"d","version":1}' },
        { key: '{"keytype":"MODE","subject":"r","magic":0}', value: '{"subject":"r","mode":"READONLY"}' },
        { key: '{"keytype":"MODE","subject":"r","magic":0}', value: null },
        { key: '{"keytype":"CLEAR_SUBJECT","subject":"i","magic":0}', value: '{"subject":"i"}' },
        { key: '{"keytype":"MODE","subject":"i","magic":0}', value: '{"subject":"i","mode":"IMPORT"}' },
        { key: key('i', 5), value: schema('i', 5, 42, false, '"int"') },
        { key: '{"keytype":"CONFIG","magic":0}', value: '{"compatibilityLevel":"FULL"}' },
        {
          key: '{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}',
          value: '{"tenant":"default","context":".c"}',
        },
        {
          key: key(':.c:u', 1),
          value:
            '{"subject":":.c:u","version":1,"id":1,"metadata":{"properties":{"a":"1","b":"2"}},"schema":"\\"long\\"","deleted":false}',
        },
      ]);
    } finally {
      await close();
    }
  });

  it('name their language and their references before the text', () => {
    const stored = {
      subject: 's',
      version: 1,
      id: 4,
      schemaType: 'PROTOBUF',
      references: [{ name: 'money.proto', subject: 'm', version: 1 }],
      metadata: undefined,
      ruleSet: undefined,
      schema: 'syntax = "proto3";\n',
      deleted: false,
      unknown: {},
    } as const;
    expect(schemaText(stored)).to.equal(
      '{"subject":"s","version":1,"id":4,"schemaType":"PROTOBUF","references":[{"name":"money.proto","subject":"m","version":1}],"schema":"syntax = \\"proto3\\";\\n","deleted":false}',
    );
  });

  it('have the GUID that Confluent computes for the same content', () => {
    // SchemaValuesTest.testSchemaValueMD5 of Confluent's registry has these bytes.
    const schema = '{"type":"record","name":"myrecord","fields":[{"type":"string","default":null,"name":"f"}]}';
    const none = { references: [], metadata: undefined, ruleSet: undefined };
    expect(guidOf({ schema, ...none })).to.equal('1d20cbb9-e5e3-5e97-54e7-da170b6e5ddb');
    const others = [
      { schema, ...none, references: [{ name: 'a', subject: 'b', version: 1 }] },
      { schema, ...none, metadata: {} },
      { schema, ...none, ruleSet: { domainRules: [{ name: 'r', type: 'CEL' }] } },
    ];
    expect(new Set(others.map(guidOf)).size).to.equal(3);
  });

  it('are read in whatever order others write their fields, with null where there is nothing', () => {
    expect(keyFrom('{"subject":null,"magic":0,"keytype":"CONFIG"}')).to.deep.equal({
      keytype: 'CONFIG',
      subject: null,
    });
    expect(keyFrom('{"magic":1,"version":3,"subject":"s","keytype":"SCHEMA"}')).to.deep.equal({
      keytype: 'SCHEMA',
      subject: 's',
      version: 3,
    });
    for (const strange of ['', 'x', '[]', '{}', '{"keytype":"ASSOC"}', '{"keytype":"SCHEMA","subject":"s"}', 'null']) {
      expect(keyFrom(strange)).to.equal(undefined);
    }
    expect(configFrom('{"compatibilityLevel":"FULL","future":1}')).to.deep.equal({
      entry: { compatibilityLevel: 'FULL' },
      unknown: { future: 1 },
    });
  });

  it('come back as they were, with what we do not know of them', () => {
    const name = fc.string({ minLength: 1 });
    const key: fc.Arbitrary<RegistryKey> = fc.oneof(
      fc.record({ keytype: fc.constant('SCHEMA' as const), subject: name, version: fc.integer({ min: 1 }) }),
      fc.record({ keytype: fc.constantFrom('CONFIG' as const, 'MODE' as const), subject: fc.option(name) }),
      fc.record({ keytype: fc.constant('CONTEXT' as const), tenant: fc.constant('default'), context: name }),
    );
    fc.assert(
      fc.property(key, (one) => {
        expect(keyFrom(keyText(one))).to.deep.equal(one);
      }),
      propertyRuns(100),
    );
    const fields = fc.record({
      id: fc.nat(),
      schema: fc.string(),
      deleted: fc.boolean(),
      schemaType: fc.constantFrom('AVRO' as const, 'JSON' as const, 'PROTOBUF' as const),
      references: fc.array(fc.record({ name, subject: name, version: fc.integer({ min: 1 }) }), { maxLength: 3 }),
      metadata: fc.option(fc.constant({ properties: { a: 'b' } }), { nil: undefined }),
      ruleSet: fc.constant(undefined),
      unknown: fc.constantFrom({}, { future: [1] }),
    });
    fc.assert(
      fc.property(fields, (some) => {
        const stored: StoredSchema = { subject: 's', version: 7, timestampMs: 5, guid: guidOf(some), ...some };
        expect(schemaFrom(schemaText(stored), 's', 7, 5)).to.deep.equal(stored);
      }),
      propertyRuns(100),
    );
    fc.assert(
      fc.property(fc.json(), (text) => void schemaFrom(text, 's', 1, 0)),
      propertyRuns(100),
    );
  });
});
