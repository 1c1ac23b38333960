// A cluster of nodes in one process, on real sockets: each a node like any other, with its own disk and ports, in a process of its
// own as far as it can tell (mortal-process.ts).
import { type Clock, delay } from '../../runtime/index.ts';
import { hostAndPort } from '../configs/endpoints.ts';
import type { ThrowAwayCertificates } from '../security/tls/certificates.ts';
import type { Cluster } from './cluster.ts';
import type { Member, PartitionState, Wires } from './member.ts';

const ISR_TIMEOUT_MS = 30_000;
/** How often the metadata is looked at while something is waited for. */
const LOOK_MS = 20;

export interface EmbeddedClusterParts {
  readonly clusterId: string;
  readonly members: readonly Member[];
  readonly links: Wires;
  readonly clock: Clock;
  readonly certificates: ThrowAwayCertificates | undefined;
}

export class EmbeddedCluster implements Cluster {
  readonly #parts: EmbeddedClusterParts;
  #closing: Promise<void> | undefined;

  private constructor(parts: EmbeddedClusterParts) {
    this.#parts = parts;
  }

  /** All nodes at once: a quorum is there when most of its voters are. */
  static async start(parts: EmbeddedClusterParts): Promise<EmbeddedCluster> {
    const cluster = new EmbeddedCluster(parts);
    const started = await Promise.allSettled(parts.members.map((member) => member.start()));
    try {
      const failed = started.find((one): one is PromiseRejectedResult => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      await cluster.#informed.prepare();
      return cluster;
    } catch (error) {
      await cluster.#killAll();
      throw error;
    }
  }

  get bootstrapServers(): string {
    const brokers = this.nodes.filter(({ roles }) => roles.includes('broker'));
    return brokers.map(({ host, port }) => hostAndPort(host, port)).join(',');
  }
  get clusterId(): string {
    return this.#parts.clusterId;
  }
  get ca(): string | undefined {
    return this.#parts.certificates?.ca;
  }
  get clientCertificate(): ThrowAwayCertificates['client'] | undefined {
    return this.#parts.certificates?.client;
  }
  get nodes(): readonly Member[] {
    return this.#parts.members;
  }
  get controllerId(): number | undefined {
    const known = this.nodes.flatMap(({ knows }) => knows?.leadership ?? []);
    return known.sort((one, other) => other.epoch - one.epoch)[0]?.leaderId;
  }

  stop(id: number): Promise<void> {
    return this.#member(id).stop();
  }
  kill(id: number): Promise<void> {
    return this.#member(id).kill();
  }
  async restart(id: number): Promise<void> {
    const member = this.#member(id);
    await member.stop();
    await member.start();
  }

  partition(...groups: readonly (readonly number[])[]): void {
    for (const id of groups.flat()) this.#member(id);
    this.#parts.links.partition(
      groups,
      this.nodes.map(({ id }) => id),
    );
  }
  heal(): void {
    this.#parts.links.heal();
  }

  leaderOf(topic: string, partition: number): number | undefined {
    const { leader } = this.#partition(topic, partition);
    return leader < 0 ? undefined : leader;
  }

  async moveLeader(topic: string, partition: number, id: number): Promise<void> {
    this.#member(id);
    const { replicas } = this.#partition(topic, partition);
    const wanted = [id, ...replicas.filter((replica) => replica !== id)];
    await this.#informed.reassign(topic, partition, replicas.includes(id) ? wanted : wanted.slice(0, replicas.length));
    await this.#until(`node ${id} leads ${topic}-${partition}`, ISR_TIMEOUT_MS, async () => {
      const now = this.#partition(topic, partition);
      if (now.leader === id) return true;
      if (now.isr.includes(id) && now.replicas[0] === id) await this.#informed.elect(topic, partition);
      return false;
    });
  }

  async awaitIsr(topic: string, partition: number, ids: readonly number[], timeoutMs = ISR_TIMEOUT_MS): Promise<void> {
    const inOrder = (list: Iterable<number>): string => [...list].sort((one, other) => one - other).join();
    const wanted = inOrder(new Set(ids));
    await this.#until(
      `${topic}-${partition} is in sync on ${wanted}`,
      timeoutMs,
      () => inOrder(this.#partition(topic, partition).isr) === wanted,
      () => `it is on ${this.#partition(topic, partition).isr.join()}`,
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** No node waits for another to take over: all go. */
  async #close(): Promise<void> {
    this.heal();
    await Promise.all(this.nodes.map((member) => member.close()));
  }

  async #killAll(): Promise<void> {
    this.heal();
    await Promise.all(this.nodes.map((member) => member.kill()));
  }

  /** A node that runs, of those the one that knows most. */
  get #informed(): Member {
    const running = this.nodes.flatMap((member) => {
      const { knows } = member;
      return knows === undefined ? [] : [{ member, offset: knows.offset }];
    });
    const [first] = running.sort((one, other) => other.offset - one.offset);
    if (first === undefined) throw new Error('no node of the cluster runs');
    return first.member;
  }

  #member(id: number): Member {
    const member = this.nodes.find((one) => one.id === id);
    if (member !== undefined) return member;
    throw new Error(`there is no node ${id}: the nodes are ${this.nodes.map((one) => one.id).join(', ')}`);
  }

  #partition(topic: string, partition: number): PartitionState {
    const found = this.#informed.partition(topic, partition);
    if (found === undefined) throw new Error(`there is no partition ${topic}-${partition}`);
    return found;
  }

  async #until(
    what: string,
    timeoutMs: number,
    isSo: () => boolean | Promise<boolean>,
    butIs: () => string = () => 'it is not',
  ): Promise<void> {
    const { clock } = this.#parts;
    const untilMs = clock.monotonicMs() + timeoutMs;
    while (!(await isSo())) {
      if (clock.monotonicMs() >= untilMs) throw new Error(`not so after ${timeoutMs} ms: ${what}; ${butIs()}`);
      await delay(clock, LOOK_MS);
    }
  }
}
