// What the topics hold, held against schemas: compatibility with the data, which ids are used, and schemas on their way to another
// cluster.
import { expect } from 'chai';
import { ClusterClient } from '../../src/client/index.ts';
import { buildBatch } from '../../src/protocol/index.ts';
import { Produce } from '../../src/protocol/messages/00-produce.ts';
import { framed, splitIndexes } from '../../src/schema-registry/data/framing.ts';
import {
  exportSchemas,
  ImportError,
  importSchemas,
  startSchemaRegistry,
  usedIds,
} from '../../src/schema-registry/index.ts';
import { callAt, record, type Running, startRegistry } from './running-registry.ts';

const ORDER = record('Order', { name: 'id', type: 'long' });
const header = (guid: string): Buffer => Buffer.concat([Buffer.of(1), Buffer.from(guid.replaceAll('-', ''), 'hex')]);

interface Written {
  readonly key?: Uint8Array;
  readonly value: Uint8Array | null;
  readonly headers?: { key: string; value: Uint8Array }[];
}

async function write(brokers: string, topic: string, index: number, records: readonly Written[]): Promise<void> {
  const client = new ClusterClient({ brokers });
  try {
    const { nodeId, topicId } = await client.leaderOf(topic, index);
    const batch = buildBatch(records.map((one) => ({ key: null, timestamp: 1, ...one })));
    const topicData = [{ name: topic, topicId, partitionData: [{ index, records: batch }] }];
    const answer = await client.askNode(nodeId, Produce, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 5000,
      topicData,
    });
    expect(answer.responses[0]?.partitionResponses[0]?.errorCode).to.equal(0);
  } finally {
    await client.close();
  }
}

const framedBytes = (id: number, ...payload: number[]): Buffer => Buffer.from([0, 0, 0, 0, id, ...payload]);

describe('Schemas and the data', () => {
  let running: Running;
  let brokers: string;

  beforeEach(async () => {
    running = await startRegistry({}, { topics: { orders: 2, plain: 1 } });
    brokers = running.broker.bootstrapServers;
  });
  afterEach(() => running.close());

  const check = async (schema: string, query: string, subject = 'orders-value') =>
    (await running.call('POST', `/compatibility/subjects/${subject}/versions?${query}`, { schema })).body;

  it('finds the first record of the topic that a candidate cannot read', async () => {
    await running.call('PUT', '/config/orders-value', { compatibility: 'NONE' });
    await running.call('POST', '/subjects/orders-value/versions', { schema: ORDER });
    // 7 as a long; a tombstone is nothing to read.
    await write(brokers, 'orders', 0, [{ value: framedBytes(1, 14) }, { value: null }]);
    expect(await check(ORDER, 'data=last:100')).to.deep.equal({ is_compatible: true });
    const text = record('Order', { name: 'id', type: 'string' });
    const refused = await check(text, 'data=last:100');
    expect(refused.is_compatible).to.equal(false);
    expect(refused.messages[0]).to.match(
      /^The value of the record at offset 0 of partition 0 of orders cannot be read: written with id 1: /,
    );
    // The rules would have let it through.
    expect(await check(text, 'verbose=true')).to.deep.equal({ is_compatible: true, messages: [] });
    await write(brokers, 'orders', 1, [{ value: Buffer.from('{"id":7}') }]);
    expect((await check(ORDER, 'data=last:100')).messages[0]).to.match(
      /offset 0 of partition 1 .*looks like plain JSON, without magic byte and id; it begins with 7b226964223a377d$/,
    );
    await write(brokers, 'orders', 0, [{ value: framedBytes(9, 14) }]);
    expect((await check(ORDER, 'data=last:2')).messages[0]).to.match(/id 9 is unknown here$/);
    expect((await check(ORDER, 'data=all')).error_code).to.equal(422);
    expect((await check(ORDER, 'data=last:1', 'odd')).error_code).to.equal(422);
    expect((await check(ORDER, 'data=last:1&topic=none', 'odd')).message).to.contain('cannot be read');
    expect(await check(ORDER, 'data=last:1&topic=plain', 'odd')).to.deep.equal({ is_compatible: true });
  });

  it('tells which topics and offsets carry an id, before the payload or by its GUID', async () => {
    const { guid } = (await running.call('POST', '/subjects/s/versions', { schema: ORDER })).body;
    const headers = [{ key: '__value_schema_id', value: header(guid) }];
    await write(brokers, 'orders', 1, [
      { value: framedBytes(1, 2) },
      { value: framedBytes(200, 2) },
      { key: framedBytes(1, 2), value: Buffer.of(14), headers },
    ]);
    const found = async (options: object) => {
      const rows = [];
      for await (const row of usedIds({ brokers }, options)) rows.push(row);
      return rows;
    };
    const place = { id: 1, contexts: ['.'], topic: 'orders', partition: 1 };
    expect(await found({})).to.have.deep.members([
      { ...place, part: 'value', records: 2, firstOffset: 0, lastOffset: 2 },
      { ...place, part: 'key', records: 1, firstOffset: 2, lastOffset: 2 },
    ]);
    expect(await found({ id: 200 })).to.deep.equal([
      { ...place, id: 200, contexts: [], part: 'value', records: 1, firstOffset: 1, lastOffset: 1 },
    ]);
    expect(await found({ topics: ['plain'] })).to.deep.equal([]);
    // The bytes do not say of which context an id is.
    await running.call('POST', '/subjects/:.other:s/versions', { schema: '"int"' });
    await running.call('POST', '/subjects/:.other:t/versions', { schema: '"long"' });
    await write(brokers, 'plain', 0, [{ value: framedBytes(2, 2) }, { value: framedBytes(1, 2) }]);
    expect((await found({ topics: ['plain'] })).map(({ id, contexts }) => [id, contexts])).to.deep.equal([
      [2, ['.other']],
      [1, ['.', '.other']],
    ]);
    expect((await found({ topics: ['plain'], context: '.' })).map(({ id }) => id)).to.deep.equal([1]);
    // As many of each partition: of this one the last record, whose key and value both carry it.
    expect((await found({ id: 1, last: 2, topics: ['orders'] })).map((row) => row.records)).to.deep.equal([1, 1]);
  });

  it('takes schemas to another cluster as they are, and into no topic that has some', async () => {
    const post = (subject: string, schema: string) => running.call('POST', `/subjects/${subject}/versions`, { schema });
    await running.call('PUT', '/config/a', { compatibility: 'NONE' });
    await post('a', ORDER);
    await post('a', '"int"');
    await post('b', '"long"');
    await running.call('DELETE', '/subjects/b');
    await running.call('DELETE', '/subjects/a/versions/1');
    await running.call('DELETE', '/subjects/a/versions/1?permanent=true');
    const lines: string[] = [];
    for await (const line of exportSchemas({ brokers })) lines.push(line);
    expect(lines.map((line) => JSON.parse(line).key.keytype)).to.deep.equal([
      'CONFIG',
      'SCHEMA',
      'SCHEMA',
      'DELETE_SUBJECT',
    ]);
    const other = await startRegistry({}, {});
    const target = { brokers: other.broker.bootstrapServers };
    try {
      expect(await importSchemas(target, each(lines))).to.equal(4);
      const second = await startSchemaRegistry({ ...target, port: 0, election: false });
      expect(
        (await callAt(second.url, 'GET', '/schemas?deleted=true')).body.map((one: any) => [
          one.subject,
          one.version,
          one.id,
        ]),
      ).to.deep.equal([
        ['a', 2, 2],
        ['b', 1, 3],
      ]);
      expect((await callAt(second.url, 'GET', '/subjects')).body).to.deep.equal(['a']);
      await second.close();
      const refused = await importSchemas(target, each(lines)).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(ImportError);
      expect(await importSchemas(target, each(lines), { force: true })).to.equal(4);
      const wrong = await importSchemas(target, each(['{}'])).catch((error: unknown) => (error as Error).message);
      expect(wrong).to.contain('line 1 is no record of a registry');
    } finally {
      await other.close();
    }
  });

  it('reads what is said about a payload in any of its forms', () => {
    expect(framed(Buffer.from([0, 0, 0, 1, 2, 9]), 'value', [])).to.deep.equal({
      by: { id: 258 },
      payload: Buffer.of(9),
    });
    expect(framed(Buffer.from([0, 0, 0]), 'value', [])).to.equal(undefined);
    expect(framed(Buffer.from([0, 255, 0, 0, 0]), 'value', [])).to.equal(undefined);
    const guid = '1d20cbb9-e5e3-5e97-54e7-da170b6e5ddb';
    const said = (bytes: Buffer, key = '__value_schema_id') => framed(Buffer.of(9), 'value', [{ key, value: bytes }]);
    expect(said(header(guid))?.by).to.deep.equal({ guid });
    expect(said(Buffer.concat([header(guid), Buffer.from([4, 2, 0])]))?.indexes).to.deep.equal([1, 0]);
    expect(said(header(guid), '__key_schema_id')).to.equal(undefined);
    expect(said(header(guid).subarray(0, 9))).to.equal(undefined);
    expect(splitIndexes(Buffer.from([0, 9]))).to.deep.equal({ indexes: [0], rest: Buffer.of(9) });
    expect(splitIndexes(Buffer.from([4, 2, 0, 9]))).to.deep.equal({ indexes: [1, 0], rest: Buffer.of(9) });
    expect(splitIndexes(Buffer.from([200])).indexes).to.equal(undefined);
    expect(splitIndexes(Buffer.from([4, 1])).indexes).to.equal(undefined);
  });
});

async function* each(lines: readonly string[]): AsyncGenerator<string, void> {
  yield* lines;
}
