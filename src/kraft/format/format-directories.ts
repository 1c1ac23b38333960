// Formats log directories as `kafka-storage format --standalone` does, and opens those that were formatted: by us or by
// Apache Kafka (Formatter, MetaPropertiesEnsemble). meta.properties is written last: without it nothing was formatted.
import { METADATA_DIRECTORY_NAME } from '../../protocol/index.ts';
import type { Disk, Endpoint, Random } from '../../runtime/index.ts';
import { isReservedDirectory, type MetadataRecord, randomUuid } from '../metadata/index.ts';
import { SnapshotFiles, type Voter, VoterSet } from '../raft/index.ts';
import { DEFAULT_FEATURE_LEVELS, featureLevelRecords, readBootstrap, writeBootstrap } from './bootstrap.ts';
import { FormatError, type MetaProperties, readMetaProperties, writeMetaProperties } from './meta-properties.ts';

export interface FormatOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly nodeId: number;
  /** log.dirs, in order. */
  readonly logDirs: readonly string[];
  /** metadata.log.dir; undefined: the first of logDirs. */
  readonly metadataLogDir?: string | undefined;
  /** The cluster id; undefined: a fresh cluster gets a random one. A formatted directory must agree with it. */
  readonly clusterId?: string | undefined;
  /** Our controller's address in the voters record of a fresh cluster. */
  readonly controllerEndpoints: readonly Endpoint[];
  /**
   * Who votes at first; undefined: this node alone. Empty: the configuration says so (controller.quorum.voters), or this node
   * finds them by it (controller.quorum.bootstrap.servers). One with the id of this node names the directory of its metadata.
   */
  readonly voters?: readonly Voter[] | undefined;
  /**
   * One of several nodes: a fresh directory needs the cluster's id, and says nothing of voters. They stand in
   * controller.quorum.voters, or the leader tells of them. Left out: a cluster of its own, of which it is the only voter.
   */
  readonly isOneOfSeveral?: boolean;
  /** Levels of a fresh cluster; undefined: DEFAULT_FEATURE_LEVELS. */
  readonly featureLevels?: ReadonlyMap<string, number> | undefined;
  /** Records of users beside the levels. */
  readonly users?: readonly MetadataRecord[];
}

export interface FormattedDirectory {
  readonly path: string;
  readonly directoryId: string;
}

export interface FormattedNode {
  readonly clusterId: string;
  readonly nodeId: number;
  /** In the order of logDirs; the metadata directory too, if it is none of them. */
  readonly directories: readonly FormattedDirectory[];
  /** The log directory that holds `__cluster_metadata-0`. */
  readonly metadataLogDir: FormattedDirectory;
  /** Paths of logDirs that are not formatted, on a node that is: `formatAdded` does it, where they are new. */
  readonly added: readonly string[];
  /** True when this call formatted a fresh cluster. */
  readonly isFresh: boolean;
  readonly bootstrapRecords: readonly MetadataRecord[];
}

/** Formats a fresh node and checks what is formatted. Throws FormatError, DiskError. */
export function ensureFormatted(options: FormatOptions): FormattedNode {
  const { disk, logDirs, metadataLogDir = logDirs[0] } = options;
  if (metadataLogDir === undefined) throw new FormatError('no log directory is configured');
  const paths = [...new Set([...logDirs, metadataLogDir])];
  const found = paths.map((path) => ({ path, properties: readMetaProperties(disk, path) }));
  checkAgreement(options, found);
  const clusterId = found.find(({ properties }) => properties !== undefined)?.properties?.clusterId;
  const isFresh = clusterId === undefined;
  if (!isFresh && found.some(({ path, properties }) => path === metadataLogDir && properties === undefined)) {
    throw new FormatError(
      `${metadataLogDir} should hold the metadata of cluster ${clusterId} but is not formatted; ` +
        'is the disk mounted, and log.dirs in the same order as before?',
    );
  }
  if (isFresh && options.isOneOfSeveral === true && options.clusterId === undefined) {
    throw new FormatError(
      `${metadataLogDir} is not formatted, and node ${options.nodeId} is one of several: format it with the id of its cluster, ` +
        'or set CLUSTER_ID to that id where it is started, the same for all nodes',
    );
  }
  const cluster = { clusterId: clusterId ?? options.clusterId ?? randomUuid(options.random), metadataLogDir };
  const formatted = new Map<string, FormattedDirectory>();
  // That of the metadata first: a start that ends in between (on a full disk) finds nothing formatted, or the cluster's id
  // where the metadata is, and goes on from there.
  const isFirst = ({ path }: Found): number => Number(path === metadataLogDir);
  for (const { path, properties } of found.toSorted((one, other) => isFirst(other) - isFirst(one))) {
    if (properties !== undefined) formatted.set(path, withDirectoryId(options, path, properties));
    else if (isFresh) formatted.set(path, formatDirectory(options, path, cluster));
  }
  const directories = paths.flatMap((path) => formatted.get(path) ?? []);
  checkDirectoryIds(directories);
  return {
    clusterId: cluster.clusterId,
    nodeId: options.nodeId,
    directories,
    metadataLogDir: directories.find(({ path }) => path === metadataLogDir) as FormattedDirectory,
    added: paths.filter((path) => !formatted.has(path)),
    isFresh,
    bootstrapRecords: readBootstrap(disk, metadataLogDir),
  };
}

/** Formats those of the directories that are not, as parts of the cluster that `clusterId` names; their paths. Throws FormatError, DiskError. */
export function formatDirectories(options: FormatOptions & { readonly clusterId: string }): string[] {
  const { disk, clusterId, logDirs, metadataLogDir = logDirs[0] as string } = options;
  const paths = [...new Set([metadataLogDir, ...logDirs])];
  const found = paths.map((path) => ({ path, properties: readMetaProperties(disk, path) }));
  checkAgreement(options, found);
  const unformatted = found.filter(({ properties }) => properties === undefined).map(({ path }) => path);
  for (const path of unformatted) formatDirectory(options, path, { clusterId, metadataLogDir });
  return unformatted;
}

/** Formats one of the `added` directories of a node. Throws FormatError, DiskError. */
export function formatAdded(options: FormatOptions, node: FormattedNode, path: string): FormattedDirectory {
  return formatDirectory(options, path, { clusterId: node.clusterId, metadataLogDir: node.metadataLogDir.path });
}

interface Found {
  readonly path: string;
  readonly properties: MetaProperties | undefined;
}

function checkAgreement(options: FormatOptions, found: readonly Found[]): void {
  let first: { path: string; clusterId: string } | undefined;
  for (const { path, properties } of found) {
    if (properties === undefined) continue;
    const { nodeId, clusterId } = properties;
    if (nodeId !== options.nodeId) {
      throw new FormatError(
        `${path} belongs to node ${nodeId}, but node.id is ${options.nodeId}: set node.id=${nodeId} or use another directory`,
      );
    }
    if (options.clusterId !== undefined && options.clusterId !== clusterId) {
      throw new FormatError(`${path} belongs to cluster ${clusterId}, not ${options.clusterId}`);
    }
    if (first !== undefined && first.clusterId !== clusterId) {
      throw new FormatError(`${path} belongs to cluster ${clusterId}, but ${first.path} to cluster ${first.clusterId}`);
    }
    first ??= { path, clusterId };
  }
}

/** KIP-858: ids tell log directories apart; the first hundred values have meanings of their own. */
function checkDirectoryIds(directories: readonly FormattedDirectory[]): void {
  const seen = new Map<string, string>();
  for (const { path, directoryId } of directories) {
    const other = seen.get(directoryId);
    if (other !== undefined) throw new FormatError(`${path} and ${other} have the same directory.id ${directoryId}`);
    if (isReservedDirectory(directoryId)) throw new FormatError(`${path} has the reserved directory.id ${directoryId}`);
    seen.set(directoryId, path);
  }
}

function formatDirectory(
  options: FormatOptions,
  path: string,
  cluster: { readonly clusterId: string; readonly metadataLogDir: string },
): FormattedDirectory {
  const { disk, random, nowMs, nodeId } = options;
  const levels = options.featureLevels ?? DEFAULT_FEATURE_LEVELS;
  const metadataDirectory = `${path}/${METADATA_DIRECTORY_NAME}`;
  if (holdsMetadata(disk, metadataDirectory)) {
    throw new FormatError(
      `${path} holds a metadata log but has lost its meta.properties: put that file back or use another directory`,
    );
  }
  const isOfMetadata = path === cluster.metadataLogDir;
  const own = isOfMetadata ? options.voters?.find(({ id }) => id === nodeId) : undefined;
  const directoryId = own?.directoryId ?? randomUuid(random);
  makeDirectoryDurably(disk, path);
  writeBootstrap(disk, path, [...featureLevelRecords(levels), ...(options.users ?? [])], nowMs);
  if (isOfMetadata && options.voters?.length !== 0 && options.isOneOfSeveral !== true) {
    disk.makeDirectorySync(metadataDirectory);
    writeVoters(options, metadataDirectory, directoryId);
  }
  writeMetaProperties(disk, path, { clusterId: cluster.clusterId, nodeId, directoryId }, nowMs);
  return { path, directoryId };
}

/** True when a node has worked here: a format that was cut off leaves the snapshot 0-0 alone. */
function holdsMetadata(disk: Disk, directory: string): boolean {
  if (!disk.existsSync(directory)) return false;
  return disk.listSync(directory).some(({ name }) => {
    if (name === 'quorum-state') return true;
    return /^\d{20}\.log$/.test(name) && (disk.infoSync(`${directory}/${name}`)?.sizeBytes ?? 0) > 0;
  });
}

/** Makes the directory and what lacks above it; a power failure does not take them away again. */
function makeDirectoryDurably(disk: Disk, path: string): void {
  const missing: string[] = [];
  for (let at = path; at !== '' && !disk.existsSync(at); at = parentOf(at)) missing.push(at);
  disk.makeDirectorySync(path);
  for (const made of missing.reverse()) disk.syncDirectorySync(parentOf(made) || '.');
}

/** '' above a relative path of one step. */
function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === 0 ? '/' : path.slice(0, Math.max(0, slash));
}

/** The snapshot 0-0: who votes, before there is a log that could say so (KIP-853). */
function writeVoters(options: FormatOptions, metadataDirectory: string, directoryId: string): void {
  const { disk, nowMs, nodeId, controllerEndpoints } = options;
  const range = SUPPORTED_KRAFT_VERSIONS;
  const alone = { id: nodeId, directoryId, endpoints: controllerEndpoints, ...range };
  const voters = new VoterSet(options.voters ?? [alone]).toRecord();
  new SnapshotFiles(disk, metadataDirectory)
    .create(
      { endOffset: 0, epoch: 0 },
      {
        lastContainedLogTimestamp: nowMs,
        nowMs,
        controlRecords: [
          { type: 'KRaftVersion', value: { version: 0, kRaftVersion: range.maxKraftVersion } },
          { type: 'KRaftVoters', value: voters },
        ],
      },
    )
    .freezeSync();
}

/** What the feature kraft.version may be on our voters. */
const SUPPORTED_KRAFT_VERSIONS = { minKraftVersion: 0, maxKraftVersion: 1 };

function withDirectoryId(options: FormatOptions, path: string, properties: MetaProperties): FormattedDirectory {
  if (properties.directoryId !== undefined) return { path, directoryId: properties.directoryId };
  const directoryId = randomUuid(options.random);
  writeMetaProperties(options.disk, path, { ...properties, directoryId }, options.nowMs);
  return { path, directoryId };
}
