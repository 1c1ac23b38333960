// What kafka-metadata-quorum takes.
import type { ArgparseArgument, ArgparseParser } from './options/argparse-arguments.ts';
import { INTEGER } from './options/option.ts';

const dryRun: ArgparseArgument = {
  names: ['--dry-run'],
  help: 'True if we should print what would be done, but not do it.',
  action: 'true',
};

export const METADATA_QUORUM_PARSER: ArgparseParser = {
  name: 'kafka-metadata-quorum',
  tellsDefaults: true,
  helpCode: 0,
  description: 'This tool describes kraft metadata quorum status.',
  groups: [
    {
      isRequired: true,
      arguments: [
        {
          names: ['--bootstrap-server'],
          help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          names: ['--bootstrap-controller'],
          help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka controllers.',
        },
      ],
    },
  ],
  arguments: [
    {
      names: ['--command-config'],
      help: 'Property file containing configs to be passed to Admin Client. For add-controller, the file is used to specify the controller properties as well.',
    },
  ],
  commands: {
    dest: 'command',
    parsers: [
      {
        name: 'describe',
        help: 'Describe the metadata quorum info',
        sections: [
          {
            title: 'Status',
            arguments: [
              {
                names: ['--status'],
                help: 'A short summary of the quorum status and the other provides detailed information about the status of replication.',
                action: 'true',
              },
            ],
          },
          {
            title: 'Replication',
            arguments: [
              {
                names: ['--replication'],
                help: 'Detailed information about the status of replication',
                action: 'true',
              },
              { names: ['--human-readable'], help: 'Human-readable output', action: 'true' },
            ],
          },
        ],
      },
      {
        name: 'add-controller',
        help: 'Add a controller to the KRaft controller cluster',
        arguments: [dryRun],
      },
      {
        name: 'remove-controller',
        help: 'Remove a controller from the KRaft controller cluster',
        arguments: [
          {
            names: ['--controller-id', '-i'],
            help: 'The id of the controller to remove.',
            kind: INTEGER,
            isRequired: true,
          },
          {
            names: ['--controller-directory-id', '-d'],
            help: 'The directory ID of the controller to remove.',
            isRequired: true,
          },
          dryRun,
        ],
      },
    ],
  },
};
