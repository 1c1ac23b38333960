// In which state a node comes back, by what it has kept (Kafka: QuorumState.initialize).
import { CandidateState } from './candidate-state.ts';
import type { RaftContext, RaftState } from './raft-context.ts';
import { ResignedState } from './resigned-state.ts';
import { UnattachedState } from './unattached-state.ts';
import { VoteTally } from './vote-tally.ts';

/** KIP-595: a node that led its last epoch may have lost what it appended; it must not append in that epoch again. */
export function initialState(context: RaftContext): RaftState {
  const { persisted, log } = context.options;
  const electionDeadlineMs = Number.POSITIVE_INFINITY;
  if (persisted === undefined || persisted.epoch < log.lastEpoch) {
    return new UnattachedState({ epoch: log.lastEpoch, leaderId: undefined, voted: undefined, electionDeadlineMs });
  }
  const { epoch, leaderId, votedId: id, votedDirectoryId: directoryId } = persisted;
  const { self } = context;
  if (leaderId === self.id) {
    return new ResignedState({ epoch, preferred: [], untold: context.otherVoters, electionDeadlineMs });
  }
  if (leaderId < 0 && id === self.id) {
    return new CandidateState({ epoch, self, tally: new VoteTally(context.voters, self.id), electionDeadlineMs });
  }
  const voted = id < 0 ? undefined : { id, directoryId };
  return new UnattachedState({ epoch, leaderId: leaderId < 0 ? undefined : leaderId, voted, electionDeadlineMs });
}
