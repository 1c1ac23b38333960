// The configs of the replication room, with Kafka's names, defaults and bounds (org.apache.kafka.server.config
// ReplicationConfigs), and the limits of ours that no key sets.
import { config, type ConfigOf } from '../runtime/index.ts';
import { selectorFault } from './replica-selectors.ts';

export const replicationConfig = {
  fetchMaxBytes: config
    .int('fetch.max.bytes', 57_671_680)
    .atLeast(1024)
    .doc('The most bytes of records in one Fetch response. The first batch is returned whole even if it is larger.'),
  maxIncrementalFetchSessionCacheSlots: config
    .int('max.incremental.fetch.session.cache.slots', 1000)
    .atLeast(0)
    .doc('How many incremental fetch sessions (KIP-227) are kept; a client beyond them fetches without a session.'),
  replicaLagTimeMaxMs: config
    .long('replica.lag.time.max.ms', 30_000)
    .doc('A follower that has not caught up with the leader for this long leaves the in-sync replicas.'),
  replicaSocketTimeoutMs: config
    .int('replica.socket.timeout.ms', 30_000)
    .doc('The time-out of requests that a follower sends to its leader.'),
  replicaSocketReceiveBufferBytes: config
    .int('replica.socket.receive.buffer.bytes', 65_536)
    .withoutEffect()
    .doc('The receive buffer of the connections of followers to their leaders.'),
  replicaFetchMaxBytes: config
    .int('replica.fetch.max.bytes', 1_048_576)
    .atLeast(0)
    .doc('The bytes that a follower asks for in each partition of a fetch.'),
  replicaFetchWaitMaxMs: config
    .int('replica.fetch.wait.max.ms', 500)
    .doc('How long a fetch of a follower may be parked at the leader.'),
  replicaFetchBackoffMs: config
    .int('replica.fetch.backoff.ms', 1000)
    .atLeast(0)
    .doc('How long a follower, or a move between log directories, rests after a failure.'),
  replicaFetchMinBytes: config
    .int('replica.fetch.min.bytes', 1)
    .doc('The least bytes that the leader gathers before it answers a follower.'),
  replicaFetchResponseMaxBytes: config
    .int('replica.fetch.response.max.bytes', 10_485_760)
    .atLeast(0)
    .doc('The bytes that a follower asks for in a whole fetch.'),
  numReplicaFetchers: config
    .int('num.replica.fetchers', 1)
    .atLeast(1)
    .dynamic('cluster-wide')
    .doc('How many connections a follower uses to fetch from each leader.'),
  replicationQuotaWindowNum: config
    .int('replication.quota.window.num', 11)
    .atLeast(1)
    .doc('How many samples the rate of throttled replication is measured over.'),
  replicationQuotaWindowSizeSeconds: config
    .int('replication.quota.window.size.seconds', 1)
    .atLeast(1)
    .doc('How long each of these samples is.'),
  replicaSelectorClass: config
    .optionalString('replica.selector.class')
    .refusing(selectorFault)
    .doc('The class that picks the replica which a consumer is sent to (KIP-392).'),
  fetchPurgatoryPurgeIntervalRequests: config
    .int('fetch.purgatory.purge.interval.requests', 1000)
    .withoutEffect()
    .doc('Parked fetches are removed at once here; there is nothing to purge.'),
  producerPurgatoryPurgeIntervalRequests: config
    .int('producer.purgatory.purge.interval.requests', 1000)
    .withoutEffect()
    .doc('Parked produce requests are removed at once here; there is nothing to purge.'),
  deleteRecordsPurgatoryPurgeIntervalRequests: config
    .int('delete.records.purgatory.purge.interval.requests', 1)
    .withoutEffect()
    .doc('Parked DeleteRecords requests are removed at once here; there is nothing to purge.'),
  fetchMemoryBytes: config
    .long('ottla.fetch.memory.bytes', 67_108_864)
    .atLeast(1_048_576)
    .doc(
      'The most bytes of records in all Fetch responses that are being made or sent. What is asked beyond it is answered with fewer bytes, at least one batch.',
    ),
};
export type ReplicationConfig = ConfigOf<typeof replicationConfig>;

/** Parked requests of all connections; one more is answered at once with what there is. */
export const MAX_PARKED_REQUESTS = 65_536;
/** A session that was not used for so long may make room for another (Kafka's MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS). */
export const SESSION_EVICTION_MS = 120_000;
/** Partitions that all sessions together remember; a session beyond them is not made. */
export const MAX_SESSION_PARTITIONS = 1_000_000;
/** Bytes that one fetch reads without a pause from files in the page cache; then the event loop has a turn. */
export const READ_STEP_BYTES = 1_048_576;
