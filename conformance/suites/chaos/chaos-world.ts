// Three nodes whose links pass through relays, and what is done to them while clients work: kill -9 of one after the other, links
// that are cut and healed, leaders that are moved.

import { join } from 'node:path';
import { Admin, ClusterClient } from '../../../src/client/index.ts';
import type { SuiteContext } from '../../suite.ts';
import { Cluster, type ClusterNode } from '../../targets/cluster.ts';
import { Links } from '../../targets/links.ts';
import { freePort } from '../../targets/target.ts';
import { PATIENT_QUORUM } from '../../targets/three-nodes.ts';
import { STREAMS_GROUPS } from '../streams-job.ts';

const IDS = [1, 2, 3] as const;
const KILL_EVERY_MS = 15_000;
/** Dead for as long: a supervisor starts it again. */
const DOWN_MS = 2_000;
const MOVE_EVERY_MS = 20_000;
const CUT_EVERY_MS = 20_000;
/** Shorter than a broker's session, and than no one of a client; the next one is longer than both. */
const CUT_MS = [4_000, 12_000] as const;
const ASK_MS = 10_000;

interface NodePorts {
  readonly brokers: number;
  readonly controller: number;
  /** Where the others reach these two. */
  readonly brokersRelay: number;
  readonly controllerRelay: number;
}

async function portsOfNodes(): Promise<ReadonlyMap<number, NodePorts>> {
  const all = new Map<number, NodePorts>();
  for (const id of IDS) {
    const [brokers, controller] = [await freePort(), await freePort()];
    all.set(id, { brokers, controller, brokersRelay: await freePort(), controllerRelay: await freePort() });
  }
  return all;
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class ChaosWorld {
  readonly cluster: Cluster;
  readonly #links: Links;
  readonly #progress: (line: string) => void;
  readonly #done = { kills: 0, cuts: 0, moves: 0 };
  #isOver = false;

  private constructor(cluster: Cluster, links: Links, progress: (line: string) => void) {
    this.cluster = cluster;
    this.#links = links;
    this.#progress = progress;
  }

  /** Starts the nodes, of the kind that is judged. */
  static async start({ target, jars, scratch, progress }: SuiteContext, name: string): Promise<ChaosWorld> {
    const kind = target.name === 'apache' ? 'apache' : 'ottla';
    const ports = await portsOfNodes();
    const of = (id: number): NodePorts => ports.get(id) as NodePorts;
    const links = new Links();
    for (const id of IDS) {
      await links.relay(id, of(id).brokersRelay, of(id).brokers);
      await links.relay(id, of(id).controllerRelay, of(id).controller);
    }
    const cluster = await Cluster.start({
      nodes: IDS.map((id) => ({ id, kind })),
      directory: join(scratch, name),
      jars,
      quorum: 'dynamic',
      properties: { ...STREAMS_GROUPS, ...(kind === 'apache' && PATIENT_QUORUM) },
      controllerPortOf: (id) => of(id).controllerRelay,
      propertiesOf: ({ id, port }) => listenersOf(port, of(id)),
    });
    return new ChaosWorld(cluster, links, progress);
  }

  /** What has been done, in words. */
  get told(): string {
    const { kills, cuts, moves } = this.#done;
    return `${kills} kills, ${cuts} cuts, ${moves} moves of leaders`;
  }

  /** Does all of it until `work` ends; nodes and links are whole again when this resolves. Rejects as `work` does. */
  async during(work: Promise<void>): Promise<void> {
    // Told when it is awaited.
    work.catch(() => undefined);
    const strikes = [
      this.#again(KILL_EVERY_MS, (turn) => this.#kill(turn)),
      this.#again(CUT_EVERY_MS, (turn) => this.#cut(turn)),
      this.#again(MOVE_EVERY_MS, (turn) => this.#move(turn)),
    ];
    await work.finally(() => (this.#isOver = true));
    await Promise.all(strikes);
    this.#links.heal();
    await this.cluster.serving();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.cluster.kill();
    await this.#links.close();
  }

  async #again(everyMs: number, strike: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0, due = Date.now() + everyMs; ; turn++, due += everyMs) {
      while (Date.now() < due) {
        if (this.#isOver) return;
        await later(100);
      }
      await strike(turn);
    }
  }

  /** The next one is not killed before this one serves again. */
  async #kill(turn: number): Promise<void> {
    const node = this.cluster.nodes[turn % this.cluster.nodes.length] as ClusterNode;
    await node.kill();
    await this.#links.down(node.id);
    await later(DOWN_MS);
    await this.#links.up(node.id);
    node.start();
    this.#done.kills++;
    await this.cluster.serving([], [node]);
    this.#progress(`     node ${node.id} was killed and serves again`);
  }

  async #cut(turn: number): Promise<void> {
    const one = IDS[turn % IDS.length] as number;
    const other = IDS[(turn + 1) % IDS.length] as number;
    this.#links.cut(one, other);
    await later(CUT_MS[turn % CUT_MS.length] as number);
    this.#links.heal();
    this.#done.cuts++;
    this.#progress(`     nodes ${one} and ${other} were cut off from each other`);
  }

  /** The first replica of each partition becomes its last, and the new first one is elected where it is in sync. */
  async #move(turn: number): Promise<void> {
    const client = new ClusterClient({ brokers: this.cluster.bootstrap, clientId: 'chaos' });
    const admin = new Admin({ client });
    try {
      const { topics } = await this.cluster.metadata(null);
      const turned = topics.flatMap(({ name: topic, partitions }) =>
        partitions
          .filter(({ index }) => index % 2 === turn % 2)
          .map(({ index, replicas }) => ({
            topic,
            partition: index,
            replicas: [...replicas.slice(1), ...replicas.slice(0, 1)],
          })),
      );
      await admin.alterPartitionReassignments(turned, { timeoutMs: ASK_MS });
      await admin.electLeaders('PREFERRED', turned, { timeoutMs: ASK_MS });
      this.#done.moves++;
      this.#progress(`     leaders of ${turned.length} partitions were moved`);
    } catch (error) {
      // The controller may be the one that was struck; leaders are moved the next time.
      this.#progress(`     leaders could not be moved: ${String(error)}`);
    } finally {
      await client.close();
    }
  }
}

function listenersOf(port: number, { brokers, controller, brokersRelay, controllerRelay }: NodePorts) {
  const listeners = (inner: number, quorum: number): string =>
    `PLAINTEXT://127.0.0.1:${port},NODES://127.0.0.1:${inner},CONTROLLER://127.0.0.1:${quorum}`;
  return {
    listeners: listeners(brokers, controller),
    'advertised.listeners': listeners(brokersRelay, controllerRelay),
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,NODES:PLAINTEXT',
    'inter.broker.listener.name': 'NODES',
  };
}
