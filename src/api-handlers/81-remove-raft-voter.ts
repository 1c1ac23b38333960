// RemoveRaftVoter, version 0: a voter is one no more (KIP-853). Brokers pass it on to the active controller.
import type { InputOf } from '../protocol/index.ts';
import { RemoveRaftVoter, type RemoveRaftVoterRequest } from '../protocol/messages/81-remove-raft-voter.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler, type RequestContext } from './handler.ts';

type Change = (
  request: RemoveRaftVoterRequest,
  context: RequestContext,
) => Promise<InputOf<(typeof RemoveRaftVoter)['response']['fields']>>;

export const removeRaftVoter = (change: Change) =>
  defineHandler(RemoveRaftVoter, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: change,
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  });

/** Of a broker's listener. */
export const forwardRemoveRaftVoter = (controller: ControllerChannel) =>
  removeRaftVoter((request, context) => controller.forward(RemoveRaftVoter, request, context));
