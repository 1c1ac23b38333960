// What members of a share group are told when the share coordinator does not take, or does not give, the state of a partition.
import { expect } from 'chai';
import { errorMessage, Errors } from '../../src/protocol/index.ts';
import { persisterFault } from '../../src/share-partitions/persister.ts';

describe('A refusal of the share coordinator', () => {
  it('is told as Apache Kafka tells it: what was tried, and the reason (seed 60009)', () => {
    const refused = (code: number) => ({ errorCode: code, errorMessage: errorMessage(code) });
    expect(persisterFault('write', refused(Errors.FENCED_STATE_EPOCH))).to.deep.equal({
      errorCode: Errors.NOT_LEADER_OR_FOLLOWER,
      errorMessage:
        'Error in write state RPC. The share coordinator rejected the request because the share-group state epoch did not match.',
    });
    const unread = {
      errorCode: Errors.INVALID_REQUEST,
      errorMessage: 'Read operation on uninitialized share partition not allowed.',
    };
    expect(persisterFault('read', unread)).to.deep.equal({
      errorCode: Errors.UNKNOWN_SERVER_ERROR,
      errorMessage: 'Error in read state RPC. Read operation on uninitialized share partition not allowed.',
    });
  });
});
