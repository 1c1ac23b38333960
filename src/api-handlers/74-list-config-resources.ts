// ListConfigResources, versions 0 to 1: the names of everything that has, or may have, configs: all brokers and topics, and
// the groups and client metrics that have some. Version 0 knows client metrics alone (KIP-1000; KIP-1142).
import {
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';
import { ListConfigResources } from '../protocol/messages/74-list-config-resources.ts';
import { endpointsFor, type BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler, type RequestContext } from './handler.ts';

/** What version 0 knows, and what later ones do. */
const FIRST_TYPES: readonly number[] = [RESOURCE_CLIENT_METRICS];
const ALL_TYPES: readonly number[] = [
  RESOURCE_GROUP,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_BROKER,
  RESOURCE_TOPIC,
];

export const listConfigResources = (identity: BrokerIdentity) =>
  defineHandler(ListConfigResources, {
    authorize: [
      {
        operation: 'DESCRIBE_CONFIGS',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle(request, context) {
      const known = context.apiVersion === 0 ? FIRST_TYPES : ALL_TYPES;
      const asked = new Set(request.resourceTypes.length === 0 ? known : request.resourceTypes);
      for (const type of asked) if (!known.includes(type)) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
      const wanted = known.filter((type) => asked.has(type));
      const configResources = wanted.flatMap((resourceType) =>
        namesOf(identity, context, resourceType).map((resourceName) => ({ resourceName, resourceType })),
      );
      return { errorCode: Errors.NONE, configResources };
    },
    failed: (_request, errorCode) => ({ errorCode, configResources: [] }),
  });

/** Brokers and topics all have configs; groups and client metrics are known by having some. */
function namesOf(identity: BrokerIdentity, context: RequestContext, resourceType: number): string[] {
  const image = identity.image();
  switch (resourceType) {
    case RESOURCE_TOPIC:
      return [...image.topics.byName.keys()];
    case RESOURCE_BROKER:
    case RESOURCE_BROKER_LOGGER:
      return endpointsFor(identity, context).map(({ id }) => String(id));
    default:
      return Array.from(image.configs.resources())
        .filter(({ type }) => type === resourceType)
        .map(({ name }) => name);
  }
}
