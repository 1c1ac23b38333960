// What must hold of a quorum after every step of any of its nodes: R1 to R10 of spec kraft E.3.
import type { Effects } from '../../../src/kraft/raft/raft-effects.ts';
import type { CoreNode } from './core-node.ts';
import type { LogBatch } from './memory-log.ts';

export class InvariantError extends Error {}

export class QuorumInvariants {
  readonly #nodes: () => readonly CoreNode[];
  /** R1, R10: who has led an epoch, and in which of its lives. */
  readonly #leaders = new Map<number, string>();
  /** R2: the standard vote of a node in an epoch. */
  readonly #votes = new Map<string, string>();
  readonly #epochs = new Map<number, number>();
  readonly #highWatermarks = new Map<number, number>();
  /** R4: what has been committed, by offset; batches of all nodes that are below any high watermark. */
  readonly #committed = new Map<number, LogBatch>();
  #committedEnd = 0;

  constructor(nodes: () => readonly CoreNode[]) {
    this.#nodes = nodes;
  }

  get committedEnd(): number {
    return this.#committedEnd;
  }

  check(node: CoreNode, effects: Effects): void {
    const { raft, id } = node;
    const { state } = raft;
    this.#must(node.faults.length === 0, `R5 node ${id} faulted: ${node.faults.join()}`);
    const epochBefore = this.#epochs.get(id) ?? 0;
    this.#must(state.epoch >= epochBefore, `R2 node ${id} went from epoch ${epochBefore} to ${state.epoch}`);
    this.#epochs.set(id, state.epoch);
    if (effects.persist !== undefined) this.#checkVote(node);
    if (state.name === 'leader') this.#checkLeader(node, state.epoch);
    const { truncateTo, highWatermark } = effects;
    if (truncateTo !== undefined) {
      this.#must(
        truncateTo >= (raft.highWatermark ?? 0),
        `R5 node ${id} cuts to ${truncateTo} below its high watermark`,
      );
    }
    if (highWatermark !== undefined) this.#checkCommitted(node, highWatermark);
  }

  #checkVote({ id, election }: CoreNode): void {
    if (election === undefined || election.votedId < 0) return;
    const key = `${id} in ${election.epoch}`;
    const vote = `${election.votedId}:${election.votedDirectoryId}`;
    const before = this.#votes.get(key) ?? vote;
    this.#must(before === vote, `R2 node ${key} voted for ${before} and for ${vote}`);
    this.#votes.set(key, vote);
  }

  #checkLeader(node: CoreNode, epoch: number): void {
    const name = `${node.id}#${node.incarnation}`;
    const before = this.#leaders.get(epoch);
    this.#must(before === undefined || before === name, `R1 epoch ${epoch} is led by ${before} and ${name}`);
    if (before !== undefined) return;
    this.#leaders.set(epoch, name);
    // R4: whoever is elected has everything that was ever committed.
    for (const [offset, batch] of this.#committed) {
      if (offset < node.log.startOffset) continue;
      const own = node.log.batches.find(({ baseOffset }) => baseOffset === offset);
      this.#must(
        own?.bytes.equals(batch.bytes) === true,
        `R4 leader ${name} of ${epoch} lacks the committed ${offset}`,
      );
    }
  }

  #checkCommitted(node: CoreNode, highWatermark: number): void {
    const before = this.#highWatermarks.get(node.id) ?? 0;
    this.#must(highWatermark >= before, `R5 the high watermark of ${node.id} fell from ${before} to ${highWatermark}`);
    this.#highWatermarks.set(node.id, highWatermark);
    for (const batch of node.log.batches) {
      if (batch.lastOffset >= highWatermark) break;
      const known = this.#committed.get(batch.baseOffset);
      if (known !== undefined)
        this.#must(known.bytes.equals(batch.bytes), `R3 two records are committed at ${batch.baseOffset}`);
      else this.#committed.set(batch.baseOffset, batch);
    }
    if (highWatermark <= this.#committedEnd) return;
    this.#committedEnd = highWatermark;
    if (node.raft.state.name === 'leader') this.#checkMajority(node, highWatermark);
  }

  /** R6: what is committed is on the disks of a majority, whatever becomes of the machines. */
  #checkMajority(node: CoreNode, highWatermark: number): void {
    const voters = node.raft.voters.ids;
    const last = node.log.batches.findLast(({ lastOffset }) => lastOffset < highWatermark);
    const holders = this.#nodes().filter(({ id, log }) => {
      if (!voters.includes(id)) return false;
      if (log.startOffset >= highWatermark) return true;
      if (log.flushedOffset < highWatermark) return false;
      return last === undefined || log.batches.some(({ bytes }) => bytes.equals(last.bytes));
    });
    const names = holders.map(({ id }) => id).join();
    this.#must(holders.length > voters.length / 2, `R6 up to ${highWatermark} is on the disks of ${names} only`);
  }

  /** A node came back: what it knew of the high watermark it has forgotten. */
  restarted(node: CoreNode): void {
    this.#highWatermarks.delete(node.id);
  }

  /** R3: logs that agree on a batch agree on all before it. R7: at most one voters record is not committed. */
  checkLogs(): void {
    const nodes = this.#nodes();
    for (const one of nodes) {
      for (const other of nodes) if (one.id < other.id) this.#checkPair(one, other);
      const leads = one.isUp && one.raft.state.name === 'leader' && one.raft.state.highWatermark !== undefined;
      if (!leads) continue;
      const open = one.votersRecords.filter((offset) => offset >= (one.raft.highWatermark ?? 0));
      this.#must(open.length <= 1, `R7 leader ${one.id} has open voter changes at ${open.join()}`);
    }
  }

  #checkPair(one: CoreNode, other: CoreNode): void {
    const theirs = new Map(other.log.batches.map((batch) => [batch.baseOffset, batch]));
    let isShared = false;
    for (const batch of one.log.batches.toReversed()) {
      const their = theirs.get(batch.baseOffset);
      if (their === undefined) continue;
      if (their.epoch === batch.epoch) isShared = true;
      if (isShared) {
        this.#must(their.bytes.equals(batch.bytes), `R3 logs of ${one.id} and ${other.id} part at ${batch.baseOffset}`);
      }
    }
  }

  #must(holds: boolean, text: string): void {
    if (!holds) throw new InvariantError(text);
  }
}
