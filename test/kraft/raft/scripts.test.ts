// The core of Raft by scripts (scripted-quorum.ts): one transition or rule each.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { CoreNode, directoryOf, type Letter, voterOf } from './core-node.ts';
import { ScriptedQuorum } from './scripted-quorum.ts';

const ELECTED = 'campaign 1; deliver all';

describe('scripts of a quorum', () => {
  it('a majority of pre-votes makes a candidate, a majority of votes a leader', async () => {
    const quorum = new ScriptedQuorum(3);
    const told = await quorum.run(
      'campaign 1; state; deliver 1->2; deliver 2->1; state; drop 1->3; deliver 1->2; state; deliver 2->1; state',
    );
    expect(told).to.deep.equal([
      '1 prospective 0; 2 unattached 0; 3 unattached 0',
      '1 candidate 1; 2 unattached 0; 3 unattached 0',
      '1 candidate 1; 2 unattached 1 voted 1; 3 unattached 0',
      '1 leader 1; 2 unattached 1 voted 1; 3 unattached 0',
    ]);
  });

  it('a leader is followed once it says so, and what it appends is committed by a majority', async () => {
    const quorum = new ScriptedQuorum(3);
    const told = await quorum.run(`${ELECTED}; state; append 1 a; deliver all; wait 600; deliver all; log`);
    expect(told[0]).to.equal('1 leader 1; 2 follower 1 of 1 voted 1; 3 follower 1 of 1 voted 1');
    expect(told[1]).to.match(/^1 end (\d+) hw \1; 2 end \1 hw \1; 3 end \1 hw \1$/);
  });

  it('who follows a leader that it hears of refuses pre-votes; a node that was cut off changes nothing', async () => {
    const quorum = new ScriptedQuorum(3);
    await quorum.run(`${ELECTED}; drop all`);
    const told = await quorum.run('campaign 3; state; deliver 3->2; deliver 2->3; state');
    expect(told[0]).to.equal('1 leader 1; 2 follower 1 of 1 voted 1; 3 prospective 1 of 1 voted 1');
    expect(told[1]).to.match(/3 prospective 1 of 1 voted 1$/);
    const back = await quorum.run('deliver all; state');
    expect(back[0]).to.equal('1 leader 1; 2 follower 1 of 1 voted 1; 3 follower 1 of 1 voted 1');
  });

  it('a vote outlives a crash: nobody else gets it in that epoch', async () => {
    const quorum = new ScriptedQuorum(3);
    await quorum.run('campaign 1; deliver 1->2; deliver 2->1; drop 1->3; deliver 1->2; crash 2; start 2');
    const answer = quorum.node(2).step({
      kind: 'asked',
      ask: {
        kind: 'vote',
        epoch: 1,
        candidate: { id: 3, directoryId: directoryOf(3) },
        voter: { id: 2, directoryId: directoryOf(2) },
        lastEpoch: 0,
        endOffset: 10,
        isPreVote: false,
      },
    }).answer;
    expect(answer).to.include({ kind: 'vote', isGranted: false, epoch: 1, errorCode: 0 });
  });

  it('a leader that comes back leads its epoch no more, and tells the others so', async () => {
    const quorum = new ScriptedQuorum(3);
    const told = await quorum.run(`${ELECTED}; drop all; crash 1; start 1; state; messages`);
    expect(told[0]).to.match(/^1 resigned 1; /);
    expect(told[1]).to.equal('1->2 end epoch; 1->3 end epoch');
  });

  it('another leader of the same epoch is refused, and a line says so', async () => {
    const quorum = new ScriptedQuorum(3);
    await quorum.run(ELECTED);
    const node = quorum.node(2);
    const voter = { id: 2, directoryId: directoryOf(2) };
    const { endpoints } = voterOf(3);
    const { answer } = node.step({
      kind: 'asked',
      ask: { kind: 'begin epoch', epoch: 1, leaderId: 3, voter, endpoints },
    });
    expect(answer).to.include({ errorCode: Errors.INVALID_REQUEST, leaderId: 1 });
    const line = node.told.find(({ level }) => level === 'error');
    expect(line?.message).to.match(/another leader of this epoch/);
    expect(line?.fields).to.include({ leaderId: 1, namedId: 3 });
    expect((await quorum.run('state'))[0]).to.match(/2 follower 1 of 1/);
  });

  it('who is named leader of an epoch that it knows nothing of resigns it, and gives no vote in it', async () => {
    const quorum = new ScriptedQuorum(3);
    await quorum.run(ELECTED);
    const wiped = new ScriptedQuorum(3).node(1);
    const address = voterOf(1).endpoints[0];
    const sent = wiped.step({ kind: 'timeout' }).send;
    expect(sent).to.deep.equal([]);
    wiped.step({
      kind: 'asked',
      ask: {
        kind: 'end epoch',
        epoch: 1,
        leaderId: 1,
        preferred: [],
        endpoints: address === undefined ? [] : [address],
      },
    });
    expect(wiped.raft.state).to.include({ name: 'resigned', epoch: 1 });
    expect(wiped.election).to.include({ epoch: 1, leaderId: 1 });
  });

  it('a dead process is not waited for, a silent one is', async () => {
    const dead = new ScriptedQuorum(3);
    await dead.run(`${ELECTED}; crash 1; drop all`);
    const told = await dead.run('refuse 2->1; refuse 3->1; settle 1000; state');
    expect(told[0]).to.match(/^1 down; .*leader [2-9]/);
    const silent = new ScriptedQuorum(3);
    await silent.run(`${ELECTED}; crash 1; drop all`);
    expect((await silent.run('wait 1500; state'))[0]).to.match(/2 follower 1 of 1 voted 1; 3 follower 1 of 1 voted 1/);
    expect((await silent.run('wait 600; state'))[0]).to.match(/prospective 1 of 1/);
  });

  it('a stall of our own is no silence of the leader', async () => {
    const quorum = new ScriptedQuorum(3);
    await quorum.run(`${ELECTED}; drop all; wait 1990`);
    quorum.node(2).step({ kind: 'stalled', byMs: 1500 });
    expect((await quorum.run('wait 500; state'))[0]).to.match(/2 follower 1 of 1 voted 1; 3 prospective/);
  });

  it('a leader without voters resigns after one and a half fetch timeouts', async () => {
    const quorum = new ScriptedQuorum(3);
    const told = await quorum.run(`${ELECTED}; crash 2; crash 3; drop all; wait 2900; state; wait 700; state`);
    expect(told[0]).to.match(/^1 leader 1/);
    expect(told[1]).to.match(/^1 resigned 1/);
  });

  it('who cannot be elected says so with the names of those who do not answer, and is quiet otherwise', async () => {
    const quorum = new ScriptedQuorum(3);
    await quorum.run('crash 2; crash 3; wait 20000');
    const told = quorum.node(1).told.filter(({ level }) => level !== 'debug');
    const warning = told.find(({ level }) => level === 'warn');
    expect(warning?.message).to.match(/^no majority of the controllers answers: .*Start them/);
    expect(warning?.fields.silent).to.equal('2 (node-2:9093), 3 (node-3:9093)');
    expect(told.length).to.be.below(9);
  });

  it('who is refused by the others says with what', () => {
    let now = 0;
    const asked: number[] = [];
    const rim = {
      now: () => now,
      random: new SeededRandom(1),
      send: ({ outgoing }: Letter) => void (outgoing.ask.kind === 'vote' && asked.push(outgoing.number)),
      flushing: () => undefined,
    };
    const node = new CoreNode(1, rim, { voterIds: [1, 2, 3] });
    const refusal = { epoch: 0, leaderId: undefined, leaderAddress: undefined, isGranted: false };
    node.start();
    while (now < 20_000) {
      now = Math.max(now + 1, node.deadlineMs);
      node.step({ kind: 'timeout' });
      for (const number of asked.splice(0)) {
        const answer = { kind: 'vote' as const, errorCode: Errors.CLUSTER_AUTHORIZATION_FAILED, ...refusal };
        node.step({ kind: 'answered', number, answer });
      }
    }
    const warning = node.told.find(({ level }) => level === 'warn');
    expect(warning?.fields.silent).to.match(/^2 \(node-2:9093\) answers CLUSTER_AUTHORIZATION_FAILED, 3 /);
  });

  it('an orderly resignation has the most complete successor stand at once', async () => {
    const quorum = new ScriptedQuorum(3);
    await quorum.run(`${ELECTED}; append 1 a; deliver all; wait 600; deliver all`);
    quorum.node(1).step({ kind: 'shutdown' });
    const told = await quorum.run('deliver 1->2; deliver 1->3; wait 5; state');
    expect(told[0]).to.match(/(2|3) prospective 1/);
  });

  it('with kraft.version 0 the leader learns directories in memory, and a rise of the level writes them', async () => {
    const quorum = new ScriptedQuorum(3, { kraftVersion: 0 });
    await quorum.run(`${ELECTED}`);
    const leader = quorum.node(1);
    expect(() => leader.raft.raiseKraftVersion(1, 1)).to.throw(/directory ids of voters 2, 3 are not known/);
    for (let round = 0; round < 20; round++) await quorum.run('wait 500; deliver all');
    const { records } = leader.raft.raiseKraftVersion(1, 1);
    expect(records.map(({ type }) => type)).to.deep.equal(['KRaftVersion', 'KRaftVoters']);
    expect(leader.raft.voters.voters.map(({ directoryId }) => directoryId)).to.deep.equal([1, 2, 3].map(directoryOf));
  });

  it('an observer is added when it is caught up, and a voter removed; one change at a time', async () => {
    const quorum = new ScriptedQuorum(3, { voters: 2 });
    await quorum.run(`${ELECTED}; settle 3000`);
    const leader = quorum.node(1);
    const { endpoints } = voterOf(3);
    const voter = { id: 3, directoryId: directoryOf(3) };
    const add = { kind: 'add voter', voter, endpoints, timeoutMs: 5000, ackWhenCommitted: true } as const;
    const first = leader.change(add);
    const second = leader.change({ kind: 'remove voter', voter: { id: 2, directoryId: directoryOf(2) } });
    expect(resultOf(second)).to.include({ errorCode: Errors.REQUEST_TIMED_OUT });
    await quorum.run('settle 1500');
    expect(resultOf(first)).to.include({ errorCode: Errors.NONE });
    expect(leader.raft.voters.ids).to.deep.equal([1, 2, 3]);
    expect(quorum.node(3).raft.voters.ids).to.deep.equal([1, 2, 3]);
    expect(resultOf(leader.change(add))).to.include({ errorCode: Errors.DUPLICATE_VOTER });
    const unknown = leader.change({ kind: 'remove voter', voter: { id: 2, directoryId: directoryOf(9) } });
    expect(resultOf(unknown)?.errorMessage).to.match(/^Cannot remove voter ReplicaKey\(id=2, directoryId=/);

    function resultOf(operation: number) {
      return leader.finished.find((result) => result.operation === operation);
    }
  });
});
