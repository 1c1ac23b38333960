// What access is granted to, and for what: Kafka's numbers (AclOperation, ResourceType), and which operations a resource of
// each type knows (AclEntry.supportedOperations).

export const AclOperation = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const;

export const AclResourceType = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

/** Every operation: it stands in entries, nobody asks for it. */
export const ALL_OPERATIONS = 2;
/** PatternType; MATCH is for filters. */
export const AclPattern = { MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const;
export const AclPermissionType = { DENY: 2, ALLOW: 3 } as const;
/** The host, and the name in a literal pattern, that stand for all. */
export const ACL_WILDCARD = '*';
/** The name of the one resource of type CLUSTER (Kafka: Resource.CLUSTER_NAME). */
export const CLUSTER_NAME = 'kafka-cluster';

export type AclOperationName = keyof typeof AclOperation;
export type AclResourceTypeName = keyof typeof AclResourceType;

export const SUPPORTED_OPERATIONS: Readonly<Record<AclResourceTypeName, readonly AclOperationName[]>> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE'],
  TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE', 'TWO_PHASE_COMMIT'],
  DELEGATION_TOKEN: ['DESCRIBE'],
  USER: ['CREATE_TOKENS', 'DESCRIBE_TOKENS'],
};
