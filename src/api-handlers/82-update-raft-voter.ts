// UpdateRaftVoter, version 0: a voter tells the leader where it listens and what it supports (KIP-853).
import { UpdateRaftVoter } from '../protocol/messages/82-update-raft-voter.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_NODES, type MetadataReplica } from './metadata-replica.ts';

export const updateRaftVoter = (replica: MetadataReplica) =>
  defineHandler(UpdateRaftVoter, {
    authorize: BETWEEN_NODES,
    handle: (request) => replica.updateRaftVoter(request),
    failed: (_request, errorCode) => ({ errorCode }),
  });
