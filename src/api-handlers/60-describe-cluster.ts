// DescribeCluster (KIP-700): the brokers of the cluster, as seen from the listener that is asked.
import { Errors } from '../protocol/index.ts';
import { DescribeCluster, type DescribeClusterResponse } from '../protocol/messages/60-describe-cluster.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from './authorized-operations.ts';
import { controllerIdFor, endpointsFor, type Presence } from './broker-endpoints.ts';
import { defineHandler } from './handler.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

export const describeCluster = (presence: Presence) =>
  defineHandler(DescribeCluster, {
    handle(request, context) {
      if (request.endpointType === CONTROLLERS) {
        const message =
          'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER';
        return refused(Errors.MISMATCHED_ENDPOINT_TYPE, message);
      }
      if (request.endpointType !== BROKERS) {
        return refused(Errors.UNSUPPORTED_ENDPOINT_TYPE, `Unsupported endpoint type ${request.endpointType}`);
      }
      const endpoints = endpointsFor(presence, context, request.includeFencedBrokers);
      return {
        errorCode: Errors.NONE,
        endpointType: BROKERS,
        clusterId: presence.clusterId,
        controllerId: controllerIdFor(presence, endpoints),
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
