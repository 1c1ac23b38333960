// How a node of a quorum of several reaches the others, and how patient it is with them. Who makes the channels knows the
// network and its security; Raft knows addresses only.
import type { Channel } from '../../protocol/index.ts';
import type { Random } from '../../runtime/index.ts';

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

export interface QuorumPeers {
  /**
   * A channel to the controller listener at `address`, closed by who asked for it. `attemptFailed` is told of every attempt to
   * connect that failed, with the code of the operating system where there is one (ECONNREFUSED: nobody listens there), and
   * of every connection that went (no code).
   */
  connect(address: PeerAddress, attemptFailed: (code: string | undefined) => void): Channel;
}

/** Kafka's QuorumConfig, in milliseconds. */
export interface QuorumTimeouts {
  /** controller.quorum.election.timeout.ms: an election timeout is drawn from [this, twice this). */
  readonly electionMs: number;
  /** controller.quorum.fetch.timeout.ms: how long a leader may be silent, and a majority of its voters one and a half times. */
  readonly fetchMs: number;
  /** controller.quorum.election.backoff.max.ms */
  readonly electionBackoffMaxMs: number;
  /** controller.quorum.request.timeout.ms */
  readonly requestMs: number;
  /** controller.quorum.retry.backoff.ms */
  readonly retryBackoffMs: number;
}

/** The most bytes of one answer within the quorum, asked for and given. */
export interface QuorumBytes {
  /** controller.quorum.fetch.max.bytes */
  readonly fetch: number;
  /** controller.quorum.fetch.snapshot.max.bytes */
  readonly snapshot: number;
}

export const DEFAULT_QUORUM_BYTES: QuorumBytes = { fetch: 1024 * 1024, snapshot: 1024 * 1024 };

export const DEFAULT_QUORUM_TIMEOUTS: QuorumTimeouts = {
  electionMs: 1000,
  fetchMs: 2000,
  electionBackoffMaxMs: 1000,
  requestMs: 2000,
  retryBackoffMs: 20,
};

/** What a quorum of several takes; a node without it can only be the one voter of its own. */
export interface QuorumOptions {
  readonly clusterId: string;
  readonly peers: QuorumPeers;
  /** controller.quorum.bootstrap.servers: where to ask for the leader as long as no voter is known. */
  readonly bootstrapServers: readonly PeerAddress[];
  readonly random: Random;
  readonly timeouts: QuorumTimeouts;
  /** Left out: Kafka's defaults. */
  readonly maxBytes?: QuorumBytes;
  /** False for a broker without the controller role: it observes, and never votes. */
  readonly isController: boolean;
  /** controller.quorum.auto.join.enable: a controller that is no voter asks to become one (KIP-1186). */
  readonly autoJoin: boolean;
}
