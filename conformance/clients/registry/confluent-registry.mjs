// @confluentinc/schemaregistry, unmodified: its client and its three serialisers.
import { load, rejected, run, same, unique } from './checks.mjs';

const registry = load('@confluentinc/schemaregistry');
const { SchemaRegistryClient, SerdeType, Compatibility } = registry;

const ORDER = { type: 'record', name: 'Order', fields: [{ name: 'id', type: 'long' }, { name: 'note', type: 'string' }] };
const avro = (schema = ORDER) => ({ schemaType: 'AVRO', schema: JSON.stringify(schema) });
const at = (url) => new SchemaRegistryClient({ baseURLs: [url], cacheCapacity: 100 });
const header = () => ({ headers: {} });

async function throughAvro(client, topic, value, config = {}) {
  const serializer = new registry.AvroSerializer(client, SerdeType.VALUE, config);
  return serializer.serialize(topic, value, header().headers);
}

await run({
  'client: registers, looks up, lists': async (url) => {
    const client = at(url);
    const subject = unique('subject');
    const id = await client.register(subject, avro());
    same(await client.register(subject, avro()), id, 'the id');
    same((await at(url).getBySubjectAndId(subject, id)).schema, JSON.stringify(ORDER), 'by id');
    const latest = await client.getLatestSchemaMetadata(subject);
    same([latest.id, latest.version, latest.subject], [id, 1, subject], 'the latest');
    same(await client.getId(subject, avro()), id, 'looked up');
    same(await client.getVersion(subject, avro(), false, false), 1, 'the version');
    same(await client.getAllVersions(subject), [1], 'versions');
    same((await client.getAllSubjects()).includes(subject), true, 'listed');
    const full = await at(url).registerFullResponse(subject, avro());
    same((await at(url).getByGuid(full.guid)).schema, JSON.stringify(ORDER), 'by GUID');
  },
  'client: compatibility and config': async (url) => {
    const client = at(url);
    const subject = unique('subject');
    await client.register(subject, avro());
    const other = avro({ ...ORDER, fields: [{ name: 'id', type: 'string' }] });
    same(await client.testCompatibility(subject, -1, other), false, 'with the latest');
    same(await client.testSubjectCompatibility(subject, other), false, 'with all');
    same((await rejected(client.register(subject, other))).errorCode, 40901, 'the code');
    same(await client.updateCompatibility(subject, Compatibility.NONE), 'NONE', 'the level');
    same(await client.getCompatibility(subject), 'NONE', 'the level');
    same((await client.updateConfig(subject, { compatibility: 'FULL', normalize: true })).normalize, true, 'the config');
    same((await client.getConfig(subject)).normalize, true, 'the config');
    same((await rejected(client.getConfig(unique('none')))).errorCode, 40408, 'the code of none');
  },
  'client: deletes, references, contexts': async (url) => {
    const client = at(url);
    const [inner, outer] = [unique('inner/x'), unique('outer')];
    await client.register(inner, avro({ type: 'record', name: 'Inner', fields: [] }));
    const schema = { type: 'record', name: 'Outer', fields: [{ name: 'i', type: 'Inner' }] };
    await client.register(outer, { ...avro(schema), references: [{ name: 'Inner', subject: inner, version: 1 }] });
    same((await rejected(client.deleteSubject(inner))).errorCode, 42206, 'the code');
    same(await client.deleteSubjectVersion(outer, 1), 1, 'a version');
    same((await rejected(at(url).getLatestSchemaMetadata(outer))).errorCode, 40401, 'the code');
    same(await client.deleteSubject(inner), [1], 'a subject');
    const inside = `:.${unique('ctx')}:s`;
    same(await client.register(inside, avro({ type: 'record', name: 'Own', fields: [] })), 1, 'ids begin anew');
  },
  'avro: serialises and deserialises, with the id before the payload or in a header': async (url) => {
    const topic = unique('topic');
    await at(url).register(`${topic}-value`, avro());
    const value = { id: 7, note: 'n' };
    const bytes = await throughAvro(at(url), topic, value, { useLatestVersion: true });
    same(bytes[0], 0, 'magic byte');
    const read = await new registry.AvroDeserializer(at(url), SerdeType.VALUE, {}).deserialize(topic, bytes, {});
    same({ id: Number(read.id), note: read.note }, value, 'read again');
    const headers = {};
    const serializer = new registry.AvroSerializer(at(url), SerdeType.VALUE, {
      useLatestVersion: true,
      schemaIdSerializer: registry.HeaderSchemaIdSerializer,
    });
    const bare = await serializer.serialize(topic, value, headers);
    same(Object.keys(headers), ['__value_schema_id'], 'the header');
    const again = await new registry.AvroDeserializer(at(url), SerdeType.VALUE, {}).deserialize(topic, bare, headers);
    same({ id: Number(again.id), note: again.note }, value, 'read again by its GUID');
  },
  'json: serialises, deserialises, validates': async (url) => {
    const topic = unique('topic');
    const schema = JSON.stringify({ type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] });
    await at(url).register(`${topic}-value`, { schemaType: 'JSON', schema });
    const config = { useLatestVersion: true, validate: true };
    const serializer = new registry.JsonSerializer(at(url), SerdeType.VALUE, config);
    const bytes = await serializer.serialize(topic, { id: 7 }, {});
    same(await new registry.JsonDeserializer(at(url), SerdeType.VALUE, config).deserialize(topic, bytes, {}), { id: 7 }, 'read again');
    await rejected(serializer.serialize(topic, { id: 'seven' }, {}));
  },
  'protobuf: serialises and deserialises what it registers itself': async (url) => {
    const { create, createFileRegistry, createMutableRegistry } = load('@bufbuild/protobuf');
    const { FileDescriptorProtoSchema } = load('@bufbuild/protobuf/wkt');
    const name = unique('orders').replace('-', '_');
    const field = (label, number, type) => ({ name: label, jsonName: label, number, type, label: 1 });
    const file = create(FileDescriptorProtoSchema, {
      name: `${name}.proto`,
      package: name,
      syntax: 'proto3',
      messageType: [{ name: 'Order', field: [field('id', 1, 5), field('note', 2, 9)] }],
    });
    const types = createFileRegistry(file, () => undefined);
    const descriptor = types.getMessage(`${name}.Order`);
    const topic = unique('topic');
    const serializer = new registry.ProtobufSerializer(at(url), SerdeType.VALUE, {
      autoRegisterSchemas: true,
      registry: createMutableRegistry(descriptor),
    });
    const bytes = await serializer.serialize(topic, create(descriptor, { id: 7, note: 'n' }), {});
    const read = await new registry.ProtobufDeserializer(at(url), SerdeType.VALUE, {}).deserialize(topic, bytes, {});
    same([read.id, read.note], [7, 'n'], 'read again');
    const stored = await at(url).getLatestSchemaMetadata(`${topic}-value`);
    same(/message Order/.test(stored.schema), true, 'the text');
  },
});
