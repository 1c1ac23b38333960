// The wire: bytes ⇄ values, error codes, the table of APIs. Message definitions are not re-exported: whoever needs one
// imports its file (`protocol/messages/01-fetch.ts`), so that starting a broker does not load all 89.
export {
  ACL_WILDCARD,
  AclOperation,
  type AclOperationName,
  AclPattern,
  AclPermissionType,
  AclResourceType,
  type AclResourceTypeName,
  ALL_OPERATIONS,
  CLUSTER_NAME,
  SUPPORTED_OPERATIONS,
} from './acls.ts';
export { type ApiFacts, apiFacts, apiKeys } from './api-keys.ts';
export {
  type AskOptions,
  Channel,
  ChannelError,
  type ChannelFault,
  type ChannelLimits,
  type ChannelOptions,
  type ChannelSecurity,
  type Question,
} from './channel.ts';
export type { Peers } from './peers.ts';
export { type Codec, codecOf } from './compile.ts';
export { type ErrorCode, type ErrorName, Errors, errorMessage, errorName, isRetriable, KafkaError } from './errors.ts';
export {
  encodeRequestFrame,
  encodeResponseFrame,
  FRAME_SIZE_BYTES,
  frameSizeAt,
  MINIMUM_REQUEST_SIZE,
  requestApiKey,
  requestApiVersion,
} from './framing.ts';
export {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
  type RequestHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from './headers.ts';
export { addInt64, compareInt64, type Int64, isClamped, subtractInt64, toInt64 } from './int64.ts';
export { javaHash, partitionForId } from './java-hash.ts';
export {
  copiedCapacity,
  hashBucket,
  hashOrder,
  hashOrderOfTexts,
  hashTableSize,
  partitionHash,
} from './java-hash-order.ts';
export { METADATA_DIRECTORY_NAME, METADATA_TOPIC, METADATA_TOPIC_ID } from './metadata-topic.ts';
export { murmur2, partitionForKey } from './murmur2.ts';
export { ANONYMOUS, principalNameOf, principalTypeOf } from './principal.ts';
export * from './compression/index.ts';
export * from './records/index.ts';
export { DecodeError, Reader, type ReaderOptions } from './reader.ts';
export {
  type ApiSchema,
  array,
  asInput,
  bool,
  bytes,
  type DecodedResponseOf,
  exactInt64,
  type FieldFacts,
  type Fields,
  float64,
  type InputOf,
  int16,
  int32,
  int64,
  int8,
  message,
  type MessageSchema,
  records,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
  uint16,
  uint32,
  uuid,
  type ValueOf,
  type VersionRange,
} from './schema.ts';
export { setUnknownTags, type UnknownTag, unknownTagsOf } from './unknown-tags.ts';
export { uuidFromBytes, uuidToBytes, ZERO_UUID } from './uuid.ts';
export { EncodeError, Writer } from './writer.ts';
export { decodeRecordKey, decodeVersioned, encodeRecordKey, encodeVersioned, prefixOf } from './versioned.ts';
