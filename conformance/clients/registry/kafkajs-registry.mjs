// @kafkajs/confluent-schema-registry, unmodified.
import { load, rejected, run, same, unique } from './checks.mjs';

const { SchemaRegistry, SchemaType, COMPATIBILITY } = load('@kafkajs/confluent-schema-registry');

const ORDER = { type: 'record', name: 'Order', namespace: 'shop', fields: [{ name: 'id', type: 'long' }] };
const avro = (schema = ORDER) => ({ type: SchemaType.AVRO, schema: JSON.stringify(schema) });
const at = (host) => new SchemaRegistry({ host });

await run({
  'avro: registers, encodes, decodes': async (url) => {
    const subject = unique('subject');
    const registry = at(url);
    const { id } = await registry.register(avro(), { subject });
    same((await registry.register(avro(), { subject })).id, id, 'the id');
    same(await registry.getLatestSchemaId(subject), id, 'the latest');
    same(await registry.getRegistryId(subject, 1), id, 'by version');
    same(await registry.getRegistryIdBySchema(subject, avro()), id, 'by schema');
    const bytes = await registry.encode(id, { id: 7 });
    // Another one has to ask for the schema.
    same(await at(url).decode(bytes), { id: 7 }, 'decoded');
    same((await at(url).getSchema(id)).name, 'shop.Order', 'the schema');
  },
  'avro: references': async (url) => {
    const registry = at(url);
    const inner = unique('inner');
    await registry.register(avro({ type: 'record', name: 'Inner', namespace: 'n', fields: [{ name: 'a', type: 'int' }] }), { subject: inner });
    const schema = { type: 'record', name: 'Outer', namespace: 'n', fields: [{ name: 'inner', type: 'n.Inner' }] };
    const references = [{ name: 'n.Inner', subject: inner, version: 1 }];
    const { id } = await registry.register({ ...avro(schema), references }, { subject: unique('outer') });
    same(await at(url).decode(await registry.encode(id, { inner: { a: 1 } })), { inner: { a: 1 } }, 'decoded');
  },
  'json: registers, encodes, decodes, validates': async (url) => {
    const registry = at(url);
    const schema = JSON.stringify({ type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] });
    const { id } = await registry.register({ type: SchemaType.JSON, schema }, { subject: unique('subject') });
    same(await at(url).decode(await registry.encode(id, { id: 7 })), { id: 7 }, 'decoded');
    await rejected(registry.encode(id, { id: 'seven' }));
  },
  'protobuf: registers, encodes, decodes': async (url) => {
    const registry = at(url);
    const schema = 'syntax = "proto3";\npackage shop;\nmessage Order { int64 id = 1; string note = 2; }\n';
    const { id } = await registry.register({ type: SchemaType.PROTOBUF, schema }, { subject: unique('subject') });
    const read = await at(url).decode(await registry.encode(id, { id: 7, note: 'n' }));
    same([Number(read.id), read.note], [7, 'n'], 'decoded');
  },
  'what is incompatible is refused, unless the level says otherwise': async (url) => {
    const registry = at(url);
    const subject = unique('subject');
    await registry.register(avro(), { subject });
    const other = avro({ ...ORDER, fields: [{ name: 'id', type: 'string' }] });
    await rejected(registry.register(other, { subject }));
    const error = await rejected(registry.register(other, { subject, compatibility: COMPATIBILITY.NONE }));
    // It does not change a level that is set already.
    if (!/compatibility/i.test(error.message)) throw error;
  },
  'what is not there is told of': async (url) => {
    const error = await rejected(at(url).getSchema(999_999));
    same([error.status, /not found/.test(error.message)], [404, true], 'the error');
    await rejected(at(url).getLatestSchemaId(unique('none')));
  },
});
