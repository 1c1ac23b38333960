// CreateAcls, versions 1 to 3, goes to the controller as it is: access control entries are made, those that are there already
// are not made again. Without an authorizer: SECURITY_DISABLED.
import { ACL_ANY } from '../kraft/metadata/index.ts';
import { AclPattern, Errors, KafkaError } from '../protocol/index.ts';
import { CreateAcls, type CreateAclsRequest } from '../protocol/messages/30-create-acls.ts';
import { checkAuthorizer, isUnknownAcl } from './acl-requests.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { CLOSE, defineHandler } from './handler.ts';

export const createAcls = (controller: ControllerChannel, hasAuthorizer: boolean) =>
  defineHandler(CreateAcls, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle(request, context) {
      if (request.creations.some(isUnknown)) return CLOSE;
      checkAuthorizer(hasAuthorizer);
      // Entries are no filters. Kafka finds out when it has read the request, and fails on it.
      if (request.creations.some(isFilter)) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
      return controller.forward(CreateAcls, request, context);
    },
    malformed: (request) => (request.creations.some(isUnknown) ? CLOSE : undefined),
    failed: (request, errorCode, errorMessage) => ({
      results: request.creations.map(() => ({ errorCode, errorMessage })),
    }),
  });

type Creation = CreateAclsRequest['creations'][number];

function isUnknown({ resourceType, resourcePatternType: patternType, operation, permissionType }: Creation): boolean {
  return isUnknownAcl({ resourceType, patternType, operation, permissionType });
}

/** Kinds that stand for several. */
export function isFilter({ resourceType, resourcePatternType, operation, permissionType }: Creation): boolean {
  return (
    resourceType === ACL_ANY ||
    resourcePatternType === ACL_ANY ||
    resourcePatternType === AclPattern.MATCH ||
    operation === ACL_ANY ||
    permissionType === ACL_ANY
  );
}
