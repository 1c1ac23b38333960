// Configs of topics, brokers, loggers, groups and client metrics: read, and changed key by key. What belongs to one broker is asked
// of that broker, the rest of any.
import { type DecodedResponseOf, Errors, type KafkaError } from '../../protocol/index.ts';
import { DescribeConfigs } from '../../protocol/messages/32-describe-configs.ts';
import { IncrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import { ListConfigResources } from '../../protocol/messages/74-list-config-resources.ts';
import type { CallOptions } from '../connections/patience.ts';
import { type ClientError, clientErrorOf } from '../errors.ts';
import { alterWholly } from './alter-configs.ts';
import type { Asking } from './asking.ts';
import {
  ALTER_OPERATIONS,
  type ChangedConfigs,
  CONFIG_RESOURCE_TYPES,
  CONFIG_SOURCES,
  CONFIG_TYPES,
  type ConfigEntry,
  type ConfigResource,
  type ConfigResourceType,
  resourceTypeOf,
} from './config-entries.ts';
import { answerFor, failureOf, grouped, type OutcomeFor, throwIfFailed, valueOf } from './outcomes.ts';

export interface AskedConfigs extends ConfigResource {
  /** Left out: all. */
  readonly keys?: readonly string[];
}

export interface DescribeConfigsOptions extends CallOptions {
  readonly includeSynonyms?: boolean;
  readonly includeDocumentation?: boolean;
}

export interface AlterConfigsOptions extends CallOptions {
  readonly validateOnly?: boolean;
}

type ConfigOutcome<T> = OutcomeFor<ConfigResource, T>;

/** In the order asked. */
export async function describeConfigs(
  asking: Asking,
  resources: readonly AskedConfigs[],
  { includeSynonyms = false, includeDocumentation = false }: DescribeConfigsOptions,
): Promise<ConfigOutcome<readonly ConfigEntry[]>[]> {
  return eachAtItsNode(asking, resources, async (ask, group) => {
    const { results } = await ask(DescribeConfigs, (version) => ({
      resources: group.map(({ type, name, keys }) => ({
        resourceType: CONFIG_RESOURCE_TYPES[type],
        resourceName: name,
        configurationKeys: keys ?? null,
      })),
      includeSynonyms,
      includeDocumentation: includeDocumentation && version >= DOCUMENTATION_SINCE,
    }));
    return results.map((one) => ({
      type: resourceTypeOf(one.resourceType),
      name: one.resourceName,
      result: failureOf(one.errorCode, one.errorMessage) ?? one.configs.map(entryOf),
    }));
  });
}

/** KIP-569. */
const DOCUMENTATION_SINCE = 3;

function entryOf(one: DecodedResponseOf<typeof DescribeConfigs>['results'][number]['configs'][number]): ConfigEntry {
  const source = CONFIG_SOURCES[one.configSource] ?? 'UNKNOWN';
  return {
    name: one.name,
    value: one.value,
    source,
    isDefault: source === 'DEFAULT_CONFIG',
    isSensitive: one.isSensitive,
    isReadOnly: one.readOnly,
    type: CONFIG_TYPES[one.configType] ?? 'UNKNOWN',
    synonyms: one.synonyms.map(({ name, value, source: code }) => ({
      name,
      value,
      source: CONFIG_SOURCES[code] ?? 'UNKNOWN',
    })),
    documentation: one.documentation ?? undefined,
  };
}

/** In the order asked. Brokers before 2.3 are told all configs of the resource anew (KIP-339). */
export async function incrementalAlterConfigs(
  asking: Asking,
  resources: readonly ChangedConfigs[],
  { validateOnly = false }: AlterConfigsOptions,
): Promise<ConfigOutcome<undefined>[]> {
  return eachAtItsNode(asking, resources, async (ask, group) => {
    try {
      const { responses } = await ask(IncrementalAlterConfigs, { resources: group.map(wireChanges), validateOnly });
      return responses.map((one) => ({
        type: resourceTypeOf(one.resourceType),
        name: one.resourceName,
        result: failureOf(one.errorCode, one.errorMessage),
      }));
    } catch (error) {
      if ((error as KafkaError).code !== Errors.UNSUPPORTED_VERSION) throw error;
      const before = await describeConfigs(asking, group, {});
      return alterWholly(
        ask,
        group,
        before.map(({ result }) => valueOf(result)),
        validateOnly,
      );
    }
  });
}

function wireChanges({ type, name, changes }: ChangedConfigs) {
  return {
    resourceType: CONFIG_RESOURCE_TYPES[type],
    resourceName: name,
    configs: changes.map((change) => ({
      name: change.name,
      configOperation: ALTER_OPERATIONS.indexOf(change.operation),
      value: change.value ?? null,
    })),
  };
}

/** Rejects with KafkaError. Of brokers before 4.1 only CLIENT_METRICS (KIP-1142). */
export async function listConfigResources(
  asking: Asking,
  types: readonly ConfigResourceType[] = [],
): Promise<ConfigResource[]> {
  const { configResources } = await asking.retrying(async () => {
    const answer = await asking.any(ListConfigResources, (version) =>
      version === 0 && types.every((type) => type === 'CLIENT_METRICS')
        ? {}
        : { resourceTypes: types.map((type) => CONFIG_RESOURCE_TYPES[type]) },
    );
    throwIfFailed(answer.errorCode);
    return answer;
  });
  return configResources.map(({ resourceType, resourceName }) => ({
    type: resourceTypeOf(resourceType),
    name: resourceName,
  }));
}

type AskFor = Asking['any'];

/** Configs of one broker, and of its loggers, are known to and changed by that broker alone. */
function nodeOf({ type, name }: ConfigResource): number | undefined {
  const isOfOneBroker = type === 'BROKER_LOGGER' || (type === 'BROKER' && name !== '');
  return isOfOneBroker ? Number(name) : undefined;
}

async function eachAtItsNode<R extends ConfigResource, T>(
  asking: Asking,
  resources: readonly R[],
  work: (ask: AskFor, group: readonly R[]) => Promise<readonly ConfigOutcome<T>[]>,
): Promise<ConfigOutcome<T>[]> {
  const groups = grouped(resources, nodeOf);
  const answers = await Promise.all(
    [...groups].map(async ([node, group]) => {
      const ask: AskFor = (api, question) =>
        node === undefined ? asking.any(api, question) : asking.node(node, api, question);
      try {
        return await asking.retrying(() => work(ask, group));
      } catch (error) {
        const failure = clientErrorOf(error) as ClientError;
        return group.map(({ type, name }) => ({ type, name, result: failure }));
      }
    }),
  );
  const outcomes = new Map(answers.flat().map((one) => [textOf(one), one.result]));
  return resources.map(({ type, name }) => ({ type, name, result: answerFor(outcomes, textOf({ type, name })) }));
}

const textOf = ({ type, name }: ConfigResource): string => `${type} ${name}`;
