// What the guards and handlers of a broker with an authorizer ask: the verdict on one resource, and a line in the audit log
// where a denial is an answer. What is only hidden or left out is asked without a line (Kafka: AuthHelper, Action.logIfDenied).
import {
  AclOperation,
  type AclOperationName,
  type AclResourceTypeName,
  CLUSTER_NAME,
  SUPPORTED_OPERATIONS,
} from '../protocol/index.ts';
import type { RequestContext } from './handler.ts';
import type { Authorizer } from './permission.ts';

export interface Denial {
  readonly operation: AclOperationName;
  readonly resource: AclResourceTypeName;
  readonly name: string;
}

/** Where denials and the changes of administrators are written down. Lines are limited in number. */
export interface AuditLog {
  denied(context: RequestContext, denial: Denial): void;
  /** A request that changes what the cluster is, or who may do what, has been let through. */
  admin(context: RequestContext): void;
}

export class Access {
  readonly authorizer: Authorizer;
  readonly #audit: AuditLog;

  constructor(authorizer: Authorizer, audit: AuditLog) {
    this.authorizer = authorizer;
    this.#audit = audit;
  }

  /** Another number whenever a verdict may have become another. */
  get version(): number {
    return this.authorizer.version;
  }

  may(context: RequestContext, operation: AclOperationName, resource: AclResourceTypeName, name: string): boolean {
    if (this.authorizer.isAllowed(context.session, operation, resource, name)) return true;
    this.#audit.denied(context, { operation, resource, name });
    return false;
  }

  /** The same without a line in the log. */
  sees(context: RequestContext, operation: AclOperationName, resource: AclResourceTypeName, name: string): boolean {
    return this.authorizer.isAllowed(context.session, operation, resource, name);
  }

  mayOnAny(context: RequestContext, operation: AclOperationName, resource: AclResourceTypeName): boolean {
    return this.authorizer.isAllowedOnAny(context.session, operation, resource);
  }

  mayOnCluster(context: RequestContext, operation: AclOperationName): boolean {
    return this.may(context, operation, 'CLUSTER', CLUSTER_NAME);
  }

  /** The operations that are allowed on a resource, bit n for AclOperation n. */
  operationsOn(context: RequestContext, resource: AclResourceTypeName, name: string): number {
    let set = 0;
    for (const operation of SUPPORTED_OPERATIONS[resource]) {
      if (this.sees(context, operation, resource, name)) set |= 1 << AclOperation[operation];
    }
    return set;
  }
}
