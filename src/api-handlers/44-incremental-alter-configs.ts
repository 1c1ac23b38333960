// IncrementalAlterConfigs, versions 0 to 1: single keys are set, deleted, appended to or taken from (KIP-339). Broker
// resources are checked here, log levels are changed here and last as long as the process (KIP-412), the rest is the
// controller's. Otherwise than in Kafka, whose controller resigns over it, an unknown operation is answered INVALID_REQUEST.
import { ConfigOperation } from '../kraft/controller/index.ts';
import {
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../kraft/metadata/index.ts';
import { type ErrorCode, KafkaError } from '../protocol/index.ts';
import {
  IncrementalAlterConfigs,
  type IncrementalAlterConfigsRequest,
} from '../protocol/messages/44-incremental-alter-configs.ts';
import {
  allFailed,
  alterConfigsPermissions,
  alterResources,
  refuseNulls,
  type Rights,
  rightsOf,
  unknownResourceType,
} from './config-changes.ts';
import type { ConfigGate } from './config-entries.ts';
import type { ControllerChannel } from './controller-requests.ts';
import type { Access } from './access.ts';
import { defineHandler } from './handler.ts';

type Resource = IncrementalAlterConfigsRequest['resources'][number];

export const incrementalAlterConfigs = (gate: ConfigGate, controller: ControllerChannel, access?: Access) =>
  defineHandler(IncrementalAlterConfigs, {
    authorize: alterConfigsPermissions,
    async handle({ resources, validateOnly }, context) {
      const rights = rightsOf(access, context);
      const responses = await alterResources(
        resources,
        (resource) => check(resource, gate, validateOnly, rights),
        async (rest) =>
          (await controller.forward(IncrementalAlterConfigs, { resources: [...rest], validateOnly }, context))
            .responses,
        rights,
      );
      return { responses };
    },
    failed: (request, code, message) => allFailed(request.resources, code, message),
  });

function check(
  { resourceType, resourceName, configs }: Resource,
  gate: ConfigGate,
  isTrial: boolean,
  rights: Rights | undefined,
): 'done' | undefined {
  refuseNulls(
    configs
      .filter(({ value, configOperation }) => value === null && configOperation !== ConfigOperation.DELETE)
      .map(({ name }) => name),
  );
  switch (resourceType) {
    case RESOURCE_BROKER_LOGGER:
      checkLoggerRights(rights?.({ resourceType, resourceName }));
      gate.changeLoggers(resourceName, configs, isTrial);
      return 'done';
    case RESOURCE_BROKER:
      gate.checkBrokerChanges(resourceName, configs);
      return undefined;
    case RESOURCE_TOPIC:
    case RESOURCE_CLIENT_METRICS:
    case RESOURCE_GROUP:
      return undefined;
    default:
      throw unknownResourceType(resourceType);
  }
}

/** Kafka asks for them before it looks at the levels, and refuses without a text (RuntimeLoggerManager). */
function checkLoggerRights(denied: ErrorCode | undefined): void {
  if (denied !== undefined) throw new KafkaError(denied);
}
