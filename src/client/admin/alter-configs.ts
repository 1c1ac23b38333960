// Changes of single configs where the broker only takes all configs of a resource at once: what is set there is read, changed and
// written back. A change that somebody else makes meanwhile is lost; that is why Kafka 2.3 brought another request (KIP-339).
import { AlterConfigs } from '../../protocol/messages/33-alter-configs.ts';
import type { Asking } from './asking.ts';
import {
  type ChangedConfigs,
  CONFIG_RESOURCE_TYPES,
  type ConfigEntry,
  type ConfigResource,
  type ConfigSource,
  resourceTypeOf,
} from './config-entries.ts';
import { failureOf } from './outcomes.ts';

/** `before`: the configs of each of the resources, in their order. */
export async function alterWholly(
  ask: Asking['any'],
  resources: readonly ChangedConfigs[],
  before: readonly (readonly ConfigEntry[])[],
  validateOnly: boolean,
) {
  const wanted = resources.map((resource, index) => ({
    resource,
    configs: changed(resource, before[index] ?? []),
  }));
  const { responses } = await ask(AlterConfigs, {
    resources: wanted.map(({ resource, configs }) => ({
      resourceType: CONFIG_RESOURCE_TYPES[resource.type],
      resourceName: resource.name,
      configs: [...configs].map(([name, value]) => ({ name, value })),
    })),
    validateOnly,
  });
  return responses.map((one) => ({
    type: resourceTypeOf(one.resourceType),
    name: one.resourceName,
    result: failureOf(one.errorCode, one.errorMessage),
  }));
}

/** Where what is set on the resource itself comes from: a topic's configs are told with those that it takes from brokers. */
function ownSource({ type, name }: ConfigResource): ConfigSource {
  if (type === 'TOPIC') return 'DYNAMIC_TOPIC_CONFIG';
  return name === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : 'DYNAMIC_BROKER_CONFIG';
}

/** What is set on the resource itself, after the changes. */
function changed(resource: ChangedConfigs, entries: readonly ConfigEntry[]): Map<string, string | null> {
  const own = ownSource(resource);
  const values = new Map(entries.filter(({ source }) => source === own).map(({ name, value }) => [name, value]));
  const effective = new Map(entries.map(({ name, value }) => [name, value]));
  for (const { name, operation, value } of resource.changes) {
    if (operation === 'DELETE') values.delete(name);
    else if (operation === 'SET') values.set(name, value ?? null);
    else values.set(name, listChanged(effective.get(name) ?? '', operation, value ?? ''));
  }
  return values;
}

function listChanged(before: string, operation: 'APPEND' | 'SUBTRACT', value: string): string {
  const list = before === '' ? [] : before.split(',');
  const given = value.split(',');
  const after =
    operation === 'APPEND'
      ? [...list, ...given.filter((one) => !list.includes(one))]
      : list.filter((one) => !given.includes(one));
  return after.join(',');
}
