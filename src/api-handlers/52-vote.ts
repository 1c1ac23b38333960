// Vote, versions 0 to 2: a voter asks for a vote, or whether there would be one (KIP-595, KIP-996).
import { Vote } from '../protocol/messages/52-vote.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_NODES, type MetadataReplica, toldIn } from './metadata-replica.ts';

export const vote = (replica: MetadataReplica) =>
  defineHandler(Vote, {
    authorize: BETWEEN_NODES,
    handle: async (request, { apiVersion }) => toldIn(apiVersion, 1, await replica.vote(request)),
    failed: (_request, errorCode) => ({ errorCode, topics: [] }),
  });
