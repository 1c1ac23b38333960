// DeleteAcls, versions 1 to 3, goes to the controller as it is: the access control entries that match filters go, and are told
// filter by filter. Without an authorizer: SECURITY_DISABLED.
import { DeleteAcls } from '../protocol/messages/31-delete-acls.ts';
import { checkAuthorizer, isUnknownFilter } from './acl-requests.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { CLOSE, defineHandler } from './handler.ts';

export const deleteAcls = (controller: ControllerChannel, hasAuthorizer: boolean) =>
  defineHandler(DeleteAcls, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle(request, context) {
      if (request.filters.some(isUnknownFilter)) return CLOSE;
      checkAuthorizer(hasAuthorizer);
      return controller.forward(DeleteAcls, request, context);
    },
    malformed: (request) => (request.filters.some(isUnknownFilter) ? CLOSE : undefined),
    failed: (request, errorCode, errorMessage) => ({
      filterResults: request.filters.map(() => ({ errorCode, errorMessage, matchingAcls: [] })),
    }),
  });
