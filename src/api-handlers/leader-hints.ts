// KIP-951: whoever asks the wrong broker is told in the same answer who leads and where that is, so that no Metadata
// request has to come in between.
import type { ReplicaManager } from '../replication/index.ts';
import { type BrokerEndpoint, endpointsFor, type BrokerIdentity } from './broker-endpoints.ts';
import type { RequestContext } from './handler.ts';

export interface LeaderHint {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** Collects the leaders that one response speaks of. */
export class LeaderHints {
  readonly #replicas: ReplicaManager;
  readonly #identity: BrokerIdentity;
  readonly #context: RequestContext;
  readonly #leaderIds = new Set<number>();

  constructor(replicas: ReplicaManager, identity: BrokerIdentity, context: RequestContext) {
    this.#replicas = replicas;
    this.#identity = identity;
    this.#context = context;
  }

  /** The leader to go to; undefined when the partition does not exist. */
  leaderOf(topic: string, partition: number): LeaderHint | undefined {
    const leader = this.#replicas.leaderOf(topic, partition);
    if (leader !== undefined) this.#leaderIds.add(leader.leaderId);
    return leader;
  }

  /** Where the leaders named so far are reached. */
  nodeEndpoints(): NodeEndpoint[] {
    const known: BrokerEndpoint[] = endpointsFor(this.#identity, this.#context);
    return known
      .filter(({ id }) => this.#leaderIds.has(id))
      .map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack }));
  }
}
