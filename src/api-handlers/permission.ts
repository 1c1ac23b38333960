// What a handler needs permission for, as data beside it: operation, type of the resource, where in the request its names
// stand, and the error of a denial. A test holds the whole against what Apache Kafka asks for (test/golden/api-authorization.json).
import { errorMessage, KafkaError } from '../protocol/index.ts';
import type { AclOperationName, AclResourceTypeName, ErrorName, Fields, ValueOf } from '../protocol/index.ts';
import type { Session } from './session.ts';

export interface Permission {
  readonly operation: AclOperationName;
  readonly resource: AclResourceTypeName;
  /**
   * Where the names (or topic ids) of the resources stand in the request, as `topics.name`: fields from the top, through
   * structs and arrays. Several where versions or cases differ; none for the cluster, and for what the request does not name.
   */
  readonly at: readonly string[];
  /**
   * `before`: all of the request rests on it, so that it is asked before the handler and a denial is the whole answer.
   * `within`: it concerns some of what is asked, or is known only in handling: the guard of the API (guards/) or its handler asks,
   * and answers the rest.
   */
  readonly asked: 'before' | 'within';
  /** The error that stands for a denial; null where a denial only hides or leaves out. */
  readonly denied: ErrorName | null;
  /** Whether a denial comes with the text of its error; where left out, that of the cluster does. */
  readonly hasText?: boolean;
  /** Another permission that is enough instead. */
  readonly orElse?: readonly [AclResourceTypeName, AclOperationName];
}

/** Places of a request at which strings stand. */
type PlaceIn<T> = {
  [K in keyof T & string]: NonNullable<T[K]> extends string
    ? K
    : NonNullable<T[K]> extends readonly (infer Each)[]
      ? Each extends string
        ? K
        : `${K}.${PlaceIn<Each>}`
      : NonNullable<T[K]> extends Uint8Array | number | boolean | bigint
        ? never
        : `${K}.${PlaceIn<NonNullable<T[K]>>}`;
}[keyof T & string];

/** A permission whose places are those of one API's request. */
export interface PermissionFor<Q extends Fields> extends Permission {
  readonly at: readonly PlaceIn<ValueOf<Q>>[];
}

/** A denial whose answer has the text of its error, which others leave out. */
export class DenialWithText extends KafkaError {
  override readonly wireMessage = errorMessage(this.code);
}

/** What a handler declares that does without any permission. */
export const OPEN_TO_ALL: readonly never[] = [];

/** Says who may do what (KIP-11; Kafka: Authorizer). Each throws KafkaError while it does not know yet. */
export interface Authorizer {
  /** `name` of a cluster is CLUSTER_NAME. */
  isAllowed(session: Session, operation: AclOperationName, resource: AclResourceTypeName, name: string): boolean;
  /** Is the operation allowed on any resource of this type whatever? */
  isAllowedOnAny(session: Session, operation: AclOperationName, resource: AclResourceTypeName): boolean;
  /** Another number whenever a verdict may have become another. */
  readonly version: number;
}
