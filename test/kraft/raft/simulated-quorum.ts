// A quorum of pure cores on a seed: virtual time, messages that are late, lost, doubled and out of order, links that are cut, nodes
// that crash and come back with what their disks had flushed, and perhaps more. First everything fails, then all is healed.
import type { PeerAnswer } from '../../../src/kraft/raft/peer-messages.ts';
import { randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { CoreNode, directoryOf, type Letter, voterOf } from './core-node.ts';
import { QuorumInvariants } from './quorum-invariants.ts';

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

export interface QuorumSimulationOptions {
  readonly seed: number;
  readonly nodes: number;
  /** How many of them vote at first; the others observe. */
  readonly voters: number;
  /** Changes of the voters are asked for now and then. */
  readonly changesVoters?: boolean;
  readonly faultyMs?: number;
}

const HEALED_MS = 30_000;

export class SimulatedQuorum {
  readonly random: SeededRandom;
  readonly nodes: CoreNode[];
  readonly invariants: QuorumInvariants;
  readonly trace: string[] = [];
  #now = 0;
  #due: Due[] = [];
  #order = 0;
  #isHealed = false;
  readonly #cut = new Set<string>();
  readonly #options: QuorumSimulationOptions;
  #appended = 0;

  constructor(options: QuorumSimulationOptions) {
    this.#options = options;
    this.random = new SeededRandom(options.seed);
    this.invariants = new QuorumInvariants(() => this.nodes);
    const ids = Array.from({ length: options.nodes }, (_, index) => index + 1);
    const voterIds = ids.slice(0, options.voters);
    const rim = {
      now: () => this.#now,
      random: this.random,
      send: (letter: Letter) => this.#send(letter),
      flushing: (node: CoreNode) => this.#flushing(node),
      check: (node: CoreNode, effects: Parameters<QuorumInvariants['check']>[1]) =>
        this.invariants.check(node, effects),
    };
    this.nodes = ids.map((id) => new CoreNode(id, rim, { voterIds }));
  }

  get now(): number {
    return this.#now;
  }
  get leader(): CoreNode | undefined {
    const leaders = this.nodes.filter(({ isUp, raft }) => isUp && raft.state.name === 'leader');
    return leaders.sort((one, other) => other.raft.state.epoch - one.raft.state.epoch)[0];
  }

  /** Throws InvariantError, or Error when the healed quorum makes no progress. */
  run(): void {
    for (const node of this.nodes) node.start();
    const faultyMs = this.#options.faultyMs ?? 12_000;
    while (this.#now < faultyMs) {
      this.#fault();
      this.#runUntil(this.#now + randomInt(this.random, 20, 400));
      this.invariants.checkLogs();
    }
    this.#heal();
    const end = this.#now + HEALED_MS;
    while (this.#now < end && !this.#isInStep()) {
      this.#append();
      this.#runUntil(this.#now + 500);
    }
    this.invariants.checkLogs();
    if (!this.#isInStep()) throw new Error(`no progress in ${HEALED_MS} ms: ${this.describe()}`);
  }

  describe(): string {
    return this.nodes
      .map(({ id, raft, log, isUp }) => {
        const { name, epoch } = raft.state;
        return `${id}${isUp ? '' : ' down'} ${name} ${epoch} end ${log.endOffset} hw ${raft.highWatermark ?? '?'}`;
      })
      .join(' | ');
  }

  #isInStep(): boolean {
    const { leader } = this;
    if (leader === undefined) return false;
    const end = leader.log.endOffset;
    return this.nodes.every(({ raft, log }) => log.endOffset === end && raft.highWatermark === end);
  }

  #heal(): void {
    this.#isHealed = true;
    this.#cut.clear();
    for (const node of this.nodes) if (!node.isUp) this.#restart(node);
  }

  #fault(): void {
    const roll = this.random.next();
    const node = this.nodes[randomInt(this.random, 0, this.nodes.length)] as CoreNode;
    if (roll < 0.12) this.#crash(node);
    else if (roll < 0.35)
      for (const down of this.nodes) if (!down.isUp && this.random.next() < 0.7) this.#restart(down);
    if (roll >= 0.35 && roll < 0.45) this.#cutOff(node);
    else if (roll >= 0.45 && roll < 0.55) this.#cut.clear();
    else if (roll >= 0.55 && roll < 0.6) this.#compact(node);
    else if (roll >= 0.6 && roll < 0.7 && this.#options.changesVoters === true) this.#changeVoters(node);
    else if (roll >= 0.7 && roll < 0.73 && node.isUp) node.step({ kind: 'write failed' });
    if (this.random.next() < 0.6) this.#append();
    for (const one of this.nodes) this.#look(one);
  }

  #append(): void {
    for (const { raft, isUp } of this.nodes) {
      if (!isUp || raft.state.name !== 'leader') continue;
      const node = this.nodes.find((one) => one.raft === raft) as CoreNode;
      this.#appended += 1;
      node.append(`record ${this.#appended}`);
    }
  }

  #crash(node: CoreNode): void {
    if (!node.isUp) return;
    node.crash(randomInt(this.random, 0, node.log.unflushedCount + 1));
  }

  #restart(node: CoreNode): void {
    this.invariants.restarted(node);
    node.restart();
    this.#look(node);
  }

  /** From all others, or so that it hears and is not heard. */
  #cutOff({ id }: CoreNode): void {
    const isOneWay = this.random.next() < 0.3;
    for (const other of this.nodes) {
      if (other.id === id || this.random.next() < 0.2) continue;
      this.#cut.add(`${id}>${other.id}`);
      if (!isOneWay) this.#cut.add(`${other.id}>${id}`);
    }
  }

  #compact({ isUp, raft, log }: CoreNode): void {
    const { highWatermark } = raft;
    if (isUp && highWatermark !== undefined && highWatermark > log.startOffset + 3) log.compact(highWatermark - 2);
  }

  #changeVoters({ id }: CoreNode): void {
    const { leader } = this;
    if (leader === undefined) return;
    const voter = { id, directoryId: directoryOf(id) };
    if (leader.raft.voters.get(id) === undefined) {
      leader.change({
        kind: 'add voter',
        voter,
        endpoints: voterOf(id).endpoints,
        timeoutMs: 3000,
        ackWhenCommitted: true,
      });
    } else if (leader.raft.voters.size > 1) leader.change({ kind: 'remove voter', voter });
  }

  // Messages and time

  #send({ from, outgoing }: Letter): void {
    const { to, number, ask } = outgoing;
    const sender = this.#node(from);
    const { incarnation } = sender;
    const isSame = (): boolean => sender.isUp && sender.incarnation === incarnation;
    const lost = (): void =>
      this.#after(2000, () => this.#take(sender, isSame, { kind: 'unanswered', number, isUnsupported: false }));
    const target = this.nodes.find(({ id }) => id === to.id);
    if (target === undefined) return lost();
    if (!target.isUp) {
      // Its process is dead: the operating system says so, as a rule.
      if (this.random.next() < 0.7)
        this.#after(1, () => this.#take(sender, isSame, { kind: 'refused', nodeId: to.id }));
      this.#after(2, () => this.#take(sender, isSame, { kind: 'unanswered', number, isUnsupported: false }));
      return;
    }
    const copies = !this.#isHealed && this.random.next() < 0.05 ? 2 : 1;
    let isAnswered = false;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#isLost(from, to.id)) {
        if (copies === 1) lost();
        continue;
      }
      this.#after(this.#latency(), () => {
        if (!target.isUp) return;
        target.ask(ask, (answer) => {
          if (this.#isLost(to.id, from)) return isAnswered ? undefined : lost();
          isAnswered = true;
          this.#after(this.#latency(), () => this.#take(sender, isSame, { kind: 'answered', number, answer }));
        });
        this.#look(target);
      });
    }
  }

  #take(
    node: CoreNode,
    isSame: () => boolean,
    event: Parameters<CoreNode['step']>[0] | { kind: 'answered'; number: number; answer: PeerAnswer },
  ): void {
    if (!isSame()) return;
    node.step(event);
    this.#look(node);
  }

  #isLost(from: number, to: number): boolean {
    if (this.#cut.has(`${from}>${to}`)) return true;
    return !this.#isHealed && this.random.next() < 0.03;
  }

  #latency(): number {
    if (!this.#isHealed && this.random.next() < 0.03) return randomInt(this.random, 50, 1500);
    return randomInt(this.random, 1, 8);
  }

  #flushing(node: CoreNode): void {
    const { incarnation } = node;
    const delayMs =
      !this.#isHealed && this.random.next() < 0.05 ? randomInt(this.random, 20, 800) : randomInt(this.random, 1, 6);
    this.#after(delayMs, () => {
      if (!node.isUp || node.incarnation !== incarnation) return;
      node.flushed();
      this.#look(node);
    });
  }

  #node(id: number): CoreNode {
    return this.nodes[id - 1] as CoreNode;
  }

  /** Sees to it that the timers of a node fire. */
  #look(node: CoreNode): void {
    const { raft } = node;
    const dueMs = Math.min(node.deadlineMs, node.parkedUntilMs);
    if (!Number.isFinite(dueMs)) return;
    this.#at(Math.max(dueMs, this.#now), () => {
      if (!node.isUp || node.raft !== raft) return;
      if (node.parkedUntilMs <= this.#now) node.endWaits();
      if (node.deadlineMs > this.#now) return;
      node.step({ kind: 'timeout' });
      this.#look(node);
    });
  }

  #after(delayMs: number, action: () => void): void {
    this.#at(this.#now + delayMs, action);
  }

  #at(atMs: number, action: () => void): void {
    const due = { atMs, order: this.#order++, action };
    let at = this.#due.length;
    while (at > 0 && isAfter(this.#due[at - 1] as Due, due)) at--;
    this.#due.splice(at, 0, due);
  }

  #runUntil(endMs: number): void {
    for (let count = 0; ; count++) {
      const next = this.#due[0];
      if (next === undefined || next.atMs > endMs) break;
      if (count > 100_000) throw new Error(`nothing comes to rest: ${this.describe()}`);
      this.#due.shift();
      this.#now = next.atMs;
      next.action();
    }
    this.#now = endMs;
  }
}

function isAfter(one: Due, other: Due): boolean {
  return one.atMs > other.atMs || (one.atMs === other.atMs && one.order > other.order);
}
