// `ottla format`, `ottla info` and `ottla random-uuid`: what kafka-storage does, with its flags, on the directories that a
// server.properties names.
import { parseArgs } from 'node:util';
import { format, type FirstVoter, type FirstVoters, readMetaProperties } from '../kraft/format/index.ts';
import { randomUuid } from '../kraft/metadata/index.ts';
import { type Endpoint, parseProperties } from '../runtime/index.ts';
import { nodeRuntime } from '../runtime/node/index.ts';
import { scramRecordOf } from './add-scram.ts';
import type { CommandLine } from './command-line.ts';

type Speaking = Pick<CommandLine, 'print' | 'complain'>;

/** What is wrong with the flags or the file; the message is the line that the user sees. */
class FormatMistake extends Error {}

const formatOptions = {
  'cluster-id': { type: 'string', short: 't' },
  config: { type: 'string', short: 'c' },
  standalone: { type: 'boolean', short: 's' },
  'no-initial-controllers': { type: 'boolean', short: 'N' },
  'initial-controllers': { type: 'string', short: 'I' },
  'release-version': { type: 'string', short: 'r' },
  feature: { type: 'string', short: 'f', multiple: true },
  'add-scram': { type: 'string', short: 'S', multiple: true },
  'ignore-formatted': { type: 'boolean', short: 'g' },
} as const;

/** The exit code. */
export function formatCommand(args: readonly string[], commandLine: Speaking): number {
  return telling(commandLine, () => {
    const { values } = parseArgs({ args: [...args], options: formatOptions, strict: true });
    const node = nodeOf(values.config);
    const clusterId = values['cluster-id'];
    if (clusterId === undefined)
      throw new FormatMistake('--cluster-id is missing: make one with `ottla random-uuid`, for all nodes');
    const { disk, clock, random } = nodeRuntime();
    const lines = format({
      ...node,
      disk,
      random,
      nowMs: clock.nowMs(),
      clusterId,
      voters: votersOf(values, node),
      releaseVersion: values['release-version'],
      features: values.feature ?? [],
      users: (values['add-scram'] ?? []).map((text) => scramRecordOf(text, random)),
      ignoresFormatted: values['ignore-formatted'] === true,
    });
    commandLine.print(`${lines.join('\n')}\n`);
    return 0;
  });
}

export function infoCommand(args: readonly string[], commandLine: Speaking): number {
  return telling(commandLine, () => {
    const { values } = parseArgs({ args: [...args], options: { config: formatOptions.config }, strict: true });
    const { logDirs, metadataLogDir = logDirs[0] as string } = nodeOf(values.config);
    const { disk } = nodeRuntime();
    const paths = [...new Set([...logDirs, metadataLogDir])];
    const found = paths.map((path) => ({ path, properties: readMetaProperties(disk, path) }));
    const problems = found
      .filter(({ properties }) => properties === undefined)
      .map(({ path }) => `  ${path} is not formatted.`);
    const properties = found.find((one) => one.properties !== undefined)?.properties;
    const fields = properties && [
      ['cluster.id', properties.clusterId],
      ['directory.id', properties.directoryId],
      ['node.id', properties.nodeId],
      ['version', 1],
    ];
    const metadata = fields?.map(([key, value]) => `${key}=${value}`).join(', ');
    const sections = [
      [paths.length === 1 ? 'Found log directory:' : 'Found log directories:', ...paths.map((path) => `  ${path}`), ''],
      metadata === undefined ? [] : [`Found metadata: {${metadata}}`, ''],
      problems.length === 0 ? [] : [problems.length === 1 ? 'Found problem:' : 'Found problems:', ...problems, ''],
    ];
    commandLine.print(`${sections.flat().join('\n')}\n`);
    return problems.length === 0 ? 0 : 1;
  });
}

export function randomUuidCommand(commandLine: Speaking): number {
  commandLine.print(`${randomUuid(nodeRuntime().random)}\n`);
  return 0;
}

function telling(commandLine: Speaking, run: () => number): number {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    commandLine.complain(`ottla: ${error.message}\n`);
    return 1;
  }
}

interface ConfiguredNode {
  readonly nodeId: number;
  readonly logDirs: readonly string[];
  readonly metadataLogDir: string | undefined;
  readonly controllerEndpoints: readonly Endpoint[];
  readonly listenerName: string;
  readonly hasStaticVoters: boolean;
  readonly isController: boolean;
}

/** What the file says of the node. Throws FormatMistake. */
function nodeOf(path: string | undefined): ConfiguredNode {
  if (path === undefined)
    throw new FormatMistake('--config is missing: the server.properties of the node to be formatted');
  const { disk } = nodeRuntime();
  if (!disk.existsSync(path)) throw new FormatMistake(`there is no file ${path}`);
  const entries = parseProperties(disk.readFileSync(path));
  const list = (key: string): string[] =>
    (entries.get(key) ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean);
  const nodeId = Number(entries.get('node.id') ?? entries.get('broker.id') ?? '-1');
  if (!Number.isInteger(nodeId) || nodeId < 0) throw new FormatMistake(`${path} has no valid node.id`);
  const logDirs = list(entries.has('log.dirs') ? 'log.dirs' : 'log.dir');
  if (logDirs.length === 0) throw new FormatMistake(`${path} names no log.dirs`);
  const roles = list('process.roles');
  const isController = roles.length === 0 || roles.includes('controller');
  const listenerName = (list('controller.listener.names')[0] ?? 'CONTROLLER').toUpperCase();
  const named = [...list('advertised.listeners'), ...list('listeners')].map(endpointOf);
  const ours = named.filter(({ name }) => name === listenerName).slice(0, 1);
  const metadataLogDir = entries.get('metadata.log.dir')?.trim();
  return {
    nodeId,
    logDirs,
    metadataLogDir: metadataLogDir === '' ? undefined : metadataLogDir,
    controllerEndpoints: isController
      ? ours.map((one) => ({ ...one, host: one.host === '' ? 'localhost' : one.host }))
      : [],
    listenerName,
    hasStaticVoters: list('controller.quorum.voters').length > 0,
    isController,
  };
}

function endpointOf(text: string): Endpoint {
  const match = /^(\w+):\/\/(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(text);
  if (match === null) throw new FormatMistake(`${text} is no listener: write NAME://host:port`);
  return { name: (match[1] as string).toUpperCase(), host: match[2] ?? match[3] ?? '', port: Number(match[4]) };
}

interface VoterFlags {
  readonly standalone?: boolean | undefined;
  readonly 'no-initial-controllers'?: boolean | undefined;
  readonly 'initial-controllers'?: string | undefined;
}

function votersOf(
  flags: VoterFlags,
  { hasStaticVoters, isController, controllerEndpoints, listenerName }: ConfiguredNode,
): FirstVoters {
  const { standalone, 'no-initial-controllers': none, 'initial-controllers': initial } = flags;
  const given = [standalone === true, none === true, initial !== undefined].filter(Boolean).length;
  if (given > 1)
    throw new FormatMistake('--standalone, --no-initial-controllers and --initial-controllers exclude each other');
  if (hasStaticVoters && (standalone === true || initial !== undefined)) {
    throw new FormatMistake(
      'You cannot use --standalone or --initial-controllers with controller.quorum.voters set: the voters stand there',
    );
  }
  if (standalone === true && !isController)
    throw new FormatMistake('--standalone is for a controller; this node is none');
  if (standalone === true && controllerEndpoints.length === 0) {
    throw new FormatMistake(`no listener is named ${listenerName}, where the controller would be reached`);
  }
  if (standalone === true) return 'this node';
  if (initial !== undefined) return initial.split(',').map(firstVoterOf);
  if (isController && !hasStaticVoters && none !== true) {
    throw new FormatMistake(
      'Because controller.quorum.voters is not set on this controller, you must specify one of the following: ' +
        '--standalone, --initial-controllers, or --no-initial-controllers.',
    );
  }
  return 'nobody';
}

function firstVoterOf(text: string): FirstVoter {
  const match = /^(\d+)@(?:\[([^\]]+)\]|([^:]+)):(\d+):([\w-]{22})$/.exec(text.trim());
  if (match === null) throw new FormatMistake(`${text} is no initial controller: write id@host:port:directory-id`);
  return {
    id: Number(match[1]),
    host: (match[2] ?? match[3]) as string,
    port: Number(match[4]),
    directoryId: match[5] as string,
  };
}
