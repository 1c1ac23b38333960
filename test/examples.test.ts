// Every example does what it says, as a program of its own with the package as it is built: what a newcomer copies works.
import { QUICK_MEMBERS } from './quick-members.ts';
import { expect } from 'chai';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ClusterClient } from '../src/client/index.ts';
import { type Broker, startBroker } from '../src/index.ts';

const directory = fileURLToPath(new URL('../examples/', import.meta.url));
const pathOf = (file: string): string => fileURLToPath(new URL(`../scripts/${file}`, import.meta.url));
const SLOW_MS = 60_000;

/** Standard output. Rejects with what it complained of when it ends badly. */
function run(file: string, ...args: string[]): Promise<string> {
  const typescript = `--import=${pathToFileURL(pathOf('typescript/register.mjs')).href}`;
  const child = spawn(process.execPath, [typescript, `${directory}${file}`, ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${file} ended with ${code}: ${err}${out}`)),
    );
  });
}

describe('Examples', function () {
  this.timeout(SLOW_MS);
  let broker: Broker;

  before('the build is that of the sources', () => {
    expect(spawnSync(process.execPath, [pathOf('prepare.mjs')]).status).to.equal(0);
  });

  before(async () => {
    const topics = { greetings: {}, 'orders-copy': {}, orders: {}, jobs: { partitions: 2 } };
    broker = await startBroker({ memory: true, registry: true, topics, config: QUICK_MEMBERS });
  });

  after(() => broker.close());

  it('write and read', async () => {
    expect(await run('simple-producer.ts', broker.bootstrapServers, 'greetings')).to.match(
      /hello Ada is at greetings-0, offset 0\n/,
    );
    const read = await run('simple-consumer.ts', broker.bootstrapServers, 'greetings', '3');
    expect(read).to.equal(
      'greetings-0 @0  Ada: hello Ada\ngreetings-0 @1  Grace: hello Grace\ngreetings-0 @2  Barbara: hello Barbara\n',
    );
  });

  it('copy in transactions', async () => {
    expect(await run('transactional-copy.ts', broker.bootstrapServers, 'greetings', 'orders-copy', '3')).to.match(
      /3 records copied\n$/,
    );
    const client = new ClusterClient({ brokers: broker.bootstrapServers });
    const consumer = client.consumer({ isolation: 'read_committed', autoOffsetReset: 'earliest' });
    consumer.assign([{ topic: 'orders-copy', partition: 0 }]);
    const copied: string[] = [];
    // A commit is answered before it is marked in the partitions: what it made may come a moment later.
    while (copied.length < 3) for (const { value } of await consumer.poll(1000)) copied.push(String(value));
    expect(copied).to.deep.equal(['hello Ada', 'hello Grace', 'hello Barbara']);
    await consumer.close();
    await client.close();
  });

  it('keep schemas in a registry', async () => {
    const said = await run('avro-orders.ts', broker.bootstrapServers, broker.registryUrl as string);
    expect(said)
      .to.match(/order 1 of Ada: 12\.5\n/)
      .and.match(/111\.5 in all\n$/);
  });

  it('share work', async () => {
    const said = await run('share-workers.ts', broker.bootstrapServers, 'jobs');
    expect(said)
      .to.match(/could not do job 7: it slipped\n/)
      .and.match(/10 jobs done\n$/);
  });

  it('embed a broker', async () => {
    expect(await run('embedding.ts')).to.equal('a broker is ready\nread {"name":"Ada"}\n');
  });

  it('are all run here, and listed', () => {
    const files = readdirSync(directory).filter((name) => name.endsWith('.ts'));
    expect(files.sort()).to.deep.equal([
      'avro-orders.ts',
      'embedding.ts',
      'share-workers.ts',
      'simple-consumer.ts',
      'simple-producer.ts',
      'transactional-copy.ts',
    ]);
  });
});
