// UpdateFeatures goes to the controller, which finalises all of the levels or none.
import { UpdateFeatures } from '../protocol/messages/57-update-features.ts';
import type { ClusterController } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const updateFeatures = (controller: ClusterController) =>
  defineHandler(UpdateFeatures, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: (request, { apiVersion }) => controller.updateFeatures(request, apiVersion),
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, results: [] }),
  });
