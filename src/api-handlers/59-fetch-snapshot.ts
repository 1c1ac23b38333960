// FetchSnapshot, versions 0 to 1: a replica that is far behind reads a snapshot, piece by piece (KIP-630).
import { FetchSnapshot } from '../protocol/messages/59-fetch-snapshot.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_NODES, type MetadataReplica, toldIn } from './metadata-replica.ts';

export const fetchSnapshot = (replica: MetadataReplica) =>
  defineHandler(FetchSnapshot, {
    authorize: BETWEEN_NODES,
    handle: async (request, { apiVersion }) => toldIn(apiVersion, 1, await replica.fetchSnapshot(request)),
    failed: (_request, errorCode) => ({ errorCode, topics: [] }),
  });
