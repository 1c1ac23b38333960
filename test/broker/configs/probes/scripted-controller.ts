// A node of a quorum on a simulated machine, and beside it a voter that is a script: it notes what it is asked and when, and answers
// as it is told to, or never.
import { apiVersions } from '../../../../src/api-handlers/18-api-versions.ts';
import type { Handler } from '../../../../src/api-handlers/handler.ts';
import { LoggerLevels } from '../../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../../src/broker/configs/settings.ts';
import { BrokerNode } from '../../../../src/broker/node/broker-node.ts';
import { Fetch, type FetchRequest, type FetchResponse } from '../../../../src/protocol/messages/01-fetch.ts';
import { Vote, type VoteRequest, type VoteResponse } from '../../../../src/protocol/messages/52-vote.ts';
import { FetchSnapshot, type FetchSnapshotRequest } from '../../../../src/protocol/messages/59-fetch-snapshot.ts';
import { delay, type Network } from '../../../../src/runtime/index.ts';
import { nextTurn } from '../../../../src/runtime/node/index.ts';
import { simulate, type SimMachine } from '../../../../src/runtime/sim/index.ts';
import { NodeConnection } from '../../../simulation/replication/node-server.ts';

const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const PORT = 9093;

/** How the voter takes it that it is asked. */
export interface Script {
  /** Nothing reaches it. */
  readonly isCutOff?: boolean;
  /** Left out: no answer. */
  readonly fetch?: 'knows of no leader' | 'leads, and has a snapshot' | 'leads once, then is mute';
  readonly vote?: 'refuses' | 'refuses candidates';
}

export interface Noted {
  readonly name: 'Fetch' | 'Vote' | 'FetchSnapshot';
  readonly atMs: number;
  readonly maxBytes: number;
}

export interface Seen {
  /** Attempts of the node to connect, and when. */
  readonly dials: readonly { readonly host: string; readonly atMs: number }[];
  readonly asked: readonly Noted[];
}

class ScriptedVoter {
  readonly asked: Noted[] = [];
  readonly #script: Script;
  readonly #now: () => number;

  constructor(script: Script, now: () => number) {
    this.#script = script;
    this.#now = now;
  }

  async listen({ runtime }: SimMachine): Promise<void> {
    const features = () => ({ supported: [], finalized: new Map<string, number>(), epoch: -1 });
    const handlers = [
      apiVersions(() => [1, 18, 52, 59], features),
      { api: Fetch, handle: (request: FetchRequest) => this.#fetched(request) },
      { api: Vote, handle: (request: VoteRequest) => this.#voted(request) },
      { api: FetchSnapshot, handle: ({ maxBytes }: FetchSnapshotRequest) => this.#mute('FetchSnapshot', maxBytes) },
    ] as unknown as Handler[];
    await runtime.network.listen(
      { host: '0.0.0.0', port: PORT },
      (connection) => new NodeConnection(connection, handlers),
    );
  }

  #note(name: Noted['name'], maxBytes = 0): void {
    this.asked.push({ name, atMs: this.#now(), maxBytes });
  }

  #mute(name: Noted['name'], maxBytes = 0): Promise<never> {
    this.#note(name, maxBytes);
    return new Promise(() => undefined);
  }

  async #fetched({ topics, maxBytes }: FetchRequest): Promise<FetchResponse> {
    const { fetch } = this.#script;
    const isMute = fetch === 'leads once, then is mute' && this.asked.some(({ name }) => name === 'Fetch');
    if (fetch === undefined || isMute) return this.#mute('Fetch', maxBytes);
    this.#note('Fetch', maxBytes);
    const isUnknown = fetch === 'knows of no leader';
    const epoch = topics[0]?.partitions[0]?.currentLeaderEpoch ?? 0;
    const isNews = epoch < 1;
    const partition = {
      partitionIndex: 0,
      errorCode: isUnknown || isNews ? 6 : 0,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: 0,
      divergingEpoch: { epoch: -1, endOffset: -1 },
      currentLeader: isUnknown ? { leaderId: -1, leaderEpoch: epoch } : { leaderId: 1, leaderEpoch: 1 },
      snapshotId: !isUnknown && !isNews ? { endOffset: 10, epoch: 1 } : { endOffset: -1, epoch: -1 },
      abortedTransactions: null,
      preferredReadReplica: -1,
      records: null,
    };
    const responses = [{ topic: '__cluster_metadata', topicId: METADATA_TOPIC_ID, partitions: [partition] }];
    return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, responses, nodeEndpoints: [] };
  }

  async #voted({ topics }: VoteRequest): Promise<VoteResponse> {
    if (this.#script.vote === undefined) return this.#mute('Vote');
    this.#note('Vote');
    const { replicaEpoch: leaderEpoch = 0, preVote = false } = topics[0]?.partitions[0] ?? {};
    const voteGranted = preVote && this.#script.vote === 'refuses candidates';
    const partition = { partitionIndex: 0, errorCode: 0, leaderId: -1, leaderEpoch, voteGranted };
    return { errorCode: 0, topics: [{ topicName: '__cluster_metadata', partitions: [partition] }], nodeEndpoints: [] };
  }
}

/** What was to be loaded when the turn began has been loaded: Node.js resolves imports one by one, and virtual time waits for none. */
async function loadedTurn(): Promise<void> {
  await nextTurn();
  await import('./scripted-controller.ts');
  await nextTurn();
}

/** Node 9, in the role of a broker or a controller, beside voter 1, for so long after it has dialled first. */
export function besideVoter(
  role: 'broker' | 'controller',
  config: Readonly<Record<string, string>>,
  script: Script,
  forMs: number,
): Promise<Seen> {
  const dials: { host: string; atMs: number }[] = [];
  const turn = (): Promise<void> => (dials.length === 0 ? loadedTurn() : nextTurn());
  return simulate({ seed: 1, nextTurn: turn }, async (simulation) => {
    const { clock, links } = simulation;
    const [voterMachine, machine] = [simulation.machine('node1'), simulation.machine('node9')];
    const voter = new ScriptedVoter(script, () => clock.monotonicMs());
    await voter.listen(voterMachine);
    if (script.isCutOff === true) links.cut('node1', 'node9');
    await new Promise<void>((resolve) => {
      const dialled = (host: string): void => {
        dials.push({ host, atMs: clock.monotonicMs() });
        resolve();
      };
      void startNode(machine, role, config, dialled);
    });
    await delay(clock, forMs);
    machine.crash('kill');
    return { dials, asked: voter.asked };
  });
}

function startNode(
  machine: SimMachine,
  role: 'broker' | 'controller',
  config: Readonly<Record<string, string>>,
  dialled: (host: string) => void,
): Promise<BrokerNode> {
  const { runtime } = machine;
  const { network } = runtime;
  const watched: Network = {
    listen: (...args) => network.listen(...args),
    connect: (target, accept) => {
      dialled(target.host);
      return network.connect(target, accept);
    },
  };
  machine.disk.makeDirectorySync('/data');
  const isBroker = role === 'broker';
  const voters = `1@node1:${PORT}${isBroker ? '' : `,9@node9:${PORT}`}`;
  const given = {
    'node.id': '9',
    'process.roles': role,
    listeners: isBroker ? 'PLAINTEXT://node9:9092' : `CONTROLLER://node9:${PORT}`,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': voters,
    'log.dirs': '/data',
    ...config,
  };
  return BrokerNode.start({
    runtime: { ...runtime, network: watched },
    settings: settingsOf({ config: given }, runtime.disk),
    loggers: new LoggerLevels(),
    clusterId: CLUSTER_ID,
  });
}
