// What kafka-features takes.
import type { ArgparseArgument, ArgparseParser } from './options/argparse-arguments.ts';
import { INTEGER } from './options/option.ts';

const release = (verb: string): ArgparseArgument => ({
  names: ['--release-version'],
  help: `The release version to ${verb} all features to. For example, 3.9-IV0 will set metadata.version=21 and kraft.version=1. Use the version-mapping command to learn which features will be set for any given version.`,
});
const level = (verb: string, oldest: string): ArgparseArgument => ({
  names: ['--metadata'],
  help: `DEPRECATED -- The level to which we should ${verb} the metadata. For example, ${oldest}.`,
});
const feature = (verb: string): ArgparseArgument => ({
  names: ['--feature'],
  action: 'append',
  help: `A feature ${verb} we should perform, in feature=level format. For example: \`metadata.version=5\`.`,
});
const flag = (name: string, help: string): ArgparseArgument => ({ names: [name], action: 'true', help });

export const FEATURES_PARSER: ArgparseParser = {
  name: 'kafka-features',
  helpCode: 0,
  description: 'This tool manages feature flags in Kafka.',
  groups: [
    {
      arguments: [
        {
          names: ['--bootstrap-server'],
          help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          names: ['--bootstrap-controller'],
          help: 'A comma-separated list of host:port pairs to use for establishing the connection to the KRaft quorum.',
        },
      ],
    },
  ],
  arguments: [{ names: ['--command-config'], help: 'Property file containing configs to be passed to Admin Client.' }],
  commands: {
    dest: 'command',
    parsers: [
      {
        name: 'describe',
        help: 'Describes the current active feature flags.',
        arguments: [
          {
            names: ['--node-id'],
            kind: INTEGER,
            help: 'The node id to which the requests should be sent. If not specified, the requests will be sent to an arbitrary controller/broker.',
          },
        ],
      },
      {
        name: 'upgrade',
        help: 'Upgrade one or more feature flags.',
        arguments: [
          level('upgrade', '3.3-IV3'),
          release('update'),
          feature('upgrade'),
          flag('--dry-run', 'Validate this upgrade, but do not perform it.'),
        ],
      },
      {
        name: 'downgrade',
        help: 'Downgrade one or more feature flags.',
        arguments: [
          level('downgrade', '3.3-IV0'),
          release('downgrade'),
          feature('downgrade'),
          flag('--unsafe', 'Perform this downgrade even if it may irreversibly destroy metadata.'),
          flag('--dry-run', 'Validate this downgrade, but do not perform it.'),
        ],
      },
      {
        name: 'disable',
        help: 'Disable one or more feature flags. This is the same as downgrading the version to zero.',
        arguments: [
          { names: ['--feature'], action: 'append', help: 'A feature flag to disable.' },
          flag('--unsafe', 'Disable this feature flag even if it may irreversibly destroy metadata.'),
          flag('--dry-run', 'Perform a dry-run of this disable operation.'),
        ],
      },
      {
        name: 'version-mapping',
        help: 'Look up the corresponding features for a given metadata version. Using the command with no --release-version  argument will return the mapping for the latest stable metadata version',
        arguments: [
          {
            names: ['--release-version'],
            help: 'The release version to use for the corresponding feature mapping. The minimum is 3.3-IV3; the default is 4.3-IV0',
          },
        ],
      },
      {
        name: 'feature-dependencies',
        help: 'Look up dependencies for a given feature version. If the feature is not known or the version not yet defined, an error is thrown. Multiple features can be specified.',
        arguments: [
          {
            names: ['--feature'],
            action: 'append',
            isRequired: true,
            help: 'The feature and version to look up dependencies for, in feature=version format. For example: `metadata.version=5`.',
          },
        ],
      },
    ],
  },
};
