// The APIs of the metadata quorum, beside what Apache Kafka 4.3.1 answered as the only voter of a cluster.
import { fetchMetadataLog } from '../../src/api-handlers/01-fetch-metadata-log.ts';
import { vote } from '../../src/api-handlers/52-vote.ts';
import { fetchSnapshot } from '../../src/api-handlers/59-fetch-snapshot.ts';
import { addRaftVoter } from '../../src/api-handlers/80-add-raft-voter.ts';
import { removeRaftVoter } from '../../src/api-handlers/81-remove-raft-voter.ts';
import { QuorumRequests } from '../../src/kraft/raft/wire/requests.ts';
import { VoterHistory } from '../../src/kraft/raft/voter-history.ts';
import { VoterSet } from '../../src/kraft/raft/voter-set.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';
import { CoreNode } from '../kraft/raft/core-node.ts';
import { expectRecorded, recorded } from './recorded.ts';

const endpoints = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 21093 }];
const directoryId = 'NMYaTIuGQW-9LTON4Usj4A';

/** The leader of a quorum of one, in epoch 1. */
function onlyVoter(): QuorumRequests {
  const voters = new VoterSet([{ id: 1, directoryId, endpoints, minKraftVersion: 0, maxKraftVersion: 1 }]);
  const rim = { now: () => 0, random: new SeededRandom(1), send: () => undefined, flushing: () => undefined };
  const history = new VoterHistory({ voters, kraftVersion: 1, votersOffset: -1 });
  const node = new CoreNode(1, rim, { voterIds: [1], directoryId, endpoints, history });
  node.start();
  node.isFlushing = true;
  node.flushed();
  return new QuorumRequests({
    clusterId: '4L6g3nShT-eMCtK--X86sw',
    leader: { epoch: 1, leaderId: 1, host: '127.0.0.1', port: 21093 },
    answer: async (ask) => {
      const { answer } = node.step({ kind: 'asked', ask });
      if (answer === undefined) throw new Error('it would have to wait');
      return Promise.resolve(answer);
    },
    change: async (ask) => {
      const operation = node.change(ask);
      const result = node.finished.find((one) => one.operation === operation);
      if (result === undefined) throw new Error('it is not done');
      return Promise.resolve(result);
    },
  });
}

describe('the APIs of the metadata quorum', () => {
  const replica = onlyVoter();

  it('refuse votes and fetches that cannot be, as Apache Kafka does', async () => {
    for (const line of recorded(/^internal\.vote/)) await expectRecorded(vote(replica), line);
    for (const line of recorded(/^internal\.fetch-metadata/)) await expectRecorded(fetchMetadataLog(replica), line);
    for (const line of recorded(/^internal\.fetchsnapshot/)) await expectRecorded(fetchSnapshot(replica), line);
  });

  it('refuse changes of the voters that cannot be, in its words', async () => {
    const add = addRaftVoter((request) => replica.addRaftVoter(request));
    const remove = removeRaftVoter((request) => replica.removeRaftVoter(request));
    for (const line of recorded(/^cluster\.addvoter/)) await expectRecorded(add, line);
    for (const line of recorded(/^cluster\.removevoter/)) await expectRecorded(remove, line);
  });
});
