// DescribeAcls, versions 1 to 3: the access control entries that match a filter, by their patterns. Without an authorizer there is
// nothing to tell: SECURITY_DISABLED.
import { matchesAclFilter } from '../kraft/metadata/index.ts';
import { Errors } from '../protocol/index.ts';
import { DescribeAcls, type DescribeAclsResponse } from '../protocol/messages/29-describe-acls.ts';
import { checkAuthorizer, isUnknownFilter } from './acl-requests.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { CLOSE, defineHandler } from './handler.ts';

type Resource = DescribeAclsResponse['resources'][number];

export const describeAcls = (identity: Pick<BrokerIdentity, 'image'>, hasAuthorizer: boolean) =>
  defineHandler(DescribeAcls, {
    authorize: [
      { operation: 'DESCRIBE', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle(filter) {
      if (isUnknownFilter(filter)) return CLOSE;
      checkAuthorizer(hasAuthorizer, 'No Authorizer is configured on the broker');
      const resources = new Map<string, Resource & { readonly acls: Resource['acls'][number][] }>();
      for (const acl of identity.image().acls.values()) {
        if (!matchesAclFilter(filter, acl)) continue;
        const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl;
        const key = `${resourceType} ${patternType} ${resourceName}`;
        let resource = resources.get(key);
        if (resource === undefined) {
          resource = { resourceType, resourceName, patternType, acls: [] };
          resources.set(key, resource);
        }
        resource.acls.push({ principal, host, operation, permissionType });
      }
      return { errorCode: Errors.NONE, errorMessage: '', resources: [...resources.values()] };
    },
    malformed: (request) => (isUnknownFilter(request) ? CLOSE : undefined),
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, resources: [] }),
  });
