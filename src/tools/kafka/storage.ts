// kafka-storage: what a node's directories are made of before it starts (kafka.tools.StorageTool). The work is that of `ottla format`.
import { complain, type Tool, type ToolIo } from '../tool-io.ts';
import { JavaError } from './java-error.ts';
import { Exit } from './exit.ts';
import { type DependencyWords, tellDependencies, tellMapping } from './feature-mapping.ts';
import { ArgparseError, type ArgparseValues, parseArguments, tellArgparseError } from './options/argparse.ts';
import type { ArgparseArgument, ArgparseParser } from './options/argparse-arguments.ts';
import { tool } from './run-tool.ts';

/** The commands of Ottla itself, which take the same flags and write the same files. */
export interface StorageCommands {
  formatCommand(args: readonly string[], commandLine: StorageOutput): number;
  infoCommand(args: readonly string[], commandLine: StorageOutput): number;
  randomUuidCommand(commandLine: StorageOutput): number;
}

export interface StorageOutput {
  print(text: string): void;
  complain(text: string): void;
}

const CONFIG: ArgparseArgument = {
  names: ['--config', '-c'],
  isRequired: true,
  help: 'The Kafka configuration file to use.',
};
const LEVELS = 'The minimum is 3.3-IV3; the default is 4.3-IV0';

const FORMAT: ArgparseParser = {
  name: 'format',
  help: 'Format the Kafka log directories on this node.',
  arguments: [
    CONFIG,
    { names: ['--cluster-id', '-t'], isRequired: true, help: 'The cluster ID to use.' },
    {
      names: ['--add-scram', '-S'],
      action: 'append',
      help: 'A SCRAM_CREDENTIAL to add to the __cluster_metadata log e.g.\n\'SCRAM-SHA-256=[name=alice,password=alice-secret]\'\n\'SCRAM-SHA-512=[name=alice,iterations=8192,salt="N3E=",saltedpassword="YCE="]\'',
    },
    {
      names: ['--ignore-formatted', '-g'],
      action: 'true',
      help: 'When this option is passed, the format command will skip over already formatted directories rather than failing.',
    },
    {
      names: ['--release-version', '-r'],
      help: `The release version to use for the initial feature settings. ${LEVELS}`,
    },
    {
      names: ['--feature', '-f'],
      action: 'append',
      help: 'The setting to use for a specific feature, in feature=level format. For example: `kraft.version=1`.',
    },
  ],
  groups: [
    {
      arguments: [
        {
          names: ['--standalone', '-s'],
          action: 'true',
          help: 'Used to initialize a controller as a single-node dynamic quorum. When setting this flag, the controller.quorum.voters config must not be set, and controller.quorum.bootstrap.servers is set instead.',
        },
        {
          names: ['--no-initial-controllers', '-N'],
          action: 'true',
          help: 'Used to initialize a server without specifying a dynamic quorum. When setting this flag, the controller.quorum.voters config should not be set, and controller.quorum.bootstrap.servers is set instead.',
        },
        {
          names: ['--initial-controllers', '-I'],
          help: 'Used to initialize a server with the specified dynamic quorum. The argument is a comma-separated list of id@hostname:port:directory. The same values must be used to format all nodes. For example:\n0@example.com:8082:JEXY6aqzQY-32P5TStzaFg,1@example.com:8083:MvDxzVmcRsaTz33bUuRU6A,2@example.com:8084:07R5amHmR32VDA6jHkGbTA\n. When setting this flag, the controller.quorum.voters config must not be set, and controller.quorum.bootstrap.servers is set instead.',
        },
      ],
    },
  ],
};

const PARSER: ArgparseParser = {
  name: 'kafka-storage',
  description: 'The Kafka storage tool.',
  commands: {
    dest: 'command',
    parsers: [
      { name: 'info', help: 'Get information about the Kafka log directories on this node.', arguments: [CONFIG] },
      {
        ...FORMAT,
        arguments: [...(FORMAT.arguments ?? []), ...(FORMAT.groups ?? []).flatMap((group) => group.arguments)],
      },
      {
        name: 'version-mapping',
        help: 'Look up the corresponding features for a given metadata version. Using the command with no --release-version  argument will return the mapping for the latest stable metadata version',
        arguments: [
          {
            names: ['--release-version', '-r'],
            help: `The release version to use for the corresponding feature mapping. ${LEVELS}`,
          },
        ],
      },
      {
        name: 'feature-dependencies',
        help: 'Look up dependencies for a given feature version. If the feature is not known or the version not yet defined, an error is thrown. Multiple features can be specified.',
        arguments: [
          {
            names: ['--feature', '-f'],
            action: 'append',
            isRequired: true,
            help: 'The features and their versions to look up dependencies for, in feature=version format. For example: `metadata.version=5`.',
          },
        ],
      },
      { name: 'random-uuid', help: 'Print a random UUID.' },
    ],
  },
};

export const storage = (commands: StorageCommands): Tool =>
  tool(async (args, io) => {
    const values = parsed(io, args);
    const output: StorageOutput = {
      print: (text) => void io.stdout.write(text),
      complain: (text) => void io.stderr.write(text.replace(/^ottla: /, '')),
    };
    switch (values.get('command')) {
      case 'info':
        return commands.infoCommand(['--config', values.get('config') as string], output);
      case 'format':
        return commands.formatCommand(formatArguments(values), output);
      case 'random-uuid':
        return commands.randomUuidCommand(output);
      case 'version-mapping':
        return terse(io, () => tellMapping(io, values.get('release_version') as string | undefined, terseFailure));
      default:
        return terse(io, () => tellDependencies(io, values.get('feature') as string[], WORDS));
    }
  });

/** Help ends this tool with 0. */
function parsed(io: ToolIo, args: readonly string[]): ArgparseValues {
  try {
    return parseArguments(io, PARSER, args);
  } catch (error) {
    if (error instanceof Exit) throw new Exit(0);
    if (!(error instanceof ArgparseError)) throw error;
    tellArgparseError(io, PARSER, error);
    throw new Exit(1);
  }
}

function formatArguments(values: ArgparseValues): string[] {
  const one = (name: string, dest: string): string[] => {
    const value = values.get(dest) as string | readonly string[] | undefined;
    return value === undefined ? [] : [value].flat().map((text) => `--${name}=${text}`);
  };
  const flags = ['standalone', 'no-initial-controllers', 'ignore-formatted'] as const;
  return [
    ...one('config', 'config'),
    ...one('cluster-id', 'cluster_id'),
    ...one('add-scram', 'add_scram'),
    ...one('release-version', 'release_version'),
    ...one('feature', 'feature'),
    ...one('initial-controllers', 'initial_controllers'),
    ...flags.filter((name) => values.get(name.replaceAll('-', '_')) === true).map((name) => `--${name}`),
  ];
}

async function terse(io: ToolIo, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof JavaError)) throw error;
    complain(io, error.message);
    return 1;
  }
}

const terseFailure = (message: string): JavaError => new JavaError('kafka.tools.TerseFailure', message);

const WORDS: DependencyWords = {
  fail: terseFailure,
  parse: (text) => {
    const [name = '', version] = text.split('=').map((part) => part.trim());
    if (version === undefined) {
      throw terseFailure(
        `Invalid feature format: ${text}. Expected format: 'feature=version' (e.g. 'group.version=1')`,
      );
    }
    if (!/^-?\d+$/.test(version)) throw terseFailure(`Invalid version format: ${version} for feature ${name}`);
    return { name, level: Number(version) };
  },
  unknownLevel: ({ name, level }) => `Feature level ${level} is not supported for feature ${name}`,
};
