// WriteShareGroupState, versions 0 to 1: the leader of a share partition writes down what has changed (KIP-932). Asked between brokers alone.
import { WriteShareGroupState } from '../protocol/messages/85-write-share-group-state.ts';
import type { ShareCoordinator } from '../share-coordinator/index.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_BROKERS, failedStates } from './share-state-requests.ts';

export const writeShareGroupState = (shares: ShareCoordinator) =>
  defineHandler(WriteShareGroupState, {
    authorize: BETWEEN_BROKERS,
    handle: (request) => shares.writeState(request),
    failed: (request, errorCode) => failedStates(request, errorCode, {}),
  });
