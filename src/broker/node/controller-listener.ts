// What the controller of a node answers on its listeners: to brokers, to other controllers, and to tools with
// --bootstrap-controller. It answers before there is a leader, since that takes the votes of others.
import {
  type BrokerIdentity,
  type ControllerChannel,
  type ControllerParts,
  controllerHandlers,
  type ServedApi,
} from '../../api-handlers/index.ts';
import type { NodeBase } from './node-base.ts';
import { defaultPartitions, featuresOf } from './handler-parts.ts';
import { quorumState } from './replica-operations.ts';

export function controllerApis(base: NodeBase, controller: ControllerChannel): ServedApi[] {
  const apis: ServedApi[] = controllerHandlers(controllerParts(base, controller, () => apis));
  return apis;
}

function controllerParts(
  base: NodeBase,
  controller: ControllerChannel,
  apis: () => readonly ServedApi[],
): ControllerParts {
  const { runtime, metadata, stages, meter, configDescriber, configValidators } = base;
  let forwarded: ReturnType<ControllerParts['forwarded']> | undefined;
  const load = async () => {
    const { ForwardedRequests } = await import('../network/forwarded-requests.ts');
    const { clock, logger } = runtime;
    return new ForwardedRequests({ apis, stages, meter, clock, logger: logger.child('network') }).answer;
  };
  return {
    identity: identityOfController(base),
    controller,
    configDescriber,
    configGate: configValidators.ofController,
    access: base.access,
    audit: base.securityLog,
    quotas: base.quotas,
    defaultPartitions: defaultPartitions(base),
    features: () => featuresOf(metadata),
    quorum: () => quorumState(metadata.raft),
    forwarded: () => (forwarded ??= load()),
    replica: () => metadata.raft.requests,
  };
}

/** Clients do not come here: nobody asks where this broker listens. */
function identityOfController({ settings, metadata }: NodeBase): BrokerIdentity {
  return {
    brokerId: settings.broker.nodeId,
    clusterId: metadata.clusterId,
    advertisedFor: ({ session }) => ({ host: session.localAddress, port: session.localPort }),
    image: () => metadata.image,
  };
}
