// DescribeConfigs, versions 1 to 4: the configs of topics, brokers, loggers, groups and client metrics, with where each value
// comes from (Kafka: ConfigHelper).
//   v1 synonyms where they are asked for · v3 types, and documentation where it is asked for
import {
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../kraft/metadata/index.ts';
import { errorMessage, Errors, KafkaError } from '../protocol/index.ts';
import {
  DescribeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
} from '../protocol/messages/32-describe-configs.ts';
import { configTypeCode } from '../runtime/index.ts';
import type { ConfigDescriber, DescribedConfig } from './config-entries.ts';
import { defineHandler } from './handler.ts';

type Resource = DescribeConfigsRequest['resources'][number];
type Result = DescribeConfigsResponse['results'][number];
type Entry = Result['configs'][number];

const UNKNOWN_TYPE = 0;
const KNOWN_TYPES: ReadonlySet<number> = new Set([
  RESOURCE_TOPIC,
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
]);

export const describeConfigs = (describer: ConfigDescriber) =>
  defineHandler(DescribeConfigs, {
    authorize: [
      {
        operation: 'DESCRIBE_CONFIGS',
        resource: 'TOPIC',
        at: ['resources.resourceName'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
      {
        operation: 'DESCRIBE_CONFIGS',
        resource: 'CLUSTER',
        at: [],
        asked: 'within',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
      {
        operation: 'DESCRIBE_CONFIGS',
        resource: 'GROUP',
        at: ['resources.resourceName'],
        asked: 'within',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
    ],
    handle(request) {
      // Kafka sorts the resources by what may be described of them first, and stumbles there: none is described then.
      if (request.resources.some(({ resourceType }) => !KNOWN_TYPES.has(resourceType))) {
        throw new KafkaError(Errors.INVALID_REQUEST);
      }
      return { results: request.resources.map((resource) => describe(describer, resource, request)) };
    },
    failed: (request, code) => ({
      results: request.resources.map(({ resourceType, resourceName }) => ({
        errorCode: code,
        errorMessage: errorMessage(code),
        resourceType,
        resourceName,
        configs: [],
      })),
    }),
  });

function describe(describer: ConfigDescriber, resource: Resource, request: DescribeConfigsRequest): Result {
  const { resourceType, resourceName, configurationKeys } = resource;
  const subject = { resourceType, resourceName };
  // No key and no list of keys both ask for all of them.
  const wanted = configurationKeys === null || configurationKeys.length === 0 ? undefined : new Set(configurationKeys);
  try {
    const described = describer.describe(resourceType, resourceName);
    const kept = wanted === undefined ? described : described.filter(({ name }) => wanted.has(name));
    return {
      errorCode: Errors.NONE,
      errorMessage: '',
      ...subject,
      configs: kept.map((config) => entryOf(config, request)),
    };
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return { errorCode: error.code, errorMessage: error.wireMessage ?? '', ...subject, configs: [] };
  }
}

function entryOf(config: DescribedConfig, request: DescribeConfigsRequest): Entry {
  return {
    name: config.name,
    value: config.value,
    readOnly: config.isReadOnly,
    configSource: config.source,
    isSensitive: config.isSensitive,
    synonyms: request.includeSynonyms ? config.synonyms : [],
    configType: config.type === undefined ? UNKNOWN_TYPE : configTypeCode[config.type],
    documentation: config.documentation === undefined ? '' : request.includeDocumentation ? config.documentation : null,
  };
}
