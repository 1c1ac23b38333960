// Nodes that do not belong: each is refused in one line that names the node, the reason and the way out.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startBroker, startCluster, type StartOptions } from '../../../src/index.ts';

const OTHER_CLUSTER = 'AAAAAAAAQAAAAAAAAAAAAA';

describe('A node that does not belong to the cluster', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let directory: string;

  before(async () => {
    cluster = await startCluster({ nodes: 1, controllers: 1 });
    directory = mkdtempSync(join(tmpdir(), 'ottla-refused-nodes-'));
  });
  after(async () => {
    await cluster?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Of a broker alone, that looks for the controller of the cluster. */
  async function refusal(id: number, options: StartOptions = {}): Promise<string> {
    const config = {
      'node.id': id,
      'process.roles': 'broker',
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'controller.listener.names': 'CONTROLLER',
      'controller.quorum.voters': `2@127.0.0.1:${cluster.nodes[1]?.port}`,
      'initial.broker.registration.timeout.ms': 1500,
    };
    const started = startBroker({
      clusterId: cluster.clusterId,
      memory: true,
      ...options,
      config: { ...config, ...options.config },
    });
    const error = await started.then(
      async (broker) => {
        await broker.close();
        throw new Error('it started');
      },
      (reason: Error) => reason,
    );
    expect(error.name, error.message).to.equal('StartError');
    expect(error.message).to.not.contain('\n');
    return error.message.replaceAll(directory, '<dir>');
  }

  it('is of another cluster', async () => {
    expect(await refusal(5, { clusterId: OTHER_CLUSTER })).to.match(
      /^Node 5 .*cluster AAAAAAAAQAAAAAAAAAAAAA.*controller\.quorum\.voters=2@127\.0\.0\.1:\d+/,
    );
  });

  it('has an id that is in use', async () => {
    expect(await refusal(1)).to.match(/^node\.id 1 is in use: another broker with this id is alive in cluster/);
  });

  it('finds no controller', async () => {
    const message = await refusal(5, { config: { 'controller.quorum.voters': '2@127.0.0.1:1' } });
    expect(message).to.match(/^Node 5 found no active controller of cluster .* in 1500 ms/);
  });

  it('is not formatted, and nobody says for which cluster it is', async () => {
    const message = await refusal(5, {
      clusterId: undefined,
      memory: false,
      dataDir: join(directory, 'fresh'),
    } as never);
    expect(message).to.match(
      /^<dir>\/fresh is not formatted, and node 5 is one of several: format it with the id of its cluster/,
    );
  });

  it('has the directory of another node', async () => {
    const dataDir = join(directory, 'six');
    const message = await refusal(6, {
      memory: false,
      dataDir,
      config: { 'controller.quorum.voters': '2@127.0.0.1:1' },
    } as never);
    expect(message).to.contain('Node 6 found no active controller');
    expect(await refusal(7, { memory: false, dataDir } as never)).to.match(
      /^<dir>\/six belongs to node 6, but node\.id is 7: set node\.id=6 or use another directory/,
    );
  });
});
