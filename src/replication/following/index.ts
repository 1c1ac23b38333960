// The follower's side of replication: loaded when there is something to follow.
export { fetchVersionOf } from './fetch-request.ts';
export { ReplicaFetchers } from './replica-fetchers.ts';
