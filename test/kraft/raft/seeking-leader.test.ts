// Who knows of no leader asks around: in turn, without waiting for those at whose port nobody listens.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { CoreNode, type Letter } from './core-node.ts';

type Manner = 'refuses' | 'is silent' | 'knows of no leader' | 'names 3';

/** A broker, node 9, beside controllers 1 to 3 and two bootstrap servers, -2 and -3; and whom it has asked when. */
class Seeker {
  readonly asked: { readonly id: number; readonly atMs: number }[] = [];
  readonly node: CoreNode;
  readonly #manners: Readonly<Record<number, Manner>>;
  #letters: Letter[] = [];
  #now = 0;

  constructor(manners: Readonly<Record<number, Manner>>, seed = 1) {
    this.#manners = manners;
    const rim = {
      now: () => this.#now,
      random: new SeededRandom(seed),
      send: (letter: Letter) => void this.#letters.push(letter),
      flushing: () => undefined,
    };
    const bootstrapServers = [
      { host: 'moved-1', port: 9093 },
      { host: 'moved-2', port: 9093 },
    ];
    this.node = new CoreNode(9, rim, { voterIds: [1, 2, 3], isController: false, bootstrapServers });
    this.node.start();
  }

  /** Time passes; whoever is asked does as is his manner, at once. */
  until(endMs: number): void {
    while (this.#now < endMs) {
      for (const letter of this.#letters.splice(0)) this.#deliver(letter);
      if (this.#letters.length > 0) continue;
      this.#now = Math.min(endMs, Math.max(this.#now + 1, this.node.deadlineMs));
      this.node.step({ kind: 'timeout' });
    }
  }

  #deliver({ outgoing: { to, number } }: Letter): void {
    this.asked.push({ id: to.id, atMs: this.#now });
    const manner = this.#manners[to.id];
    if (manner === 'is silent') return;
    if (manner === 'refuses') return void this.node.step({ kind: 'refused', nodeId: to.id });
    const leaderId = manner === 'names 3' ? 3 : undefined;
    const epoch = leaderId === undefined ? 0 : 1;
    const leaderAddress = leaderId === undefined ? undefined : { host: 'node-3', port: 9093 };
    const errorCode = Errors.NOT_LEADER_OR_FOLLOWER;
    const found = {
      highWatermark: undefined,
      logStartOffset: 0,
      diverging: undefined,
      snapshotId: undefined,
      records: Buffer.alloc(0),
    };
    const answer = { kind: 'fetch' as const, errorCode, epoch, leaderId, leaderAddress, ...found };
    this.node.step({ kind: 'answered', number, answer });
  }
}

describe('Who seeks the leader', () => {
  const IDS = [1, 2, 3, -2, -3];

  it('asks all in turn, and does not wait for those at whose port nobody listens', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const seeker = new Seeker({ 1: 'refuses', 2: 'refuses', 3: 'refuses', [-2]: 'refuses', [-3]: 'refuses' }, seed);
      seeker.until(300);
      expect(seeker.asked.map(({ id }) => id)).to.have.members(IDS);
    }
  });

  it('finds the one that knows soon, wherever it stands among dead ones', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const seeker = new Seeker({ 1: 'refuses', 2: 'refuses', 3: 'refuses', [-2]: 'refuses', [-3]: 'names 3' }, seed);
      seeker.until(300);
      expect(seeker.node.raft.leadership).to.deep.equal({ epoch: 1, leaderId: 3 });
    }
  });

  it('waits for one that may still answer, and asks nobody twice before all were asked', () => {
    const seeker = new Seeker({ 1: 'is silent', 2: 'is silent', 3: 'is silent', [-2]: 'is silent', [-3]: 'is silent' });
    seeker.until(9_900);
    expect(seeker.asked.map(({ id }) => id)).to.have.members(IDS);
    expect(seeker.asked.map(({ atMs }) => atMs)).to.deep.equal([0, 2_000, 4_000, 6_000, 8_000]);
  });

  it('goes on asking those who know of no leader, every 50 ms one of them', () => {
    const manner = 'knows of no leader';
    const seeker = new Seeker({ 1: manner, 2: manner, 3: manner, [-2]: manner, [-3]: 'refuses' });
    seeker.until(2_000);
    expect(seeker.asked.length).to.be.within(35, 41);
    const times = (id: number): number => seeker.asked.filter((one) => one.id === id).length;
    for (const id of [1, 2, 3, -2]) expect(times(id), `node ${id}`).to.be.greaterThan(8);
    // What it was asked stays with the channel, until the time for it is over.
    expect(times(-3)).to.equal(1);
  });

  it('follows a leader whose process is dead no longer than it takes to hear of that', () => {
    const seeker = new Seeker({ 1: 'names 3', 2: 'names 3', 3: 'refuses', [-2]: 'names 3', [-3]: 'names 3' });
    seeker.until(400);
    expect(seeker.node.raft.state).to.include({ name: 'follower', leaderId: 3 });
    expect(seeker.asked.filter(({ id }) => id !== 3).length).to.be.greaterThan(3);
  });
});
