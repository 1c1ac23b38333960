// UpdateFeatures, versions 0 to 2, goes to the controller, which finalizes all of the levels or none (KIP-584, KIP-1022).
//   v0 may lower a level when it says so; v1 names the kind of change, and may only try it; v2 has no row for each feature
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
