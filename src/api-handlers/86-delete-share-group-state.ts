// DeleteShareGroupState, version 0: the group coordinator has the state of share partitions deleted (KIP-932). Asked between brokers alone.
import { DeleteShareGroupState } from '../protocol/messages/86-delete-share-group-state.ts';
import type { ShareCoordinator } from '../share-coordinator/index.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_BROKERS, failedStates } from './share-state-requests.ts';

export const deleteShareGroupState = (shares: ShareCoordinator) =>
  defineHandler(DeleteShareGroupState, {
    authorize: BETWEEN_BROKERS,
    handle: (request) => shares.deleteState(request),
    failed: (request, errorCode) => failedStates(request, errorCode, {}),
  });
