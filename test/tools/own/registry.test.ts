// `ottla registry`: a registry as a command, and what it does to the topic of one.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { startSchemaRegistry } from '../../../src/schema-registry/index.ts';
import { registry } from '../../../src/tools/own/registry/registry.ts';
import { memoryIo } from '../memory-io.ts';

describe('ottla registry', () => {
  let broker: Broker;
  let directory: string;
  before(async () => {
    broker = await startBroker({ profile: 'test' });
  });
  after(() => broker.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-registry-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function ottla(words: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
    const io = memoryIo({ input, environment: { OTTLA_BROKERS: broker.bootstrapServers } });
    const code = await registry(words, io);
    return { code, out: io.out(), err: io.err() };
  }

  it('runs one until it is stopped, and carries its schemas out and in', async () => {
    const io = memoryIo({});
    const running = registry(['--bootstrap', broker.bootstrapServers, '--port', '0', '--json'], io);
    while (!io.out().includes('\n')) await new Promise((resolve) => setImmediate(resolve));
    const { event, url } = JSON.parse(io.out()) as { event: string; url: string };
    expect(event).to.equal('listening');
    const answer = await fetch(`${url}/subjects/s/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schema: '"int"' }),
    });
    expect(answer.status).to.equal(200);
    io.stop.abort();
    expect(await running).to.equal(0);
    expect(await fetch(url).catch(() => 'gone')).to.equal('gone');

    const exported = await ottla(['export']);
    const line =
      '{"key":{"keytype":"SCHEMA","subject":"s","version":1,"magic":1},"value":{"subject":"s","version":1,"id":1,"schema":"\\"int\\"","deleted":false}}\n';
    expect(exported).to.deep.equal({ code: 0, out: line, err: '' });
    expect(await ottla(['import', '--topic', 'other'], exported.out)).to.include({
      code: 0,
      out: 'Wrote 1 records to other.\n',
    });
    expect((await ottla(['export', '--topic', 'other'])).out).to.equal(line);
    const refused = await ottla(['import', '--topic', 'other'], exported.out);
    expect([refused.code, refused.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && err.includes('schemas already'),
    );
    expect((await ottla(['used'])).out).to.match(/^ID +CONTEXTS +TOPIC/);
    expect((await ottla(['used', 'one'])).code).to.equal(1);
  });

  it('takes from a registry that is asked what its topic holds', async () => {
    const topic = 'asked';
    const running = await startSchemaRegistry({ brokers: broker.bootstrapServers, port: 0, topic });
    try {
      const at = ['--registry', running.url];
      const registered = async (subject: string, schema: object): Promise<void> => {
        const answer = await fetch(`${running.url}/subjects/${encodeURIComponent(subject)}/versions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(schema),
        });
        expect(answer.status, await answer.text()).to.equal(200);
      };
      await registered('a/b', { schema: '{"type":"record","name":"A","fields":[]}' });
      await registered('gone', { schema: '"int"' });
      await registered('refers', {
        schema: '{"type":"record","name":"R","fields":[{"name":"a","type":"A"}]}',
        references: [{ name: 'A', subject: 'a/b', version: 1 }],
      });
      await registered('proto', { schemaType: 'PROTOBUF', schema: 'syntax = "proto3"; message P { int64 id = 1; }' });
      expect((await ottla(['delete', 'gone', ...at])).code).to.equal(0);
      expect((await ottla(['compatibility', 'proto', '--set', 'FULL', ...at])).code).to.equal(0);
      expect((await ottla(['mode', 'a/b', '--set', 'READONLY', ...at])).code).to.equal(0);
      const asked = await ottla(['export', ...at]);
      expect(asked.err).to.equal('');
      const lines = asked.out.trimEnd().split('\n');
      const read = (await ottla(['export', '--topic', topic])).out.trimEnd().split('\n');
      const gone =
        '"key":{"keytype":"SCHEMA","subject":"gone","version":1,"magic":1},"value":{"subject":"gone","version":1,';
      // Of what nobody has set, only who is asked tells; and that a subject is gone, the topic says in a record of its own.
      expect(lines.filter((line) => !read.includes(line))).to.have.members([
        '{"key":{"keytype":"CONFIG","magic":0},"value":{"compatibilityLevel":"BACKWARD"}}',
        '{"key":{"keytype":"MODE","magic":0},"value":{"mode":"READWRITE"}}',
        `{${gone}"id":2,"schema":"\\"int\\"","deleted":true}}`,
      ]);
      expect(read.filter((line) => !lines.includes(line))).to.have.members([
        `{${gone}"id":2,"schema":"\\"int\\"","deleted":false}}`,
        '{"key":{"keytype":"DELETE_SUBJECT","subject":"gone","magic":0},"value":{"subject":"gone","version":1}}',
      ]);
      const brought = await ottla(['import', '--topic', 'taken'], asked.out);
      expect(brought).to.include({ code: 0, out: `Wrote ${lines.length} records to taken.\n` });
    } finally {
      await running.close();
    }
    expect((await ottla(['export', '--registry', running.url])).err).to.contain('does not answer');
  });

  it('speaks of one context, or of all', async () => {
    const running = await startSchemaRegistry({ brokers: broker.bootstrapServers, port: 0, topic: 'contexts' });
    try {
      const at = ['--registry', running.url];
      const create = ['create', 's', '--schema', join(directory, 'schema'), ...at];
      writeFileSync(join(directory, 'schema'), '"long"');
      expect((await ottla([...create, '--context', 'staging'])).code).to.equal(0);
      expect((await ottla(['contexts', ...at, '--json'])).out).to.contain('.staging');
      expect((await ottla(['get', 's', '--print-schema', '--context', '.staging', ...at])).out).to.equal('"long"\n');
      expect((await ottla(['schema', '1', '--context', 'staging', ...at, '--json'])).out).to.contain('long');
      expect((await ottla(['versions', 's', ...at])).err).to.contain('40401');
      const wrong = await ottla(['subjects', '--context', 'a:b', ...at]);
      expect([wrong.code, wrong.err]).to.deep.equal([1, 'ottla: "a:b" is no name of a context: it has a colon\n']);
    } finally {
      await running.close();
    }
  });
});
