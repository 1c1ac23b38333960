// The package as its users get it: packed, installed into an empty project, imported from ESM, CommonJS and TypeScript,
// and its command run.
import { expect } from 'chai';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 300_000;

function run(command: string, args: readonly string[], cwd: string): string {
  // The npm that runs these tests tells its children about this project; the one in the new project must not know it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(cache|registry))/i.test(name)),
  );
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout}\n${stderr}`);
  return stdout;
}

const npm = (args: readonly string[], cwd: string): string => run('npm', args, cwd);

/** With the build that is there, and types beside it, which nothing else here needs. */
function pack(directory: string): string {
  const staging = join(directory, 'staging');
  mkdirSync(staging);
  for (const file of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'])
    copyFileSync(join(root, file), join(staging, file));
  run(process.execPath, [join(root, 'scripts/prepare.mjs')], root);
  cpSync(join(root, 'dist'), join(staging, 'dist'), { recursive: true });
  run(process.execPath, [join(root, 'scripts/build.mjs'), '--types-alone', `--out=${join(staging, 'dist')}`], root);
  npm(['pack', '--ignore-scripts', '--pack-destination', directory], staging);
  return join(directory, readdirSync(directory).find((name) => name.endsWith('.tgz')) as string);
}

const program = `
  const broker = await startBroker({ memory: true, port: 0, topics: { orders: 3 } });
  if (!/^127\\.0\\.0\\.1:\\d+$/.test(broker.bootstrapServers)) throw new Error(broker.bootstrapServers);
  await broker.close();
  console.log('done');
`;

const extras = `
  import { startBroker } from 'ottla';
  import { Consumer, Producer } from 'ottla/client';
  import { jsonSchema, registryClient } from 'ottla/serde';
  const broker = await startBroker({ profile: 'test', port: 0, topics: { orders: 1 }, registry: { port: 0 } });
  const brokers = broker.bootstrapServers;
  const schema = { type: 'object', properties: { total: { type: 'number' } } };
  const value = jsonSchema(registryClient(broker.registryUrl), { schema });
  const producer = new Producer({ brokers, serializers: { value } });
  await producer.send('orders', { value: { total: 12 } });
  const consumer = new Consumer({ brokers, group: 'g', topics: ['orders'], autoOffsetReset: 'earliest', deserializers: { value } });
  for await (const { topic, partition, offset, value } of consumer) {
    console.log(topic, partition, offset, JSON.stringify(value));
    break;
  }
  await consumer.close();
  await producer.close();
  await broker.close();
`;

describe('The package', () => {
  it('works when it is installed into an empty project', async function () {
    this.timeout(TIMEOUT_MS);
    const directory = mkdtempSync(join(tmpdir(), 'ottla-package-'));
    try {
      const tarball = pack(directory);
      const project = join(directory, 'project');
      mkdirSync(project);
      writeFileSync(join(project, 'package.json'), '{ "name": "project", "private": true }');
      npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], project);

      writeFileSync(join(project, 'esm.mjs'), `import { startBroker } from 'ottla';\n${program}`);
      expect(run(process.execPath, ['esm.mjs'], project)).to.equal('done\n');
      const wrapped = `const { startBroker } = require('ottla');\n(async () => {${program}})();`;
      writeFileSync(join(project, 'common.cjs'), wrapped);
      expect(run(process.execPath, ['common.cjs'], project)).to.equal('done\n');
      writeFileSync(join(project, 'extras.mjs'), extras);
      expect(run(process.execPath, ['extras.mjs'], project)).to.equal('orders 0 0 {"total":12}\n');
      await checkBundled(project);
      checkTypes(project);
      await checkCommand(project);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

/** A bundler follows requires to files, not what load.js does: it finds the program by the condition `module`. */
async function checkBundled(project: string): Promise<void> {
  writeFileSync(join(project, 'bundled.mjs'), `import { startBroker } from 'ottla';\n${program}`);
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    cwd: project,
    input: 'bundled.mjs',
    platform: 'node',
    resolve: { conditionNames: ['module', 'import'] },
  });
  await bundle.write({ dir: join(project, 'bundle'), format: 'esm', entryFileNames: 'bundled.mjs' });
  await bundle.close();
  expect(run(process.execPath, ['bundle/bundled.mjs'], project)).to.equal('done\n');
}

/** As a strict user without any other types would compile it, library check included. */
function checkTypes(project: string): void {
  const use = `import { startBroker, type ApiName, type Broker, type BrokerRequest, type GroupSnapshot, type RequestAnswer } from 'ottla';
    export function answer(request: BrokerRequest): RequestAnswer | undefined {
      if (request.api === 'Fetch') {
        const offset: number | undefined = request.body.topics[0]?.partitions[0]?.fetchOffset;
        // @ts-expect-error: Fetch has no acks
        request.body.acks;
        return offset === 7 ? { error: 'NOT_LEADER_OR_FOLLOWER', delayMs: 5 } : undefined;
      }
      if (request.api === 'Produce') {
        const size: number = request.body.topicData[0]?.partitionData[0]?.records?.length ?? 0;
        return size > 5 ? { close: true } : { delayMs: request.version };
      }
      return undefined;
    }
    export async function watch(): Promise<number> {
      await using broker = await startBroker({ profile: 'test', history: { limit: 5 }, onRequest: answer });
      const other = await startBroker({ memory: true, onRequest: async () => undefined });
      await startBroker({ memory: true, history: true, onRequest: (request) => void request.topics.length });
      // @ts-expect-error: there is no such error
      other.failNext({ api: 'Fetch' }, 'NO_SUCH_ERROR');
      // @ts-expect-error: there is no such API
      other.failNext({ api: 'Fetsch' }, 'NOT_COORDINATOR');
      const plan = broker.failNext({ api: 'JoinGroup', clientId: 'a', times: 2 }, { close: true });
      plan.cancel();
      await broker.reset();
      const [first] = broker.requests({ api: 'Produce' });
      const bytes: number | undefined = first?.body.topicData[0]?.partitionData[0]?.records?.sizeBytes;
      const [any] = broker.requests();
      const api: ApiName | undefined = any?.api;
      return plan.remaining + (bytes ?? 0) + (api ?? '').length + (first?.errors.length ?? 0);
    }
    export async function stand(broker: Broker): Promise<readonly (string | number | bigint | undefined)[]> {
      const groups: readonly GroupSnapshot[] = await broker.groups();
      const [group] = groups;
      if (group?.type === 'share') return group.startOffsets.map(({ offset }) => offset);
      // @ts-expect-error: there is no such type of group
      if (group?.type === 'chair') return [];
      // @ts-expect-error: there is no such state
      if (group?.state === 'Stabel') return [];
      const [open] = await broker.transactions();
      const pending = group?.pendingOffsets.filter(({ producerId }) => producerId === open?.producerId) ?? [];
      return [...(group?.members[0]?.target ?? []), ...pending.map(({ offset }) => offset), group?.epoch];
    }
    export async function use(): Promise<string> {
      const broker: Broker = await startBroker({ memory: true, topics: { orders: 3 } });
      const port: number = broker.port;
      // @ts-expect-error: a flag of the wrong type must not compile
      await startBroker({ memory: 'yes' });
      return broker.bootstrapServers + port;
    }\n`;
  writeFileSync(join(project, 'esm.mts'), use);
  writeFileSync(join(project, 'common.cts'), use);
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const options = '--noEmit --strict --module nodenext --target es2022 --lib es2022,esnext.disposable'.split(' ');
  run(process.execPath, [tsc, ...options, '--types', '', 'esm.mts', 'common.cts'], project);
}

async function checkCommand(project: string): Promise<void> {
  const bin = join(project, 'node_modules/.bin/ottla');
  expect(run(bin, ['--version'], project)).to.match(/^\d+\.\d+\.\d+\n$/);
  const child = spawn(bin, ['start', '--memory', '--port', '0', '--json'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { port } = JSON.parse(String(line)) as { port: number };
    const socket = net.connect(port, '127.0.0.1');
    // ApiVersions 0, correlation id 7, no client id: the oldest question there is.
    socket.write(Buffer.from('0000000a0012000000000007ffff', 'hex'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.readInt32BE(4)).to.equal(7);
    socket.destroy();
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).to.equal(0);
  } finally {
    child.kill('SIGKILL');
  }
}
