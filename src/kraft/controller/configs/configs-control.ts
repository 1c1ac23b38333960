// IncrementalAlterConfigs and AlterConfigs as far as the controller decides them (Kafka: ConfigurationControlManager). Log
// levels and the special rules for brokers are the handler's; both come here resource by resource.
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type { AlterConfigsRequest, AlterConfigsResponse } from '../../../protocol/messages/33-alter-configs.ts';
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../protocol/messages/44-incremental-alter-configs.ts';
import {
  type ConfigResource,
  isElrEnabled,
  type MetadataImage,
  type MetadataRecord,
  RESOURCE_BROKER,
  RESOURCE_TOPIC,
} from '../../metadata/index.ts';
import { alteredList, ConfigOperation } from './config-operation.ts';
import type { ConfigPolicy } from './config-policy.ts';
import { errorOf, type Outcome } from '../operation.ts';

type IncrementalResource = IncrementalAlterConfigsRequest['resources'][number];
type IncrementalConfig = IncrementalResource['configs'][number];
type LegacyResource = AlterConfigsRequest['resources'][number];

const MIN_INSYNC_REPLICAS = 'min.insync.replicas';
const MAX_VALUE_LENGTH = 32767;

/** One resource at a time: what fails leaves the others alone. */
export function incrementalAlterConfigs(
  image: MetadataImage,
  request: IncrementalAlterConfigsRequest,
  policy: ConfigPolicy,
): Outcome<IncrementalAlterConfigsResponse> {
  return alterEach(request, (resource: IncrementalResource) => {
    checkKeys(resource.configs, (config) => config.configOperation !== ConfigOperation.DELETE);
    const { resourceType: type, resourceName: name } = resource;
    const current = image.configs.get(type, name);
    const alterations = resource.configs.map((config) => ({
      name: config.name,
      value: alteredValue(config, { type, current: current.get(config.name), policy }),
    }));
    return alterationRecords(image, policy, { resource: { type, name }, alterations, removals: [], isNew: false });
  });
}

/** The old way: what is not named is removed. */
export function alterConfigs(
  image: MetadataImage,
  request: AlterConfigsRequest,
  policy: ConfigPolicy,
): Outcome<AlterConfigsResponse> {
  return alterEach(request, (resource: LegacyResource) => {
    checkKeys(resource.configs, () => true);
    const { resourceType: type, resourceName: name, configs } = resource;
    const named = new Set(configs.map((config) => config.name));
    const removals = [...image.configs.get(type, name).keys()].filter((key) => !named.has(key));
    return alterationRecords(image, policy, { resource: { type, name }, alterations: configs, removals, isNew: false });
  });
}

interface Alteration {
  readonly resource: ConfigResource;
  /** null: remove. */
  readonly alterations: readonly { readonly name: string; readonly value: string | null }[];
  readonly removals: readonly string[];
  /** The resource is being created: it need not exist. */
  readonly isNew: boolean;
}

/** The records of a checked alteration. Throws KafkaError. */
export function alterationRecords(
  image: MetadataImage,
  policy: ConfigPolicy,
  alteration: Alteration,
): MetadataRecord[] {
  const { resource, alterations, removals, isNew } = alteration;
  const current = image.configs.get(resource.type, resource.name);
  const after = new Map(current);
  const changes: { readonly name: string; readonly value: string | null }[] = [];
  for (const { name, value } of alterations) {
    // Broker configs are written even when they are the same: brokers then read key stores anew (KAFKA-14136).
    if (value !== (current.get(name) ?? null) || resource.type === RESOURCE_BROKER) changes.push({ name, value });
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  for (const name of removals) {
    changes.push({ name, value: null });
    after.delete(name);
  }
  checkLengths(changes);
  checkMinIsr(image, resource, changes);
  policy.checkConfigs(resource.type, resource.name, after);
  if (!isNew) checkExists(image, resource);
  const records: MetadataRecord[] = changes.map(({ name, value }) => ({
    type: 'ConfigRecord',
    version: 0,
    resourceType: resource.type,
    resourceName: resource.name,
    name,
    value,
  }));
  return [...records, ...endOfEligibleReplicas(image, resource, changes)];
}

interface AnyRequest<Resource> {
  readonly resources: readonly Resource[];
  readonly validateOnly: boolean;
}

function alterEach<Resource extends { readonly resourceType: number; readonly resourceName: string }>(
  { resources, validateOnly }: AnyRequest<Resource>,
  recordsOf: (resource: Resource) => MetadataRecord[],
): Outcome<AlterConfigsResponse & IncrementalAlterConfigsResponse> {
  const records: MetadataRecord[] = [];
  const counts = new Map<string, number>();
  const keyOf = ({ resourceType, resourceName }: Resource): string => `${resourceType}:${resourceName}`;
  for (const resource of resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1);
  const responses = resources.map((resource) => {
    const { resourceType, resourceName } = resource;
    const error = errorOf(() => {
      if ((counts.get(keyOf(resource)) ?? 0) > 1) {
        throw new KafkaError(Errors.INVALID_REQUEST, 'Each resource must appear at most once.');
      }
      records.push(...recordsOf(resource));
    });
    return { ...error, resourceType, resourceName };
  });
  return { records: validateOnly ? [] : records, response: { throttleTimeMs: 0, responses } };
}

/** Throws KafkaError INVALID_REQUEST for keys that are given twice and for null values. */
function checkKeys<C extends { readonly name: string; readonly value: string | null }>(
  configs: readonly C[],
  needsValue: (config: C) => boolean,
): void {
  if (new Set(configs.map((config) => config.name)).size < configs.length) {
    throw new KafkaError(Errors.INVALID_REQUEST, 'Error due to duplicate config keys');
  }
  const nulls = configs.filter((config) => needsValue(config) && config.value === null).map((config) => config.name);
  if (nulls.length > 0) {
    throw new KafkaError(Errors.INVALID_REQUEST, `Null value not supported for : ${nulls.join(', ')}`);
  }
}

function alteredValue(
  { name, configOperation, value }: IncrementalConfig,
  {
    type,
    current,
    policy,
  }: { readonly type: number; readonly current: string | undefined; readonly policy: ConfigPolicy },
): string | null {
  switch (configOperation) {
    case ConfigOperation.SET:
      return value;
    case ConfigOperation.DELETE:
      return null;
    case ConfigOperation.APPEND:
    case ConfigOperation.SUBTRACT:
      break;
    default:
      // Apache Kafka fails inside over such an operation, and its controller resigns. We say what is wrong.
      throw new KafkaError(Errors.INVALID_REQUEST, `Unknown config operation ${configOperation}`);
  }
  const word = configOperation === ConfigOperation.APPEND ? 'APPEND' : 'SUBTRACT';
  if (policy.isList(type, name) !== true) {
    throw new KafkaError(Errors.INVALID_CONFIG, `Can't ${word} to key ${name} because its type is not LIST.`);
  }
  return alteredList(current ?? policy.defaultText(type, name), configOperation, value ?? '');
}

function checkLengths(changes: readonly { readonly value: string | null }[]): void {
  if (changes.some(({ value }) => value !== null && Buffer.byteLength(value) > MAX_VALUE_LENGTH)) {
    throw new KafkaError(
      Errors.INVALID_CONFIG,
      `The configuration value cannot be added because it exceeds the maximum value size of ${MAX_VALUE_LENGTH} bytes.`,
    );
  }
}

/** KIP-966: eligible replicas are only sound while all brokers agree on min.insync.replicas. */
function checkMinIsr(
  image: MetadataImage,
  resource: ConfigResource,
  changes: readonly { readonly name: string; readonly value: string | null }[],
): void {
  if (resource.type !== RESOURCE_BROKER || !isElrEnabled(image.features)) return;
  const change = changes.find(({ name }) => name === MIN_INSYNC_REPLICAS);
  if (change === undefined) return;
  if (resource.name !== '' && change.value !== null) {
    throw new KafkaError(
      Errors.INVALID_CONFIG,
      'Broker-level min.insync.replicas cannot be altered while ELR is enabled.',
    );
  }
  if (resource.name === '' && change.value === null) {
    throw new KafkaError(
      Errors.INVALID_CONFIG,
      'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.',
    );
  }
}

/** Throws KafkaError when there is nothing that could have configs. */
function checkExists(image: MetadataImage, { type, name }: ConfigResource): void {
  if (type === RESOURCE_TOPIC && !image.topics.byName.has(name)) {
    throw new KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`);
  }
  if (type === RESOURCE_BROKER && name !== '' && !image.cluster.brokers.has(Number(name))) {
    throw new KafkaError(Errors.BROKER_ID_NOT_REGISTERED, `No broker with id ${name} found.`);
  }
}

/** With another min.insync.replicas the eligible replicas of the topic, or of all, are no longer known to be complete. */
function endOfEligibleReplicas(
  image: MetadataImage,
  resource: ConfigResource,
  changes: readonly { readonly name: string }[],
): MetadataRecord[] {
  if (!isElrEnabled(image.features) || !changes.some(({ name }) => name === MIN_INSYNC_REPLICAS)) return [];
  if (resource.type === RESOURCE_TOPIC) return [{ type: 'ClearElrRecord', version: 0, topicName: resource.name }];
  return resource.type === RESOURCE_BROKER ? [{ type: 'ClearElrRecord', version: 0, topicName: '' }] : [];
}
