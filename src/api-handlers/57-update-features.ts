// UpdateFeatures goes to the controller, which finalises all of the levels or none.
import { UpdateFeatures } from '../protocol/messages/57-update-features.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const updateFeatures = (controller: ControllerChannel) =>
  defineHandler(UpdateFeatures, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => controller.forward(UpdateFeatures, request, context),
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, results: [] }),
  });
