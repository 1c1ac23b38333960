import { expect } from 'chai';
import { startDevBroker } from '../../../src/cli/dev.ts';
import { dev, type DevSettings } from '../../../src/tools/dev/dev.ts';
import { nouns } from '../../../src/tools/own/nouns.ts';
import { memoryIo } from '../memory-io.ts';

describe('ottla dev', () => {
  it('is a broker and a registry until it is told to stop', async () => {
    const io = memoryIo();
    const running = dev(startDevBroker)(['--port', '0', '--registry-port', '0', '-t', 'orders:3', '--json'], io);
    while (io.out() === '') await new Promise((resolve) => setImmediate(resolve));
    const { bootstrapServers, registryUrl } = JSON.parse(io.out()) as { bootstrapServers: string; registryUrl: string };
    const other = memoryIo({ environment: { OTTLA_BROKERS: bootstrapServers } });
    const topic = await nouns['topic']?.();
    expect(await topic?.(['list', 'orders', '--json'], other)).to.equal(0);
    expect(other.out()).to.equal('{"name":"orders","partitions":3,"replicas":1}\n');
    const registry = await nouns['registry']?.();
    const asked = memoryIo();
    expect(await registry?.(['compatibility', '--registry', registryUrl, '--json'], asked)).to.equal(0);
    expect(asked.out()).to.equal('{"subject":"{GLOBAL}","level":"BACKWARD"}\n');
    io.stop.abort();
    expect(await running).to.equal(0);
  });

  it('hands on what it was told, and fits a screen', async () => {
    const settings: DevSettings[] = [];
    const io = memoryIo();
    io.stop.abort();
    const start = (one: DevSettings) => {
      settings.push(one);
      return Promise.resolve({ bootstrapServers: 'b:1', registryUrl: undefined, close: () => Promise.resolve() });
    };
    expect(await dev(start)(['--no-registry', '--data', '/d', '--port', '7'], io)).to.equal(0);
    expect(settings).to.deep.equal([
      {
        port: 7,
        memory: false,
        dataDir: '/d',
        registry: false,
        topics: {},
        config: { 'auto.create.topics.enable': 'true' },
      },
    ]);
    expect(io.out().split('\n').length).to.be.below(20);
    const wrong = memoryIo();
    expect(await dev(start)(['-t', 'a:0'], wrong)).to.equal(1);
    expect(wrong.err()).to.equal('ottla: --topic a:0 is not NAME or NAME:PARTITIONS\n');
  });

  it('says in a line why it does not start', async () => {
    const io = memoryIo();
    expect(await dev(startDevBroker)(['--port', '99999', '--no-registry'], io)).to.equal(1);
    expect(io.err().split('\n')).to.have.length(2);
  });
});
