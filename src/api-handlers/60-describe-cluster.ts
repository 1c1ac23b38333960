// DescribeCluster, versions 0 to 2: the brokers of the cluster, as seen from the listener that is asked; on a controller
// listener the controllers (KIP-700, KIP-919).
//   v1 asking the wrong kind of listener is MISMATCHED_ENDPOINT_TYPE · v2 fenced brokers where they are asked for (KIP-1073)
// Authorized operations are all there are; where there is an authorizer its guard says which.
import { hasControllerRegistrations } from '../kraft/metadata/index.ts';
import { Errors } from '../protocol/index.ts';
import { DescribeCluster, type DescribeClusterResponse } from '../protocol/messages/60-describe-cluster.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from './authorized-operations.ts';
import { controllerIdFor, endpointsFor, type BrokerIdentity } from './broker-endpoints.ts';
import type { QuorumState } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

/** On a controller listener (KIP-919): the controllers that can be reached by a listener of that name. */
export const describeControllers = (identity: BrokerIdentity, quorum: () => QuorumState) =>
  defineHandler(DescribeCluster, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle({ endpointType, includeClusterAuthorizedOperations }, { session }) {
      const refusal = mismatch(endpointType, CONTROLLERS);
      if (refusal !== undefined) return refusal;
      const { features, cluster } = identity.image();
      if (!hasControllerRegistrations(features.metadataVersion)) {
        return refused(
          Errors.UNSUPPORTED_VERSION,
          'Direct-to-controller communication is not supported with the current MetadataVersion.',
        );
      }
      const brokers = Array.from(cluster.controllers.values()).flatMap(({ id, listeners }) => {
        const endpoint = listeners.find(({ name }) => name === session.listenerName);
        if (endpoint === undefined) return [];
        return [{ brokerId: id, host: endpoint.host, port: endpoint.port, rack: null }];
      });
      const { leaderId: controllerId } = quorum();
      const { clusterId } = identity;
      return {
        errorCode: Errors.NONE,
        endpointType: CONTROLLERS,
        clusterId,
        controllerId,
        brokers,
        clusterAuthorizedOperations: includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : OPERATIONS_NOT_ASKED,
      };
    },
    failed: (_request, code, message) => refused(code, message),
  });

/** The answer to a question that is none for an endpoint of type `own`; undefined for one that is. */
function mismatch(asked: number, own: number): DescribeClusterResponse | undefined {
  if (asked === own) return undefined;
  if (asked !== BROKERS && asked !== CONTROLLERS) {
    return refused(Errors.UNSUPPORTED_ENDPOINT_TYPE, `Unsupported endpoint type ${asked}`);
  }
  const [here, there] = own === BROKERS ? ['BROKER', 'CONTROLLER'] : ['CONTROLLER', 'BROKER'];
  return refused(
    Errors.MISMATCHED_ENDPOINT_TYPE,
    `The request was sent to an endpoint of type ${here}, but we wanted an endpoint of type ${there}`,
  );
}

export const describeCluster = (identity: BrokerIdentity) =>
  defineHandler(DescribeCluster, {
    authorize: [{ operation: 'DESCRIBE', resource: 'CLUSTER', at: [], asked: 'within', denied: null }],
    handle(request, context) {
      const refusal = mismatch(request.endpointType, BROKERS);
      if (refusal !== undefined) return refusal;
      const endpoints = endpointsFor(identity, context, request.includeFencedBrokers);
      return {
        errorCode: Errors.NONE,
        endpointType: BROKERS,
        clusterId: identity.clusterId,
        controllerId: controllerIdFor(identity, endpoints),
        brokers: endpoints.map(({ id, host, port, rack, isFenced }) => ({ brokerId: id, host, port, rack, isFenced })),
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? CLUSTER_OPERATIONS
          : OPERATIONS_NOT_ASKED,
      };
    },
    failed: (_request, code, message) => refused(code, message),
  });

function refused(errorCode: number, errorMessage: string | null): DescribeClusterResponse {
  return { errorCode, errorMessage, endpointType: BROKERS, clusterId: '', brokers: [] };
}
