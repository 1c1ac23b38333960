// AddRaftVoter, versions 0 to 1: a replica of the metadata log becomes a voter (KIP-853). Brokers pass it on to the active controller,
// which knows how far each replica is.
//   v1 may be answered before the commit (KIP-1186)
import type { InputOf } from '../protocol/index.ts';
import { AddRaftVoter, type AddRaftVoterRequest } from '../protocol/messages/80-add-raft-voter.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler, type RequestContext } from './handler.ts';

type Change = (
  request: AddRaftVoterRequest,
  context: RequestContext,
) => Promise<InputOf<(typeof AddRaftVoter)['response']['fields']>>;

export const addRaftVoter = (change: Change) =>
  defineHandler(AddRaftVoter, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: change,
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  });

/** Of a broker's listener. */
export const forwardAddRaftVoter = (controller: ControllerChannel) =>
  addRaftVoter((request, context) => controller.forward(AddRaftVoter, request, context));
