// EndQuorumEpoch, versions 0 to 1: a leader that goes tells the voters so, and who had better succeed (KIP-595).
import { EndQuorumEpoch } from '../protocol/messages/54-end-quorum-epoch.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_NODES, type MetadataReplica, toldIn } from './metadata-replica.ts';

export const endQuorumEpoch = (replica: MetadataReplica) =>
  defineHandler(EndQuorumEpoch, {
    authorize: BETWEEN_NODES,
    handle: async (request, { apiVersion }) => toldIn(apiVersion, 1, await replica.endQuorumEpoch(request)),
    failed: (_request, errorCode) => ({ errorCode, topics: [] }),
  });
