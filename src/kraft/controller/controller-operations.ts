// What the controller can be asked: requests and responses of the protocol, whoever asks and from wherever.
import type { ApiSchema, Fields, InputOf, RequestOf, ResponseOf, ValueOf } from '../../protocol/index.ts';
import type { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import type { DeleteTopics } from '../../protocol/messages/20-delete-topics.ts';
import type { CreateAcls } from '../../protocol/messages/30-create-acls.ts';
import type { DeleteAcls } from '../../protocol/messages/31-delete-acls.ts';
import type { AlterConfigs } from '../../protocol/messages/33-alter-configs.ts';
import type { CreatePartitions } from '../../protocol/messages/37-create-partitions.ts';
import type { ElectLeaders } from '../../protocol/messages/43-elect-leaders.ts';
import type { IncrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import type { AlterPartitionReassignments } from '../../protocol/messages/45-alter-partition-reassignments.ts';
import type { ListPartitionReassignments } from '../../protocol/messages/46-list-partition-reassignments.ts';
import type { AlterClientQuotas } from '../../protocol/messages/49-alter-client-quotas.ts';
import type { AlterPartition } from '../../protocol/messages/56-alter-partition.ts';
import type { UpdateFeatures } from '../../protocol/messages/57-update-features.ts';
import type { BrokerRegistration } from '../../protocol/messages/62-broker-registration.ts';
import type { BrokerHeartbeat } from '../../protocol/messages/63-broker-heartbeat.ts';
import type { UnregisterBroker } from '../../protocol/messages/64-unregister-broker.ts';
import type { AllocateProducerIds } from '../../protocol/messages/67-allocate-producer-ids.ts';
import type { ControllerRegistration } from '../../protocol/messages/70-controller-registration.ts';
import type { AssignReplicasToDirs } from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import type { CredentialOperations } from './security/credential-operations.ts';
import type { BrokerConnection } from './cluster/broker-sessions.ts';

/** What is known of a request to the controller besides its body (Kafka: ControllerRequestContext). */
export interface ControllerRequestContext {
  /** Decides on the form of some answers. */
  readonly apiVersion: number;
  /** The asker lives and dies with this controller: it is the broker in the same process. */
  readonly sharesFate: boolean;
  /** Who asks, as `User:alice`; left out where a broker itself does. */
  readonly principal?: string | undefined;
  /** Over which it came, where that is known: it tells of the life of a broker. */
  readonly connection?: BrokerConnection | undefined;
}

export type Operation<A> = (request: RequestOf<A>, context: ControllerRequestContext) => Promise<ResponseOf<A>>;

/** Each rejects with KafkaError when the request is refused as a whole. */
export interface ControllerOperations {
  readonly createTopics: Operation<typeof CreateTopics>;
  readonly deleteTopics: Operation<typeof DeleteTopics>;
  readonly createAcls: Operation<typeof CreateAcls>;
  readonly deleteAcls: Operation<typeof DeleteAcls>;
  readonly alterConfigs: Operation<typeof AlterConfigs>;
  readonly createPartitions: Operation<typeof CreatePartitions>;
  readonly electLeaders: Operation<typeof ElectLeaders>;
  readonly incrementalAlterConfigs: Operation<typeof IncrementalAlterConfigs>;
  readonly alterPartitionReassignments: Operation<typeof AlterPartitionReassignments>;
  readonly listPartitionReassignments: Operation<typeof ListPartitionReassignments>;
  readonly alterClientQuotas: Operation<typeof AlterClientQuotas>;
  readonly alterPartitions: Operation<typeof AlterPartition>;
  readonly updateFeatures: Operation<typeof UpdateFeatures>;
  readonly registerBroker: Operation<typeof BrokerRegistration>;
  readonly brokerHeartbeat: Operation<typeof BrokerHeartbeat>;
  readonly unregisterBroker: Operation<typeof UnregisterBroker>;
  readonly allocateProducerIds: Operation<typeof AllocateProducerIds>;
  readonly registerController: Operation<typeof ControllerRegistration>;
  readonly assignReplicasToDirs: Operation<typeof AssignReplicasToDirs>;
  readonly credentials: Omit<CredentialOperations, 'tasks'>;
}

/** By API key, so that nobody has to load the definitions of all of them. */
const operationsByKey: Readonly<Record<number, Exclude<keyof ControllerOperations, 'credentials'>>> = {
  19: 'createTopics',
  20: 'deleteTopics',
  30: 'createAcls',
  31: 'deleteAcls',
  33: 'alterConfigs',
  37: 'createPartitions',
  43: 'electLeaders',
  44: 'incrementalAlterConfigs',
  45: 'alterPartitionReassignments',
  46: 'listPartitionReassignments',
  49: 'alterClientQuotas',
  56: 'alterPartitions',
  57: 'updateFeatures',
  62: 'registerBroker',
  63: 'brokerHeartbeat',
  64: 'unregisterBroker',
  67: 'allocateProducerIds',
  70: 'registerController',
  73: 'assignReplicasToDirs',
};

const credentialsByKey: Readonly<Record<number, Exclude<keyof CredentialOperations, 'tasks'>>> = {
  38: 'createDelegationToken',
  39: 'renewDelegationToken',
  40: 'expireDelegationToken',
  51: 'alterUserScramCredentials',
};

/** Has the controller do what a request of the API asks. */
export function operate<Q extends Fields, S extends Fields>(
  operations: ControllerOperations,
  api: ApiSchema<Q, S>,
  request: ValueOf<Q>,
  context: ControllerRequestContext,
): Promise<InputOf<S>> {
  const name = operationsByKey[api.key];
  const credentialName = credentialsByKey[api.key];
  const found =
    name !== undefined
      ? operations[name].bind(operations)
      : credentialName !== undefined
        ? operations.credentials[credentialName].bind(operations.credentials)
        : undefined;
  if (found === undefined) throw new RangeError(`the controller cannot be asked ${api.name}`);
  // The tables pair each API with the operation of its own types; a test asks every one of them.
  const operation = found as unknown as (asked: ValueOf<Q>, context: ControllerRequestContext) => Promise<InputOf<S>>;
  return operation(request, context);
}
