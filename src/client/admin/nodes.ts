// The nodes that operations of administration are asked of: brokers, or the controllers of a quorum when the client was given
// these (KIP-919: bootstrap.controllers). What is known is shared by all operations of one Admin.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { DescribeCluster } from '../../protocol/messages/60-describe-cluster.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';

export interface ClusterNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | undefined;
}

export interface ClusterNodes {
  readonly clusterId: string | undefined;
  /** Of a cluster with KRaft, asked by a broker's address, whichever broker is alive: it forwards. undefined: nobody knows. */
  readonly controllerId: number | undefined;
  readonly nodes: readonly ClusterNode[];
}

const CONTROLLERS = 2;

export class AdminNodes {
  readonly client: ClusterClient;
  readonly isOfControllers: boolean;
  #controllerId: number | undefined;
  #known: ReadonlyMap<number, ClusterNode> = new Map();

  constructor(client: ClusterClient, isOfControllers: boolean) {
    this.client = client;
    this.isOfControllers = isOfControllers;
  }

  /** One try. Rejects with KafkaError. */
  async refresh(): Promise<ClusterNodes> {
    const found = this.isOfControllers ? await this.#askControllers() : await this.#askBrokers();
    this.client.learnBrokers(found.nodes.map(({ id, host, port }) => ({ nodeId: id, host, port })));
    this.#known = new Map(found.nodes.map((node) => [node.id, node]));
    this.#controllerId = found.controllerId;
    return found;
  }

  /** One try. Rejects with KafkaError, retriable when nobody is it at the moment. */
  async controllerId(): Promise<number> {
    const id = this.#controllerId ?? (await this.refresh()).controllerId;
    if (id === undefined)
      throw new KafkaError(Errors.BROKER_NOT_AVAILABLE, 'nobody knows the controller at the moment');
    return id;
  }

  forgetController(): void {
    this.#controllerId = undefined;
  }

  /** Sees to it that the address of the node is known, if anybody knows it. Rejects with KafkaError. */
  async know(nodeId: number): Promise<void> {
    if (!this.#known.has(nodeId)) await this.refresh();
  }

  /** Of a node that has answered. */
  nodeOf(nodeId: number): ClusterNode {
    return this.#known.get(nodeId) ?? { id: nodeId, host: '', port: -1, rack: undefined };
  }

  async #askBrokers(): Promise<ClusterNodes> {
    const { clusterId, controllerId, brokers } = await this.client.askAny(Metadata, {
      topics: [],
      allowAutoTopicCreation: false,
    });
    return {
      clusterId: clusterId ?? undefined,
      controllerId: controllerId < 0 ? undefined : controllerId,
      nodes: brokers.map(({ nodeId, host, port, rack }) => ({ id: nodeId, host, port, rack: rack ?? undefined })),
    };
  }

  async #askControllers(): Promise<ClusterNodes> {
    const answer = await this.client.askAny(DescribeCluster, {
      includeClusterAuthorizedOperations: false,
      endpointType: CONTROLLERS,
    });
    if (answer.errorCode !== Errors.NONE) throw new KafkaError(answer.errorCode, answer.errorMessage ?? undefined);
    return {
      clusterId: answer.clusterId,
      controllerId: answer.controllerId < 0 ? undefined : answer.controllerId,
      nodes: answer.brokers.map(({ brokerId, host, port, rack }) => ({
        id: brokerId,
        host,
        port,
        rack: rack ?? undefined,
      })),
    };
  }
}
