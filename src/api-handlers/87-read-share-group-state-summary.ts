// ReadShareGroupStateSummary, versions 0 to 1: start offset, epochs and progress of share partitions (KIP-932). Asked between brokers alone.
import { ReadShareGroupStateSummary } from '../protocol/messages/87-read-share-group-state-summary.ts';
import type { ShareCoordinator } from '../share-coordinator/index.ts';
import { defineHandler } from './handler.ts';
import { BETWEEN_BROKERS, failedStates } from './share-state-requests.ts';

export const readShareGroupStateSummary = (shares: ShareCoordinator) =>
  defineHandler(ReadShareGroupStateSummary, {
    authorize: BETWEEN_BROKERS,
    handle: (request) => shares.readStateSummary(request),
    failed: (request, errorCode) =>
      failedStates(request, errorCode, { stateEpoch: 0, leaderEpoch: 0, startOffset: 0, deliveryCompleteCount: -1 }),
  });
