// AlterConfigs, versions 0 to 2, the old way: what is not named is reset. Broker resources are checked here, all are written
// by the controller; levels of loggers cannot be set this way.
import { RESOURCE_BROKER, RESOURCE_CLIENT_METRICS, RESOURCE_GROUP, RESOURCE_TOPIC } from '../kraft/metadata/index.ts';
import { AlterConfigs, type AlterConfigsRequest } from '../protocol/messages/33-alter-configs.ts';
import {
  allFailed,
  alterConfigsPermissions,
  alterResources,
  refuseNulls,
  rightsOf,
  unknownResourceType,
} from './config-changes.ts';
import type { ConfigGate } from './config-entries.ts';
import type { ControllerChannel } from './controller-requests.ts';
import type { Access } from './access.ts';
import { defineHandler } from './handler.ts';

type Resource = AlterConfigsRequest['resources'][number];

export const alterConfigs = (gate: ConfigGate, controller: ControllerChannel, access?: Access) =>
  defineHandler(AlterConfigs, {
    authorize: alterConfigsPermissions,
    async handle({ resources, validateOnly }, context) {
      const responses = await alterResources(
        resources,
        (resource) => check(resource, gate),
        async (rest) =>
          (await controller.forward(AlterConfigs, { resources: [...rest], validateOnly }, context)).responses,
        rightsOf(access, context),
      );
      return { responses };
    },
    failed: (request, code, message) => allFailed(request.resources, code, message),
  });

function check({ resourceType, resourceName, configs }: Resource, gate: ConfigGate): undefined {
  refuseNulls(configs.filter(({ value }) => value === null).map(({ name }) => name));
  switch (resourceType) {
    case RESOURCE_BROKER:
      return gate.checkBrokerConfigs(
        resourceName,
        new Map(configs.map(({ name, value }) => [name, value ?? ''])),
      ) as undefined;
    case RESOURCE_TOPIC:
    case RESOURCE_CLIENT_METRICS:
    case RESOURCE_GROUP:
      return undefined;
    default:
      throw unknownResourceType(resourceType);
  }
}
