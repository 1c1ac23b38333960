// Which features belong to a release, and what a level of a feature needs: what kafka-storage and kafka-features tell without a cluster.
import { print, type ToolIo } from '../tool-io.ts';

/** In the order of Kafka's enum. */
const FEATURES = [
  'kraft.version',
  'transaction.version',
  'group.version',
  'eligible.leader.replicas.version',
  'share.version',
  'streams.version',
];
/** kraft.version came with 3.9. */
const KRAFT_VERSION_SINCE = '3.9-IV0';

const METADATA_VERSION = 'metadata.version';

/** The level of a release, or undefined when nobody knows it. */
async function metadataLevelOf(release: string): Promise<number | undefined> {
  return (await import('../../kraft/metadata/index.ts')).metadataVersionOf(release);
}

/** `4.3-IV0` of a level; undefined when there is none. */
export async function metadataNameOf(level: number): Promise<string | undefined> {
  return (await import('../../kraft/metadata/index.ts')).metadataVersionName(level);
}

/** All that are known, oldest first. */
async function metadataNames(): Promise<string[]> {
  const { LATEST_METADATA_VERSION, metadataVersionName, MINIMUM_METADATA_VERSION } = await import(
    '../../kraft/metadata/index.ts'
  );
  const names: string[] = [];
  for (let level = MINIMUM_METADATA_VERSION; level <= LATEST_METADATA_VERSION; level++) {
    names.push(metadataVersionName(level) as string);
  }
  return names;
}

/** By feature, in the order of Kafka's enum: the level that the release with this metadata.version begins with. */
export async function levelsOf(metadataLevel: number): Promise<[string, number][]> {
  const { metadataVersionOf } = await import('../../kraft/metadata/index.ts');
  const { defaultFeatureLevels } = await import('../../kraft/format/index.ts');
  const levels = defaultFeatureLevels(metadataLevel);
  const kraft = metadataLevel >= (metadataVersionOf(KRAFT_VERSION_SINCE) ?? 0) ? 1 : 0;
  return FEATURES.map((name) => [name, name === 'kraft.version' ? kraft : (levels.get(name) ?? 0)]);
}

/** The one in the making is told of too. */
const IN_THE_MAKING = '4.4-IV0';

async function unknownRelease(asked: string): Promise<string> {
  const names = [...(await metadataNames()), IN_THE_MAKING].join(', ');
  return `Unknown metadata.version '${asked}'. Supported metadata.version are: ${names}`;
}

/** The level of a release. Throws what `fail` makes of the message. */
export async function knownLevelOf(release: string, fail: (message: string) => Error): Promise<number> {
  const level = await metadataLevelOf(release);
  if (level === undefined) throw fail(await unknownRelease(release));
  return level;
}

/** Throws what `fail` makes of the message. */
export async function tellMapping(
  io: ToolIo,
  release: string | undefined,
  fail: (message: string) => Error,
): Promise<void> {
  const { LATEST_METADATA_VERSION, metadataVersionName } = await import('../../kraft/metadata/index.ts');
  const level = release === undefined ? LATEST_METADATA_VERSION : await knownLevelOf(release, fail);
  print(io, `${METADATA_VERSION}=${level} (${release ?? metadataVersionName(level)})`);
  for (const [name, own] of await levelsOf(level)) print(io, `${name}=${own}`);
}

export interface NamedLevel {
  readonly name: string;
  readonly level: number;
}

/** How a tool reads `feature=level`, and what it says of levels that are not there. */
export interface DependencyWords {
  readonly parse: (text: string) => NamedLevel;
  readonly unknownLevel: (feature: NamedLevel) => string;
  readonly fail: (message: string) => Error;
}

/** Throws what the words make of what is wrong. */
export async function tellDependencies(io: ToolIo, asked: readonly string[], words: DependencyWords): Promise<void> {
  for (const text of asked) print(io, await dependenciesOf(words.parse(text), words));
}

async function dependenciesOf(feature: NamedLevel, { fail, unknownLevel }: DependencyWords): Promise<string> {
  const { name, level } = feature;
  const { SUPPORTED_FEATURES } = await import('../../kraft/metadata/index.ts');
  if (name === METADATA_VERSION) {
    const release = await metadataNameOf(level);
    if (release === undefined) throw fail(`Unknown metadata.version ${level}`);
    return `${name}=${level} (${release}) has no dependencies.`;
  }
  const range = SUPPORTED_FEATURES.find((one) => one.name === name);
  if (range === undefined) throw fail(`Unknown feature: ${name}`);
  if (level < range.minSupportedVersion || level > range.maxSupportedVersion) throw fail(unknownLevel(feature));
  // KIP-966: the only one of them that needs another.
  const needed = name === 'eligible.leader.replicas.version' && level > 0 ? '4.0-IV1' : undefined;
  if (needed === undefined) return `${name}=${level} has no dependencies.`;
  return `${name}=${level} requires:\n    metadata.version=${await metadataLevelOf(needed)} (${needed})`;
}
