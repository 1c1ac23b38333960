// The configs of a quorum of several: Kafka's keys, defaults and bounds (QuorumConfig).
import { config } from '../../runtime/index.ts';

const { boolean, int, list } = config;

export const quorumConfig = {
  bootstrapServers: list('controller.quorum.bootstrap.servers', []).doc(
    'Where the leader of the metadata quorum is asked for, as host:port, while no voter is known.',
  ),
  autoJoin: boolean('controller.quorum.auto.join.enable', false).doc(
    'Whether a controller that is no voter asks to become one.',
  ),
  electionTimeoutMs: int('controller.quorum.election.timeout.ms', 1000)
    .atLeast(0)
    .doc('How long a candidate waits for votes; drawn anew each time, up to twice as long.'),
  fetchTimeoutMs: int('controller.quorum.fetch.timeout.ms', 2000)
    .atLeast(0)
    .doc('A voter that has not heard of its leader for this long stands for election.'),
  electionBackoffMaxMs: int('controller.quorum.election.backoff.max.ms', 1000)
    .atLeast(0)
    .doc('The longest pause between two elections.'),
  fetchMaxBytes: int('controller.quorum.fetch.max.bytes', 1024 * 1024)
    .atLeast(1)
    .doc('The most bytes of metadata records in one answer within the quorum; the first batch is returned whole.'),
  snapshotMaxBytes: int('controller.quorum.fetch.snapshot.max.bytes', 1024 * 1024)
    .atLeast(1)
    .doc('The most bytes of a metadata snapshot in one answer within the quorum.'),
  requestTimeoutMs: int('controller.quorum.request.timeout.ms', 2000)
    .atLeast(0)
    .doc('The time-out of requests within the quorum.'),
  retryBackoffMs: int('controller.quorum.retry.backoff.ms', 20)
    .atLeast(0)
    .doc('The pause before a request within the quorum is sent again.'),
} as const;
