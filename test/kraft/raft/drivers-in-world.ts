// Several drivers of Raft in one virtual world: real logs on disks of machines that fail, real frames of the protocol between them,
// over links that can be cut.
import { defaultLogConfig } from '../../../src/log/index.ts';
import { openMetadataLog } from '../../../src/broker/node/metadata-log.ts';
import {
  type PeerAddress,
  QuorumError,
  type QuorumPeers,
  RaftDriver,
  type RaftListener,
  snapshotFileName,
  type Voter,
} from '../../../src/kraft/raft/index.ts';
// Loaded when it is first needed: the virtual clock would not wait for that.
import '../../../src/kraft/raft/quorum-channels.ts';
import { DEFAULT_QUORUM_TIMEOUTS } from '../../../src/kraft/raft/quorum-peers.ts';
import type { QuorumRequests } from '../../../src/kraft/raft/wire/requests.ts';
import type { CommittedBatch, Provenance } from '../../../src/kraft/committed/index.ts';
import {
  type ApiSchema,
  type Channel,
  ChannelError,
  codecOf,
  type Fields,
  type InputOf,
  Reader,
  type ValueOf,
  Writer,
} from '../../../src/protocol/index.ts';
import { delay, type Logger, Metrics, silentLogger } from '../../../src/runtime/index.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';
import { directoryOf } from './core-node.ts';

const DIRECTORY = '/data/__cluster_metadata-0';

type Machine = ReturnType<Simulation['machine']>;

/** What a node's listener has been told: one text per record, by offset. */
export class Told implements RaftListener<string> {
  readonly records = new Map<number, string>();
  nextOffset = 0;
  snapshots = 0;
  leaderId: number | undefined;

  handleCommit(batches: readonly CommittedBatch<string>[]): void {
    for (const { baseOffset, lastOffset, records } of batches) {
      if (baseOffset !== this.nextOffset) throw new Error(`R9 told of ${baseOffset}, where ${this.nextOffset} is next`);
      records.forEach((record, index) => this.records.set(baseOffset + index, record));
      this.nextOffset = lastOffset + 1;
    }
  }

  handleSnapshot(provenance: Provenance, batches: Iterable<CommittedBatch<string>>): void {
    if (provenance.offset < this.nextOffset) throw new Error('R9 a snapshot of what was told already');
    this.records.clear();
    this.snapshots += 1;
    for (const { records } of batches) {
      for (const record of records) {
        const [offset, text] = JSON.parse(record) as [number, string];
        this.records.set(offset, text);
      }
    }
    this.nextOffset = provenance.offset + 1;
  }

  handleLeaderChange({ leaderId }: { readonly leaderId: number | undefined }): void {
    this.leaderId = leaderId;
  }
}

export class DriverNode {
  readonly id: number;
  readonly machine: Machine;
  driver: RaftDriver<string> | undefined;
  told = new Told();
  requests: QuorumRequests | undefined;
  readonly faults: Error[] = [];
  readonly lines: string[] = [];

  constructor(id: number, machine: Machine) {
    this.id = id;
    this.machine = machine;
  }
}

export class DriverWorld {
  readonly simulation: Simulation;
  readonly nodes: DriverNode[];
  readonly #voters: Voter[];
  readonly #cut = new Set<string>();

  constructor(simulation: Simulation, count: number, voters = count) {
    this.simulation = simulation;
    this.nodes = Array.from(
      { length: count },
      (_, index) => new DriverNode(index + 1, simulation.machine(`node-${index + 1}`)),
    );
    this.#voters = this.nodes.slice(0, voters).map(({ id }) => ({
      id,
      directoryId: 'AAAAAAAAAAAAAAAAAAAAAA',
      endpoints: [{ name: 'CONTROLLER', host: `node-${id}`, port: 9093 }],
      minKraftVersion: 0,
      maxKraftVersion: 1,
    }));
  }

  node(id: number): DriverNode {
    return this.nodes[id - 1] as DriverNode;
  }
  get leader(): DriverNode | undefined {
    const leads = ({ id, driver }: DriverNode): boolean => driver?.leadership.leaderId === id;
    return this.nodes
      .filter(leads)
      .sort((one, other) => (other.driver?.leadership.epoch ?? 0) - (one.driver?.leadership.epoch ?? 0))[0];
  }

  describe(): string {
    const states = this.nodes.map(({ id, driver, told, lines, faults }) => {
      const { epoch = -1, leaderId } = driver?.leadership ?? {};
      const where = `epoch ${epoch} of ${leaderId ?? '?'}, end ${driver?.logEndOffset}, hw ${driver?.highWatermark}`;
      return `${id}: ${where}, told ${told.nextOffset}; ${[...faults.map(String), ...lines.slice(-6)].join(' / ')}`;
    });
    return states.join('\n');
  }

  cutOff(id: number): void {
    for (const other of this.nodes) if (other.id !== id) this.#cut.add(`${id}>${other.id}`).add(`${other.id}>${id}`);
  }
  heal(): void {
    this.#cut.clear();
  }

  async start(id: number): Promise<void> {
    const node = this.node(id);
    const { runtime } = node.machine;
    const logger: Logger = {
      ...silentLogger,
      log: (level, message, fields) => void node.lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
      child: () => logger,
    };
    // As formatting does it: a power failure does not take the directories away.
    runtime.disk.makeDirectorySync(DIRECTORY);
    for (const above of ['/', '/data']) runtime.disk.syncDirectorySync(above);
    const log = await openMetadataLog({
      runtime: { ...runtime, logger, metrics: new Metrics() },
      directory: DIRECTORY,
      config: defaultLogConfig,
      segmentBytes: 1024 * 1024 * 1024,
      segmentMs: 7 * 24 * 3600 * 1000,
      isInMemory: false,
      wasClosed: false,
    });
    const driver = await RaftDriver.open<string>({
      nodeId: id,
      directory: DIRECTORY,
      directoryId: directoryOf(id),
      endpoints: [{ name: 'CONTROLLER', host: `node-${id}`, port: 9093 }],
      staticVoters: this.#voters,
      log,
      disk: runtime.disk,
      clock: runtime.clock,
      logger,
      serde: { encode: (text) => Buffer.from(text), decode: (bytes) => Buffer.from(bytes).toString() },
      quorum: {
        clusterId: 'a-cluster',
        peers: this.#peersOf(node),
        bootstrapServers: [],
        random: runtime.random,
        timeouts: DEFAULT_QUORUM_TIMEOUTS,
        isController: this.#voters.some((voter) => voter.id === id),
        autoJoin: false,
      },
      retentionBytes: 1,
      retentionMs: -1,
      onFault: (error) => node.faults.push(error),
    });
    node.told = new Told();
    node.driver = driver;
    await driver.start([node.told]);
    node.requests = await driver.requests;
  }

  /** The machine or its process fails; what was not flushed may be lost. */
  crash(id: number, how: 'kill' | 'power'): void {
    const node = this.node(id);
    node.driver = undefined;
    node.requests = undefined;
    node.machine.crash(how);
  }

  async stop(id: number): Promise<void> {
    const node = this.node(id);
    const { driver } = node;
    await driver?.close();
    node.driver = undefined;
    node.requests = undefined;
  }

  snapshotNames(id: number): string[] {
    return this.node(id)
      .machine.runtime.disk.listSync(DIRECTORY)
      .map(({ name }) => name)
      .filter((name) => name.includes('.checkpoint'));
  }

  /** Writes a snapshot of all that the node was told, and lets the log before it go. */
  async snapshot(id: number): Promise<string> {
    const { driver, told } = this.node(id);
    const endOffset = told.nextOffset;
    const epoch = driver?.leadership.epoch ?? 0;
    const provenance = { offset: endOffset - 1, epoch, appendTimeMs: 0, isBatchAligned: true };
    await driver?.writeSnapshot(
      provenance,
      [...told.records].map((record) => JSON.stringify(record)),
    );
    return snapshotFileName({ endOffset, epoch });
  }

  #peersOf(from: DriverNode): QuorumPeers {
    return {
      connect: (address, attemptFailed) => this.#channel(from, address, attemptFailed) as unknown as Channel,
    };
  }

  #channel(from: DriverNode, address: PeerAddress, attemptFailed: (code: string | undefined) => void) {
    const { clock, random } = this.simulation;
    const to = this.nodes.find(({ id }) => address.host === `node-${id}`);
    if (to === undefined) throw new QuorumError(`nobody is at ${address.host}`);
    const isCut = (one: DriverNode, other: DriverNode): boolean => this.#cut.has(`${one.id}>${other.id}`);
    const lost = async (): Promise<never> => {
      await delay(clock, 2000);
      throw new ChannelError('timed out', 'no answer');
    };
    const ask = async <Q extends Fields, S extends Fields>(
      api: ApiSchema<Q, S>,
      request: InputOf<Q>,
    ): Promise<ValueOf<S>> => {
      const version = api.versions[1];
      const frame = encoded(api.request, version, request);
      await delay(clock, 1 + random.next() * 4);
      if (isCut(from, to)) return lost();
      const { requests } = to;
      if (requests === undefined) {
        attemptFailed('ECONNREFUSED');
        throw new ChannelError('disconnected', 'refused');
      }
      const decoded = codecOf(api.request, version).decode(new Reader(frame));
      const answer = await answerOf(requests, api.key, decoded);
      const bytes = encoded(api.response, version, answer as InputOf<S>);
      await delay(clock, 1 + random.next() * 4);
      if (isCut(to, from)) return lost();
      if (to.requests !== requests) throw new ChannelError('disconnected', 'gone');
      return codecOf(api.response, version).decode(new Reader(bytes));
    };
    return { ask, destroy: () => undefined, close: () => Promise.resolve() };
  }
}

function encoded<F extends Fields>(schema: ApiSchema<F>['request'], version: number, value: InputOf<F>): Buffer {
  const writer = new Writer();
  codecOf(schema, version).encode(writer, value);
  return Buffer.from(writer.finishToBytes());
}

async function answerOf(requests: QuorumRequests, key: number, request: unknown): Promise<unknown> {
  switch (key) {
    case 1:
      return requests.fetch(request as never);
    case 18: {
      const supportedFeatures = [{ name: 'kraft.version', minVersion: 0, maxVersion: 1 }];
      return { errorCode: 0, apiKeys: [], supportedFeatures, finalizedFeatures: [] };
    }
    case 52:
      return requests.vote(request as never);
    case 53:
      return requests.beginQuorumEpoch(request as never);
    case 54:
      return requests.endQuorumEpoch(request as never);
    case 59:
      return requests.fetchSnapshot(request as never);
    case 80:
      return requests.addRaftVoter(request as never);
    case 81:
      return requests.removeRaftVoter(request as never);
    case 82:
      return requests.updateRaftVoter(request as never);
    default:
      throw new Error(`nobody answers API ${key}`);
  }
}
