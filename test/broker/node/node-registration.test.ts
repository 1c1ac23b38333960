import { expect } from 'chai';
import { LocalControllerChannel } from '../../../src/broker/node/controller-channel.ts';
import { NodeRegistration } from '../../../src/broker/node/node-registration.ts';
import type { ControllerOperations } from '../../../src/kraft/controller/index.ts';
import { MetadataDelta, MetadataImage, type MetadataRecord } from '../../../src/kraft/metadata/index.ts';
import type { LogFields, Logger, LogLevel } from '../../../src/runtime/index.ts';

const A = 'AAAAAAAAQAAAAAAAAAAAAA';
const B = 'BBBBBBBBQBBBBBBBBBBBBA';

const untouchedOperations = new Proxy({} as ControllerOperations, {
  get: (_, name) => () => Promise.reject(new Error(`${String(name)} was asked for`)),
});

/** A controller that takes down what it is told, and a metadata log that only knows levels. */
class Cluster {
  readonly told: string[] = [];
  readonly lines: [LogLevel, string, LogFields | undefined][] = [];
  readonly registration: NodeRegistration;
  #image = MetadataImage.empty;
  isRefusing = false;

  constructor(level: number) {
    const logger: Logger = {
      log: (...line) => this.lines.push(line as [LogLevel, string, LogFields | undefined]),
      child: () => logger,
    };
    this.registration = new NodeRegistration({
      controller: new LocalControllerChannel({
        ...untouchedOperations,
        registerController: async () => {
          this.#tell('controller');
          return { errorCode: 0, errorMessage: null };
        },
        registerBroker: async ({ logDirs }) => {
          this.#tell(`broker with ${logDirs.join()}`);
          return { errorCode: 0, brokerEpoch: 7 };
        },
        brokerHeartbeat: async ({ offlineLogDirs, brokerEpoch }) => {
          this.#tell(`heartbeat ${brokerEpoch}${offlineLogDirs.map((id) => ` without ${id}`).join('')}`);
          return { errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: false };
        },
      }),
      identity: { nodeId: 1, clusterId: 'cluster', incarnationId: A, controllerListeners: [] },
      image: () => this.#image,
      appliedOffset: () => 5,
      logger,
    });
    this.commit({ type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: level });
  }

  commit(record: MetadataRecord): void {
    const delta = new MetadataDelta(this.#image);
    delta.replay(record);
    this.#image = delta.apply(MetadataImage.empty.provenance);
    this.registration.publish(delta, this.#image);
  }

  register(): Promise<void> {
    return this.registration.register({ listeners: [], rack: null, previousBrokerEpoch: -1, logDirs: [A, B] });
  }

  async raise(level: number): Promise<string[]> {
    this.told.length = 0;
    this.commit({ type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: level });
    await new Promise((resolve) => setImmediate(resolve));
    return this.told;
  }

  #tell(what: string): void {
    if (this.isRefusing) throw new Error('NOT_CONTROLLER');
    this.told.push(what);
  }
}

describe('the registration of a node', () => {
  it('is that of a broker alone where the level knows no controllers', async () => {
    const cluster = new Cluster(14);
    expect(cluster.registration.brokerEpoch).to.equal(-1);
    await cluster.register();
    expect(cluster.told).to.deep.equal([`broker with ${A},${B}`, 'heartbeat 7']);
    expect(cluster.registration.brokerEpoch).to.equal(7);
  });

  it('is that of controller and broker from 3.7-IV0 on', async () => {
    const cluster = new Cluster(15);
    await cluster.register();
    expect(cluster.told[0]).to.equal('controller');
  });

  it('says again what a higher level lets it say, and nothing twice', async () => {
    const cluster = new Cluster(7);
    expect(await cluster.raise(8), 'before it is registered').to.deep.equal([]);
    await cluster.register();
    expect(await cluster.raise(14)).to.deep.equal([]);
    expect(await cluster.raise(15)).to.deep.equal(['controller']);
    expect(await cluster.raise(17)).to.deep.equal([`broker with ${A},${B}`]);
    expect(await cluster.raise(29)).to.deep.equal([]);
    expect(await cluster.raise(30)).to.deep.equal(['heartbeat 7']);
    expect(await cluster.raise(30)).to.deep.equal([]);
  });

  it('leaves out directories that have failed since', async () => {
    const cluster = new Cluster(7);
    await cluster.registration.directoriesFailed([B]);
    await cluster.register();
    expect(cluster.told).to.deep.equal([`broker with ${A}`, `heartbeat 7 without ${B}`]);
    await cluster.registration.directoriesFailed([A, B]);
    expect(await cluster.raise(30)).to.deep.equal([
      'broker with ',
      'controller',
      `heartbeat 7 without ${A} without ${B}`,
    ]);
  });

  it('says in the log when the controller did not take it', async () => {
    const cluster = new Cluster(14);
    await cluster.register();
    cluster.isRefusing = true;
    await cluster.raise(15);
    expect(cluster.lines).to.have.length(1);
    expect(cluster.lines[0]?.[0]).to.equal('warn');
    expect(cluster.lines[0]?.[2]).to.include({ metadataVersion: 15 });
  });
});
