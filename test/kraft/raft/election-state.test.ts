import { expect } from 'chai';
import { formatElectionState, parseElectionState } from '../../../src/kraft/raft/election-state.ts';
import { QuorumStateError } from '../../../src/kraft/raft/index.ts';

describe('quorum-state', () => {
  // What Kafka's own FileQuorumStateStore writes.
  const version0 =
    '{"clusterId":"","leaderId":1,"leaderEpoch":3,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":3},{"voterId":1},{"voterId":2}],"data_version":0}';
  const version1 =
    '{"leaderId":-1,"leaderEpoch":4,"votedId":2,"votedDirectoryId":"oaKjpKWmp6ixsrO0tba3uA","data_version":1}';

  it('is read and written as Kafka does, in both versions', () => {
    const one = parseElectionState(version1, 'quorum-state');
    expect(one).to.deep.equal({ epoch: 4, leaderId: -1, votedId: 2, votedDirectoryId: 'oaKjpKWmp6ixsrO0tba3uA' });
    expect(formatElectionState(one, 1, [1])).to.equal(version1);
    const zero = parseElectionState(version0, 'quorum-state');
    expect(zero).to.deep.equal({ epoch: 3, leaderId: 1, votedId: -1, votedDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAA' });
    expect(formatElectionState(zero, 0, [3, 1, 2])).to.equal(version0);
  });

  for (const text of ['', 'x', '[]', 'null', '{}', '{"data_version":2}', '{"data_version":1,"leaderEpoch":"4"}']) {
    it(`refuses ${text === '' ? 'an empty file' : text}`, () => {
      expect(() => parseElectionState(text, 'quorum-state')).to.throw(QuorumStateError);
    });
  }
});
