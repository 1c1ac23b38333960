// kafka-features: what the nodes of a cluster can do, what they have agreed on, and the change of that (org.apache.kafka.tools.
// FeatureCommand).
import { type Admin, ClientError, type FeatureUpdate } from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { Exit } from './exit.ts';
import {
  type DependencyWords,
  knownLevelOf,
  levelsOf,
  metadataNameOf,
  type NamedLevel,
  tellDependencies,
  tellMapping,
} from './feature-mapping.ts';
import { FEATURES_PARSER } from './features-arguments.ts';
import { executionError, illegalArgument, JavaError, TerseError, thrown } from './java-error.ts';
import { withAdmin } from './open-admin.ts';
import { ArgparseError, type ArgparseValues, parseArguments } from './options/argparse.ts';
import { SHORT } from './options/option.ts';
import { messageOf, tool } from './run-tool.ts';

const METADATA_VERSION = 'metadata.version';

export const features = tool(async (args, io) => {
  try {
    await execute(io, parsed(io, args));
    return 0;
  } catch (error) {
    if (error instanceof Exit) throw error;
    complain(io, messageOf(error));
    return 1;
  }
});

/** What is wrong with the arguments is told in a line that does not end. */
function parsed(io: ToolIo, args: readonly string[]): ArgparseValues {
  const refuse = (message: string): never => {
    io.stderr.write(`Command line error: ${message}. Type --help for help.`);
    throw new Exit(1);
  };
  try {
    const values = parseArguments(io, FEATURES_PARSER, args);
    const needsCluster = !WITHOUT_CLUSTER.has(values.get('command') as string);
    const isNamed = ['bootstrap_server', 'bootstrap_controller'].some((name) => values.get(name) !== undefined);
    if (needsCluster && !isNamed) refuse('You must specify either --bootstrap-controller or --bootstrap-server.');
    return values;
  } catch (error) {
    if (!(error instanceof ArgparseError)) throw error;
    return refuse(error.message);
  }
}

const WITHOUT_CLUSTER: ReadonlySet<string> = new Set(['version-mapping', 'feature-dependencies']);

async function execute(io: ToolIo, values: ArgparseValues): Promise<void> {
  const command = values.get('command') as string;
  if (command === 'version-mapping') {
    return tellMapping(io, values.get('release_version') as string | undefined, terse);
  }
  if (command === 'feature-dependencies') return tellDependencies(io, values.get('feature') as string[], WORDS);
  const target = {
    bootstrapServers: values.get('bootstrap_server') as string | undefined,
    bootstrapControllers: values.get('bootstrap_controller') as string | undefined,
    properties: loadProperties(io, values.get('command_config') as string | undefined),
  };
  await withAdmin(io, target, async (admin) => {
    if (command === 'describe') return describe(io, admin, values.get('node_id') as number | undefined);
    const type = command === 'upgrade' ? 'UPGRADE' : downgradeType(values);
    const updates = command === 'disable' ? disabled(values, type) : await updatesIn(io, values, type);
    return change(io, admin, { command, updates, isDry: values.get('dry_run') === true });
  });
}

const terse = (message: string): TerseError => new TerseError(message);
const runtime = (message: string): JavaError => new JavaError('java.lang.RuntimeException', message);

const WORDS: DependencyWords = {
  fail: terse,
  parse: nameAndLevel,
  unknownLevel: ({ name, level }) => `No feature:${name} with feature level ${level}`,
};

type UpdateType = NonNullable<FeatureUpdate['type']>;
type Updates = Readonly<Record<string, FeatureUpdate>>;

const downgradeType = (values: ArgparseValues): UpdateType =>
  values.get('unsafe') === true ? 'UNSAFE_DOWNGRADE' : 'SAFE_DOWNGRADE';

async function describe(io: ToolIo, admin: Admin, nodeId: number | undefined): Promise<void> {
  const asked = admin.describeFeatures({ ...(nodeId !== undefined && { nodeId }) });
  const { supported, finalized, finalizedEpoch } = await asked.catch((error: unknown) => {
    throw executionError(error);
  });
  for (const [name, { min, max }] of [...supported].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const levels = [min, max, finalized.get(name)?.max ?? 0];
    const [least = '', most = '', own = ''] = await Promise.all(levels.map((level) => textOfLevel(name, level)));
    const range = `SupportedMinVersion: ${least.padEnd(15)}  SupportedMaxVersion: ${most.padEnd(15)}`;
    print(
      io,
      `Feature: ${name.padEnd(40)}  ${range}  FinalizedVersionLevel: ${own.padEnd(15)}  Epoch: ${finalizedEpoch ?? '-'}`,
    );
  }
}

async function textOfLevel(name: string, level: number): Promise<string> {
  if (name !== METADATA_VERSION) return String(level);
  return (await metadataNameOf(level)) ?? `UNKNOWN [${level}]`;
}

async function updatesIn(io: ToolIo, values: ArgparseValues, type: UpdateType): Promise<Updates> {
  const release = values.get('release_version') as string | undefined;
  const metadata = values.get('metadata') as string | undefined;
  const given = values.get('feature') as string[] | undefined;
  if (release !== undefined) {
    if (metadata !== undefined || given !== undefined) {
      throw terse('Can not specify `release-version` with other feature flags.');
    }
    return ofRelease(await knownLevelOf(release, terse), type);
  }
  const updates: Record<string, FeatureUpdate> = {};
  if (metadata !== undefined) {
    print(io, ' `metadata` flag is deprecated and may be removed in a future release.');
    updates[METADATA_VERSION] = update(await knownLevelOf(metadata, terse), type);
  }
  for (const { name, level } of (given ?? []).map(nameAndLevel)) {
    if (updates[name] !== undefined) throw runtime(`Feature ${name} was specified more than once.`);
    updates[name] = update(level, type);
  }
  return updates;
}

/** What a release does not have is left as it is, unless the way leads down. */
async function ofRelease(metadataLevel: number, type: UpdateType): Promise<Updates> {
  const levels = (await levelsOf(metadataLevel)).filter(([, level]) => level > 0 || type !== 'UPGRADE');
  return Object.fromEntries(
    [[METADATA_VERSION, metadataLevel] as const, ...levels].map(([name, level]) => [name, update(level, type)]),
  );
}

function update(level: number, type: UpdateType): FeatureUpdate {
  if (level >= 1 || type !== 'UPGRADE') return { level, type };
  throw illegalArgument(
    `The upgradeType flag should be set to SAFE_DOWNGRADE or UNSAFE_DOWNGRADE when the provided maxVersionLevel:${level} is < 1.`,
  );
}

function nameAndLevel(text: string): NamedLevel {
  const at = text.indexOf('=');
  if (at < 0) throw runtime(`Can't parse feature=level string ${text}: equals sign not found.`);
  const levelText = text.slice(at + 1).trim();
  const level = SHORT.convert(levelText);
  if (level === undefined) {
    throw runtime(`Can't parse feature=level string ${text}: unable to parse ${levelText} as a short.`);
  }
  return { name: text.slice(0, at).trim(), level };
}

function disabled(values: ArgparseValues, type: UpdateType): Updates {
  const updates: Record<string, FeatureUpdate> = {};
  for (const name of (values.get('feature') as string[] | undefined) ?? []) {
    if (updates[name] !== undefined) throw runtime(`Feature ${name} was specified more than once.`);
    updates[name] = { level: 0, type };
  }
  return updates;
}

interface Change {
  readonly command: string;
  readonly updates: Updates;
  readonly isDry: boolean;
}

async function change(io: ToolIo, admin: Admin, { command, updates, isDry }: Change): Promise<void> {
  const names = Object.keys(updates);
  if (names.length === 0) throw terse(`You must specify at least one feature to ${command}`);
  const outcomes = await admin.updateFeatures(updates, { validateOnly: isDry }).catch((error: unknown) => {
    throw executionError(error);
  });
  let failures = 0;
  for (const name of names.sort()) {
    const outcome = outcomes.get(name);
    const to = command === 'disable' ? '' : ` to ${updates[name]?.level}`;
    if (outcome instanceof ClientError) {
      failures++;
      print(io, `${isDry ? 'Can not' : 'Could not'} ${command} ${name}${to}. ${thrown(outcome).message}`);
    } else {
      print(io, `${name} ${isDry ? 'can be' : 'was'} ${command}d${to}.`);
    }
  }
  if (failures > 0) throw terse(`${failures} out of ${names.length} operation(s) failed.`);
}
