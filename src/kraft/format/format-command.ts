// `ottla format`: what `kafka-storage format` writes, so that either tool formats for either broker (Kafka: Formatter, StorageTool).
// Which voters there are first: this node alone, those that are named, or nobody, because they stand in the configuration or are
// found by it.
import type { Disk, Endpoint, Random } from '../../runtime/index.ts';
import {
  KRAFT_VERSION,
  LATEST_METADATA_VERSION,
  METADATA_VERSION,
  metadataVersionName,
  metadataVersionOf,
  SUPPORTED_FEATURES,
  type MetadataRecord,
} from '../metadata/index.ts';
import type { Voter } from '../raft/index.ts';
import { defaultFeatureLevels } from './default-levels.ts';
import { type FormatOptions, formatDirectories } from './format-directories.ts';
import { FormatError, readMetaProperties } from './meta-properties.ts';

/** Who votes at first. */
export type FirstVoters = 'this node' | 'nobody' | readonly FirstVoter[];

export interface FirstVoter {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly directoryId: string;
}

export interface FormatRequest {
  readonly disk: Disk;
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly nodeId: number;
  readonly logDirs: readonly string[];
  readonly metadataLogDir: string | undefined;
  readonly clusterId: string;
  readonly voters: FirstVoters;
  /** Where the controller of this node is reached; empty where it has none. */
  readonly controllerEndpoints: readonly Endpoint[];
  readonly listenerName: string;
  /** As `4.2-IV1`; undefined: the latest. */
  readonly releaseVersion: string | undefined;
  /** `feature=level` */
  readonly features: readonly string[];
  /** Directories that are formatted already are left alone, instead of a refusal. */
  readonly ignoresFormatted: boolean;
  /** Credentials of users that the cluster has from the beginning. */
  readonly users?: readonly MetadataRecord[];
}

/** What was done, line by line. Throws FormatError, DiskError. */
export function format(request: FormatRequest): string[] {
  const { disk, clusterId, nodeId, logDirs, metadataLogDir = logDirs[0] as string } = request;
  if (clusterId === '' || /[\s\p{Cc}]/u.test(clusterId)) throw new FormatError(`"${clusterId}" is no cluster id`);
  const levels = levelsOf(request);
  const paths = [...new Set([...logDirs, metadataLogDir])];
  const formatted = paths.filter((path) => readMetaProperties(disk, path) !== undefined);
  const [first] = formatted;
  if (first !== undefined && !request.ignoresFormatted) {
    throw new FormatError(
      `Log directory ${first} is already formatted. Use --ignore-formatted to ignore this directory and format the others.`,
    );
  }
  const voters = votersOf(request);
  const options: FormatOptions & { clusterId: string } = {
    disk,
    random: request.random,
    nowMs: request.nowMs,
    nodeId,
    logDirs,
    metadataLogDir,
    clusterId,
    controllerEndpoints: request.controllerEndpoints,
    featureLevels: levels,
    users: request.users ?? [],
    ...(voters !== undefined && { voters }),
  };
  const made = formatDirectories(options);
  if (made.length === 0) return ['All of the log directories are already formatted.'];
  const name = metadataVersionName(levels.get(METADATA_VERSION) ?? LATEST_METADATA_VERSION);
  return made.map((path) => `Formatting ${kindOf(path, request, voters)} ${path} with metadata.version ${name}.`);
}

function kindOf(path: string, { nodeId, logDirs, metadataLogDir }: FormatRequest, voters?: readonly Voter[]): string {
  if (path !== (metadataLogDir ?? logDirs[0])) return 'data directory';
  if (voters === undefined || voters.some(({ id }) => id === nodeId)) return 'dynamic metadata voter directory';
  return voters.length === 0 ? 'metadata directory' : 'dynamic metadata directory';
}

/** undefined: this node alone. */
function votersOf({ voters, listenerName }: FormatRequest): readonly Voter[] | undefined {
  if (voters === 'this node') return undefined;
  if (voters === 'nobody') return [];
  return voters.map(({ id, host, port, directoryId }) => ({
    id,
    directoryId,
    endpoints: [{ name: listenerName, host, port }],
    minKraftVersion: 0,
    maxKraftVersion: 1,
  }));
}

/** Levels of a fresh cluster; kraft.version is none of them, as it stands with the voters. */
function levelsOf({ releaseVersion, features, voters }: FormatRequest): ReadonlyMap<string, number> {
  const metadataVersion = releaseVersion === undefined ? LATEST_METADATA_VERSION : metadataVersionOf(releaseVersion);
  if (metadataVersion === undefined) throw new FormatError(`Unknown release version '${releaseVersion}'`);
  const asked = new Map(features.map(featureOf));
  const level = asked.get(METADATA_VERSION);
  if (level !== undefined && releaseVersion !== undefined) {
    throw new FormatError('Use either --release-version or --feature metadata.version, not both.');
  }
  checkKraftVersion(asked.get(KRAFT_VERSION), voters);
  asked.delete(KRAFT_VERSION);
  return new Map([...defaultFeatureLevels(level ?? metadataVersion), ...asked]);
}

function featureOf(text: string): [string, number] {
  const match = /^([\w.]+)=(\d+)$/.exec(text.trim());
  if (match === null) throw new FormatError(`Can't parse feature=level string ${text}: write it as group.version=1`);
  const [name, level] = [match[1] as string, Number(match[2])];
  const known = SUPPORTED_FEATURES.find((feature) => feature.name === name);
  if (known === undefined) {
    const names = SUPPORTED_FEATURES.map((feature) => feature.name).sort();
    throw new FormatError(`Unsupported feature: ${name}. Supported features are: ${names.join(', ')}`);
  }
  const { minSupportedVersion, maxSupportedVersion } = known;
  if (level < minSupportedVersion || level > maxSupportedVersion) {
    throw new FormatError(
      `No feature:${name} with feature level ${level}: it has ${minSupportedVersion} to ${maxSupportedVersion}`,
    );
  }
  return [name, level];
}

/** Voters that stand in the log, with their directories, are what level 1 is (KIP-853). */
function checkKraftVersion(level: number | undefined, voters: FirstVoters): void {
  if (level !== 0 || voters === 'nobody') return;
  throw new FormatError(
    'Cannot set kraft.version to 0 if one of the flags --standalone and --initial-controllers is used: leave the flag --feature out.',
  );
}
