// Fetch on a controller listener, versions 4 to 18: replicas of the metadata log, voters and observers, read it (KIP-595). It is of
// this one partition, without sessions; the answer waits for news as long as the request allows.
import { Errors } from '../protocol/index.ts';
import { Fetch } from '../protocol/messages/01-fetch.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_NODES, type MetadataReplica, toldIn } from './metadata-replica.ts';

/** From here on the request says in which epoch the replica is, by topic id or name. */
const REPLICAS_SINCE = 12;
/** Kafka tells replicas where the leader is from here on (RaftUtil.singletonFetchResponse). */
const ENDPOINTS_SINCE = 17;

export const fetchMetadataLog = (replica: MetadataReplica) =>
  defineHandler(Fetch, {
    authorize: BETWEEN_NODES,
    async handle(request, { apiVersion }) {
      if (apiVersion < REPLICAS_SINCE) return { errorCode: Errors.INVALID_REQUEST, sessionId: 0, responses: [] };
      return toldIn(apiVersion, ENDPOINTS_SINCE, await replica.fetch(request));
    },
    failed: (_request, errorCode) => ({ errorCode, sessionId: 0, responses: [] }),
  });
