// BeginQuorumEpoch, versions 0 to 1: a new leader tells the voters so (KIP-595).
import { BeginQuorumEpoch } from '../protocol/messages/53-begin-quorum-epoch.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_NODES, type MetadataReplica, toldIn } from './metadata-replica.ts';

export const beginQuorumEpoch = (replica: MetadataReplica) =>
  defineHandler(BeginQuorumEpoch, {
    authorize: BETWEEN_NODES,
    handle: async (request, { apiVersion }) => toldIn(apiVersion, 1, await replica.beginQuorumEpoch(request)),
    failed: (_request, errorCode) => ({ errorCode, topics: [] }),
  });
