// How this broker speaks to the controller: by requests and responses of the protocol, whether it is in the same process or
// behind a connection. When the answer comes the change is committed, and a controller in the same process has had this
// broker take it over, so that a client sees in its next request what it was told in this one.
import type { ApiSchema, Fields, InputOf, ValueOf } from '../protocol/index.ts';
import type { RequestContext } from './handler.ts';

/** What goes with a request that is passed on, beside its body; what is left out is that of this broker itself. */
export type ForwardedFrom = Pick<RequestContext, 'apiVersion'> &
  Partial<Pick<RequestContext, 'correlationId' | 'clientId' | 'session' | 'connection'>>;

export interface ControllerChannel {
  /**
   * A request of this broker itself (Kafka: NodeToControllerChannelManager). Rejects with KafkaError when it is refused as a
   * whole, or when no answer can be had.
   */
  send<Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, request: ValueOf<Q>): Promise<InputOf<S>>;
  /**
   * A request that came to this node, in the version in which it came (Kafka: ForwardingManager). A refusal as a whole is the
   * answer or a KafkaError that it rejects with; to whoever asked it is the same.
   */
  forward<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: ValueOf<Q>,
    context: ForwardedFrom,
  ): Promise<InputOf<S>>;
}

/** The metadata quorum as its leader sees it. Offsets and times are -1 where they are not known. */
export interface QuorumState {
  /** False: this node does not lead, and knows nothing of the others. */
  readonly leads: boolean;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
  readonly nodes: readonly QuorumNode[];
}

export interface QuorumReplica {
  readonly replicaId: number;
  readonly replicaDirectoryId: string;
  readonly logEndOffset: number;
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

export interface QuorumNode {
  readonly nodeId: number;
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
}
