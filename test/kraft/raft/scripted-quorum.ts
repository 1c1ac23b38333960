// Scripts over the pure core: "campaign 1; deliver 1->2; state". Nothing moves unless the script says so; messages wait in the
// order in which they were sent, answers like requests.
//
//   campaign 1        the election timeout (or fetch timeout) of node 1 passes
//   wait 500          time passes for all, timers fire in their order; `settle 500`: and every message arrives
//   deliver 1->2      the oldest message of 1 to 2; `deliver all`: every message, until there is none
//   drop 1->2         the oldest message of 1 to 2 is lost; `drop all`: all that are under way
//   refuse 1->2       1 learns that nobody listens at 2
//   append 1 text     as leader; `flush 1`: what 1 has appended is on its disk (else at once, unless `hold 1`)
//   crash 1, start 1  with what was flushed
//   state             adds a line to the result: "1 leader 2; 2 follower 2 of 1; 3 unattached 2 voted 1"
//   log               the same for logs: "1 end 3 hw 3; ..."
import type { PeerAnswer } from '../../../src/kraft/raft/peer-messages.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { CoreNode, type Letter } from './core-node.ts';

interface Message {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  deliver(): void;
}

const STEP_MS = 25;

export class ScriptedQuorum {
  readonly nodes: CoreNode[];
  readonly #held = new Set<number>();
  #now = 0;
  #messages: Message[] = [];

  constructor(count: number, options: { readonly voters?: number; readonly kraftVersion?: number } = {}) {
    const ids = Array.from({ length: count }, (_, index) => index + 1);
    const voterIds = ids.slice(0, options.voters ?? count);
    const rim = {
      now: () => this.#now,
      random: new SeededRandom(1),
      send: (letter: Letter) => this.#send(letter),
      flushing: (node: CoreNode) => {
        if (!this.#held.has(node.id)) queueMicrotask(() => node.flushed());
      },
    };
    const { kraftVersion = 1 } = options;
    this.nodes = ids.map((id) => new CoreNode(id, rim, { voterIds, kraftVersion }));
    for (const node of this.nodes) node.start();
    this.#messages = [];
  }

  node(id: number): CoreNode {
    return this.nodes[id - 1] as CoreNode;
  }

  /** What `state` and `log` told, line by line. */
  async run(script: string): Promise<string[]> {
    const told: string[] = [];
    for (const command of script.split(';').map((part) => part.trim())) {
      const [name, what = '', ...rest] = command.split(' ');
      if (name === 'state') told.push(this.nodes.map(stateOf).join('; '));
      else if (name === 'log') told.push(this.nodes.map(logOf).join('; '));
      else if (name === 'messages')
        told.push(this.#messages.map(({ from, to, text }) => `${from}->${to} ${text}`).join('; '));
      else this.#do(name as string, what, rest.join(' '));
      await Promise.resolve();
      await Promise.resolve();
    }
    return told;
  }

  #do(name: string, what: string, text: string): void {
    const [from = 0, to = 0] = what.split('->').map(Number);
    const node = this.nodes[from - 1];
    if (name === 'deliver') return what === 'all' ? this.#deliverAll() : this.#first(from, to).deliver();
    if (name === 'drop') return void (what === 'all' ? (this.#messages = []) : this.#first(from, to));
    if (name === 'wait') return this.#wait(Number(what));
    if (name === 'settle') return this.#settle(Number(what));
    if (node === undefined) throw new Error(`no node in "${name} ${what}"`);
    if (name === 'campaign') return this.#campaign(node);
    if (name === 'append') return void node.append(text);
    if (name === 'hold') return void this.#held.add(from);
    if (name === 'flush') return node.flushed();
    if (name === 'crash') return node.crash();
    if (name === 'start') return node.restart();
    if (name === 'refuse') return void node.step({ kind: 'refused', nodeId: to });
    throw new Error(`no command ${name}`);
  }

  /** Its election timeout, or its fetch timeout, passes now; the time of the others does not. */
  #campaign(node: CoreNode): void {
    const { state } = node.raft;
    if (state.name === 'follower') state.fetchDeadlineMs = this.#now;
    else if (state.name !== 'leader') state.electionDeadlineMs = this.#now;
    node.step({ kind: 'timeout' });
  }

  /** Time passes, and every message arrives. */
  #settle(ms: number): void {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.#deliverAll();
      this.#wait(STEP_MS);
    }
    this.#deliverAll();
  }

  #wait(ms: number): void {
    const end = this.#now + ms;
    for (let count = 0; count < 10_000; count++) {
      const up = this.nodes.filter(({ isUp }) => isUp);
      const dueMs = Math.min(...up.map((node) => Math.min(node.deadlineMs, node.parkedUntilMs)));
      if (dueMs > end) break;
      this.#now = Math.max(this.#now, dueMs);
      for (const node of up) {
        if (node.parkedUntilMs <= this.#now) node.endWaits();
        if (node.deadlineMs <= this.#now) node.step({ kind: 'timeout' });
      }
    }
    this.#now = end;
  }

  #first(from: number, to: number): Message {
    const at = this.#messages.findIndex((message) => message.from === from && message.to === to);
    const [message] = at < 0 ? [] : this.#messages.splice(at, 1);
    if (message === undefined) throw new Error(`nothing is under way from ${from} to ${to}`);
    return message;
  }

  #deliverAll(): void {
    for (let count = 0; count < 1000; count++) {
      const message = this.#messages.shift();
      if (message === undefined) return;
      message.deliver();
      for (const node of this.nodes) if (!this.#held.has(node.id)) node.flushed();
    }
  }

  #send({ from, outgoing }: Letter): void {
    const { to, ask, number } = outgoing;
    const sender = this.node(from);
    const { incarnation } = sender;
    const answered = (answer: PeerAnswer): void => {
      this.#messages.push({
        from: to.id,
        to: from,
        text: `${answer.kind} answer`,
        deliver: () => {
          if (sender.isUp && sender.incarnation === incarnation) sender.step({ kind: 'answered', number, answer });
        },
      });
    };
    const deliver = (): void => {
      if (this.node(to.id).isUp) this.node(to.id).ask(ask, answered);
    };
    this.#messages.push({ from, to: to.id, text: ask.kind, deliver });
  }
}

function stateOf({ id, raft, isUp }: CoreNode): string {
  const { name, epoch, leaderId, voted } = raft.state;
  if (!isUp) return `${id} down`;
  const leader = name !== 'leader' && leaderId !== undefined ? ` of ${leaderId}` : '';
  const vote = voted === undefined || name === 'candidate' ? '' : ` voted ${voted.id}`;
  return `${id} ${name} ${epoch}${leader}${vote}`;
}

function logOf({ id, raft, log }: CoreNode): string {
  return `${id} end ${log.endOffset} hw ${raft.highWatermark ?? '?'}`;
}
