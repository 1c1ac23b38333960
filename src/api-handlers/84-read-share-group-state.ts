// ReadShareGroupState, version 0: the leader of a share partition reads its state, and is written down as its leader (KIP-932). Asked between brokers alone.
import { ReadShareGroupState } from '../protocol/messages/84-read-share-group-state.ts';
import type { ShareCoordinator } from '../share-coordinator/index.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_BROKERS, failedStates } from './share-state-requests.ts';

export const readShareGroupState = (shares: ShareCoordinator) =>
  defineHandler(ReadShareGroupState, {
    authorize: BETWEEN_BROKERS,
    handle: (request) => shares.readState(request),
    failed: (request, errorCode) =>
      failedStates(request, errorCode, { stateEpoch: 0, startOffset: 0, stateBatches: [] }),
  });
