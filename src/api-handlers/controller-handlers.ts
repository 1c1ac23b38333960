// The APIs of a controller listener (KIP-919), in key order: what admin tools ask with --bootstrap-controller, what brokers ask of
// the active controller, and what replicas of the metadata log ask of each other.
import type { ControllerChannel } from './controller-requests.ts';
import { audited } from './audited.ts';
import { charged } from './charged.ts';
import { guardedBy, type HandlerParts } from './broker-handlers.ts';
import { credentialHandlers } from './credential-handlers.ts';
import type { MetadataReplica } from './metadata-replica.ts';
import { quorumHandlers } from './quorum-handlers.ts';
import { serve, type ServedApi } from './served-api.ts';
import type { AnswerForwarded } from './58-envelope.ts';

/** What the handlers of a controller listener take: a node that is a controller alone has no more. */
export interface ControllerParts
  extends Pick<
    HandlerParts,
    | 'identity'
    | 'configDescriber'
    | 'configGate'
    | 'features'
    | 'quorum'
    | 'access'
    | 'audit'
    | 'quotas'
    | 'defaultPartitions'
  > {
  /** The controller of this node: one that is not active refuses, and passes nothing on. */
  readonly controller: ControllerChannel;
  /** Made when it is first asked for; always the same one. */
  readonly forwarded: () => Promise<AnswerForwarded>;
  readonly replica: () => Promise<MetadataReplica>;
}

export function controllerHandlers(parts: ControllerParts): ServedApi[] {
  const { identity, controller, configDescriber, configGate } = parts;
  const hasAuthorizer = parts.access !== undefined;
  const forTools: ServedApi[] = [
    serve(18, async () =>
      (await import('./18-api-versions.ts')).apiVersions(() => list.map(({ key }) => key), parts.features),
    ),
    serve(19, async () => (await import('./19-create-topics.ts')).createTopics(controller)),
    serve(20, async () => (await import('./20-delete-topics.ts')).deleteTopics(controller)),
    serve(29, async () => (await import('./29-describe-acls.ts')).describeAcls(identity, hasAuthorizer)),
    serve(30, async () => (await import('./30-create-acls.ts')).createAcls(controller, hasAuthorizer)),
    serve(31, async () => (await import('./31-delete-acls.ts')).deleteAcls(controller, hasAuthorizer)),
    serve(32, async () => (await import('./32-describe-configs.ts')).describeConfigs(configDescriber)),
    serve(33, async () => (await import('./33-alter-configs.ts')).alterConfigs(configGate, controller, parts.access)),
    serve(37, async () => (await import('./37-create-partitions.ts')).createPartitions(controller)),
    serve(43, async () => (await import('./43-elect-leaders.ts')).electLeaders(controller)),
    serve(44, async () =>
      (await import('./44-incremental-alter-configs.ts')).incrementalAlterConfigs(configGate, controller, parts.access),
    ),
    serve(45, async () =>
      (await import('./45-alter-partition-reassignments.ts')).alterPartitionReassignments(controller),
    ),
    serve(46, async () =>
      (await import('./46-list-partition-reassignments.ts')).listPartitionReassignments(controller),
    ),
    serve(49, async () => (await import('./49-alter-client-quotas.ts')).alterClientQuotas(controller)),
    serve(55, async () => (await import('./55-describe-quorum.ts')).describeQuorum(parts.quorum)),
    serve(57, async () => (await import('./57-update-features.ts')).updateFeatures(controller)),
    serve(60, async () => (await import('./60-describe-cluster.ts')).describeControllers(identity, parts.quorum)),
    serve(64, async () => (await import('./64-unregister-broker.ts')).unregisterBroker(controller)),
    ...credentialHandlers(parts, () => undefined),
  ];
  const list = [...forTools, ...brokerToControllerHandlers(parts), ...quorumHandlers(parts.replica)];
  list.sort((one, other) => one.key - other.key);
  return guardedBy(parts, audited(charged(list, parts), parts.audit));
}

/** What brokers ask of the active controller. */
export function brokerToControllerHandlers({
  controller,
  forwarded,
}: Pick<ControllerParts, 'controller' | 'forwarded'>): ServedApi[] {
  return [
    serve(56, async () => (await import('./56-alter-partition.ts')).alterPartition(controller)),
    serve(58, async () => (await import('./58-envelope.ts')).envelope(await forwarded())),
    serve(62, async () => (await import('./62-broker-registration.ts')).brokerRegistration(controller)),
    serve(63, async () => (await import('./63-broker-heartbeat.ts')).brokerHeartbeat(controller)),
    serve(67, async () => (await import('./67-allocate-producer-ids.ts')).allocateProducerIds(controller)),
    serve(70, async () => (await import('./70-controller-registration.ts')).controllerRegistration(controller)),
    serve(73, async () => (await import('./73-assign-replicas-to-dirs.ts')).assignReplicasToDirs(controller)),
  ];
}
