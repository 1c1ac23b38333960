// `ottla registry`: a registry as a command, and what it does to the topic of one.
import { expect } from 'chai';
import { type Broker, startBroker } from '../../../src/index.ts';
import { registry } from '../../../src/tools/own/registry/registry.ts';
import { memoryIo } from '../memory-io.ts';

describe('ottla registry', () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker({ profile: 'test' });
  });
  after(() => broker.close());

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
    expect((await ottla(['used'])).out).to.match(/^ID +TOPIC/);
    expect((await ottla(['used', 'one'])).code).to.equal(1);
  });
});
