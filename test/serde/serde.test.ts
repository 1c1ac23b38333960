// Serialisers against Ottla's own registry over a broker, through producer and consumer where it matters.
import { expect } from 'chai';
import type { SerdeContext } from '../../src/client/index.ts';
import { ClusterClient, Consumer, Producer } from '../../src/client/index.ts';
import {
  avro,
  bytes,
  json,
  jsonSchema,
  protobuf,
  RegistryClient,
  registryClient,
  string,
} from '../../src/serde/index.ts';
import { type Running, startRegistry } from '../schema-registry/running-registry.ts';

const context = (topic: string, isKey = false): SerdeContext => ({ topic, isKey, headers: [] });

describe('serialisers with a registry', () => {
  let running: Running;
  let registry: RegistryClient;
  before(async () => {
    running = await startRegistry();
    registry = registryClient(running.registry.url);
  });
  after(async () => {
    registry.close();
    await running.close();
  });

  interface Order {
    readonly id: string;
    readonly count: number | bigint;
    readonly note?: string | null;
  }
  const orders = {
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'count', type: 'long' },
      { name: 'note', type: ['null', 'string'], default: null },
    ],
  } as const;

  it('carry Avro through producer and consumer, with the id in front', async () => {
    const serde = avro<Order>(registry, { schema: orders });
    await using client = new ClusterClient({ brokers: running.broker.bootstrapServers });
    await using producer = new Producer<string | null, Order>({ client, serializers: { key: string, value: serde } });
    const sent = await producer.send('orders', { key: 'a', value: { id: '1', count: 2n ** 60n } });
    await using consumer = new Consumer<string | null, Order>({ client, deserializers: { key: string, value: serde } });
    consumer.assign([{ topic: 'orders', partition: sent.partition, offset: 0 }]);
    const [record] = await consumer.poll(10_000);
    expect(record?.key).equal('a');
    expect({ ...record?.value }).eql({ id: '1', count: 2n ** 60n, note: null });
    expect(await registry.subjects()).include('orders-value');
  });

  it('carry the GUID in a header', async () => {
    const serde = avro<Order>(registry, { schema: orders, schemaId: 'header' });
    const at = context('in-header');
    const data = await serde.serialize({ id: '1', count: 5 }, at);
    expect(at.headers.map(({ key, value }) => [key, value?.length, value?.[0]])).eql([['__value_schema_id', 17, 1]]);
    expect(data?.[0]).equal(2);
    expect({ ...(await avro<Order>(registry).deserialize(data, at)) }).eql({ id: '1', count: 5, note: null });
  });

  it('read Avro with a schema of their own: aliases, defaults, fields that are gone', async () => {
    const data = await avro<Order>(registry, { schema: orders }).serialize(
      { id: '7', count: 1, note: 'n' },
      context('evolved'),
    );
    const reader = avro(registry, {
      readerSchema: {
        type: 'record',
        name: 'Order',
        namespace: 'shop',
        fields: [
          { name: 'key', aliases: ['id'], type: 'string' },
          { name: 'count', type: 'double' },
          { name: 'more', type: 'int', default: 9 },
        ],
      },
    });
    expect({ ...((await reader.deserialize(data, context('evolved'))) as object) }).eql({
      key: '7',
      count: 1,
      more: 9,
    });
  });

  it('refer to schemas under other subjects', async () => {
    await registry.register('shop.Id', { schema: '{"type":"fixed","name":"Id","namespace":"shop","size":2}' });
    const schema = { type: 'record', name: 'Ref', namespace: 'shop', fields: [{ name: 'id', type: 'Id' }] } as const;
    const serde = avro<{ id: Uint8Array }>(registry, {
      schema,
      references: [{ name: 'shop.Id', subject: 'shop.Id', version: 1 }],
    });
    const data = await serde.serialize({ id: Buffer.from([1, 2]) }, context('refs'));
    expect([...(await avro<{ id: Uint8Array }>(registry).deserialize(data, context('refs'))).id]).eql([1, 2]);
  });

  it('name subjects by topic, record, or both, for keys and values', async () => {
    for (const [subject, isKey] of [
      ['topic', true],
      ['record', false],
      ['topic-record', false],
    ] as const)
      await avro<Order>(registry, { schema: orders, subject }).serialize({ id: '', count: 0 }, context('named', isKey));
    expect(await registry.subjects()).include.members(['named-key', 'shop.Order', 'named-shop.Order']);
  });

  it('neither register nor guess where they are told not to', async () => {
    const strict = avro<Order>(registry, { schema: orders, register: false });
    await rejects(() => strict.serialize({ id: '', count: 0 }, context('unknown-topic')), /40401/);
    const latest = avro<Order>(registry, { useLatest: true, register: false });
    expect(await latest.serialize({ id: 'x', count: 1 }, context('orders'))).not.equal(null);
    await rejects(
      () => avro<Order>(registry).serialize({ id: '', count: 0 }, context('no-schema')),
      /No schema is given/,
    );
  });

  const file = `syntax = "proto3"; package shop; import "common.proto"; import "google/protobuf/timestamp.proto";
    message Other { } message Order { message Line { int64 amount = 1; Color color = 2; } repeated Line lines = 1;
    shop.common.Id order_id = 2; map<string, int32> counts = 3; google.protobuf.Timestamp at = 4; } enum Color { RED = 0; BLUE = 1; }`;
  const imports = { 'common.proto': 'syntax = "proto3"; package shop.common; message Id { string text = 1; }' };

  it('carry Protobuf, with imports, nested messages and their indexes', async () => {
    const whole = protobuf(registry, { schema: file, imports, message: 'shop.Order' });
    const order = {
      lines: [{ amount: 2n ** 60n, color: 'BLUE' }],
      orderId: { text: 'a' },
      counts: { a: 1 },
      at: { seconds: 5, nanos: 0 },
    };
    const data = await whole.serialize(order, context('proto'));
    expect([...(data as Uint8Array).subarray(5, 7)]).eql([2, 2]);
    const back = await protobuf(registry).deserialize(data, context('proto'));
    expect(back).eql(order);
    const nested = protobuf(registry, { schema: file, imports, message: 'shop.Order.Line', subject: 'record' });
    const line = await nested.serialize({ amount: 3, color: 'RED' }, context('proto'));
    expect([...(line as Uint8Array).subarray(5, 8)]).eql([4, 2, 0]);
    expect(await nested.deserialize(line, context('proto'))).eql({ amount: 3, color: 'RED' });
    await rejects(() => nested.serialize({ amount: 'x' }, context('proto')), /amount: integer\|Long expected/);
  });

  it('read Protobuf that was registered as a descriptor, with its maps', async () => {
    const { id } = await registry.register('maps-value', {
      schema: 'syntax = "proto3"; message M { map<string, int32> m = 1; }',
      schemaType: 'PROTOBUF',
    });
    const serialized = (await running.call('GET', `/schemas/ids/${id}?format=serialized`)).body.schema;
    const other = await registry.register('maps2-value', { schema: serialized, schemaType: 'PROTOBUF' });
    const data = Buffer.from([0, 0, 0, 0, other.id, 0, 0x0a, 5, 0x0a, 1, 0x61, 0x10, 7]);
    expect(await protobuf(registry).deserialize(data, context('maps2'))).eql({ m: { a: 7 } });
  });

  it('hold JSON against its schema, both ways', async () => {
    const schema = {
      title: 'Order',
      type: 'object',
      properties: { id: { type: 'string', pattern: '^[a-z]+$' } },
      required: ['id'],
    };
    const serde = jsonSchema<{ id: string }>(registry, { schema });
    const data = await serde.serialize({ id: 'abc' }, context('js'));
    expect(Buffer.from((data as Uint8Array).subarray(5)).toString()).equal('{"id":"abc"}');
    expect(await serde.deserialize(data, context('js'))).eql({ id: 'abc' });
    await rejects(() => serde.serialize({ id: 'A' }, context('js')), /\/id must match pattern/);
    const broken = Buffer.concat([Buffer.from((data as Uint8Array).subarray(0, 5)), Buffer.from('{"id":1}')]);
    await rejects(
      () => serde.deserialize(broken, context('js')),
      /value of topic js does not fit its schema \d+: \/id must be string/,
    );
  });

  it('say what there is instead of an id, and guess', async () => {
    const serde = avro(registry);
    await rejects(
      () => serde.deserialize(Buffer.from('{"a":1}'), context('t')),
      /Unknown magic byte! The value of topic t .* 7b 22 61 .* plain JSON/,
    );
    await rejects(
      () => serde.deserialize(Buffer.from('hello'), context('t', true)),
      /The key of topic t .* plain text/,
    );
    await rejects(() => serde.deserialize(Buffer.from([0, 0, 1]), context('t')), /too short for an id/);
    await rejects(
      () => serde.deserialize(Buffer.from([0, 0, 0, 0x27, 0x0f, 1]), context('t')),
      /is of schema 9999, which http:.* does not know/,
    );
    const jsonData = await jsonSchema(registry, { schema: true }).serialize(1, context('other-type'));
    await rejects(() => serde.deserialize(jsonData, context('t')), /is of type JSON, not AVRO/);
  });

  it('pass tombstones', async () => {
    expect(await avro(registry).deserialize(null, context('t'))).equal(null);
    expect(await avro<Order | null>(registry, { schema: orders }).serialize(null, context('t'))).equal(null);
  });
});

describe('plain serialisers', () => {
  it('are UTF-8, JSON and bytes', () => {
    const at = context('t');
    expect(string.deserialize(string.serialize('\u00e9', at) as Uint8Array, at)).equal('\u00e9');
    expect(() => string.deserialize(Buffer.from([0xff]), at)).throw('The value of topic t is no UTF-8 text');
    expect(json().deserialize(json().serialize({ a: [1] }, at) as Uint8Array, at)).eql({ a: [1] });
    expect(json().serialize(undefined, at)).equal(null);
    expect(() => json().deserialize(Buffer.from('{'), at)).throw('is no JSON');
    const some = Uint8Array.of(1);
    expect(bytes.deserialize(bytes.serialize(some, at) as Uint8Array, at)).equal(some);
  });
});

/** A serialiser throws at once where it need not ask anybody. */
async function rejects(work: () => unknown, message: RegExp): Promise<void> {
  try {
    await work();
  } catch (error) {
    expect(String((error as Error).message)).match(message);
    return;
  }
  throw new Error('nothing was thrown');
}
