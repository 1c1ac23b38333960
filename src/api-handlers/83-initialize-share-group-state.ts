// InitializeShareGroupState, version 0: the group coordinator has the state of share partitions set up (KIP-932). Asked between brokers alone.
import { InitializeShareGroupState } from '../protocol/messages/83-initialize-share-group-state.ts';
import type { ShareCoordinator } from '../share-coordinator/index.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_BROKERS, failedStates } from './share-state-requests.ts';

export const initializeShareGroupState = (shares: ShareCoordinator) =>
  defineHandler(InitializeShareGroupState, {
    authorize: BETWEEN_BROKERS,
    handle: (request) => shares.initializeState(request),
    failed: (request, errorCode) => failedStates(request, errorCode, {}),
  });
