// The topics that a file wants: `topics:` as a list of names with what they have, or as a map from names to that.
import { Failure } from '../failure.ts';
import type { WantedTopic } from './plan.ts';
import { parseYaml, YamlError } from './yaml-reader.ts';

/** Throws Failure that says where what is wrong. */
export function topicsOf(text: string, path: string): WantedTopic[] {
  const content = contentOf(text, path);
  const { topics } = content as { topics?: unknown };
  if (typeof topics !== 'object' || topics === null) throw new Failure(`${path}: there is no topics:`);
  const entries = Array.isArray(topics)
    ? topics.map((one) => [(one as { name?: unknown } | null)?.name, one] as const)
    : Object.entries(topics);
  const found = entries.map(([name, shape]) => topicOf(name, shape ?? {}, path));
  const twice = found.find(({ name }, at) => found.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) throw new Failure(`${path}: ${twice.name} stands twice`);
  return found;
}

function contentOf(text: string, path: string): object {
  try {
    const content = parseYaml(text);
    if (typeof content === 'object' && content !== null) return content;
    throw new Failure(`${path}: there is no topics:`);
  } catch (error) {
    throw error instanceof YamlError ? new Failure(`${path}, ${error.message}`) : error;
  }
}

const KNOWN = new Set(['name', 'partitions', 'replicas', 'replication_factor', 'configs', 'config']);

function topicOf(name: unknown, shape: unknown, path: string): WantedTopic {
  if (typeof name !== 'string' || name === '') throw new Failure(`${path}: a topic has no name`);
  if (typeof shape !== 'object' || shape === null) throw new Failure(`${path}: ${name} is no map`);
  const stranger = Object.keys(shape).find((key) => !KNOWN.has(key));
  if (stranger !== undefined)
    throw new Failure(`${path}: ${name} has no ${stranger}: there are partitions, replicas, configs`);
  const { partitions, replicas, replication_factor: factor, configs, config } = shape as Record<string, unknown>;
  const settings = configs ?? config ?? {};
  if (typeof settings !== 'object') throw new Failure(`${path}: configs of ${name} are no map`);
  return {
    name,
    partitions: countOf(partitions, `${path}: partitions of ${name}`),
    replicas: countOf(replicas ?? factor, `${path}: replicas of ${name}`),
    configs: Object.fromEntries(Object.entries(settings as object).map(([key, value]) => [key, textOf(value)])),
  };
}

function countOf(value: unknown, what: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new Failure(`${what}: ${JSON.stringify(value)} is not a whole number from 1 on`);
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));
