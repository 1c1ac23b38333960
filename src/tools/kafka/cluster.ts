// kafka-cluster: the cluster's id and endpoints, and the end of a broker's registration (org.apache.kafka.tools.ClusterTool).
import { type Admin, ClientError, type DescribedNode } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { executionError, illegalArgument, JavaError, thrown } from './java-error.ts';
import { type AdminTarget, withAdmin } from './open-admin.ts';
import { type ArgparseValues, parseOrExit } from './options/argparse.ts';
import type { ArgparseArgument, ArgparseParser } from './options/argparse-arguments.ts';
import { INTEGER } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';

const connection: Pick<ArgparseParser, 'groups'> = {
  groups: [
    {
      isRequired: true,
      arguments: [
        {
          names: ['--bootstrap-server', '-b'],
          help: 'A list of host/port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          names: ['--bootstrap-controller', '-C'],
          help: 'A list of host/port pairs to use for establishing the connection to the KRaft controllers.',
        },
      ],
    },
  ],
};

const CONFIG: readonly ArgparseArgument[] = [
  {
    names: ['--config'],
    help: '(DEPRECATED) A property file containing configurations for the Admin client. This option will be removed in a future version. Use --command-config instead.',
  },
  { names: ['--command-config', '-c'], help: 'Config properties file for the Admin client.' },
];

const PARSER: ArgparseParser = {
  name: 'kafka-cluster',
  tellsDefaults: true,
  description: 'The Kafka cluster tool.',
  commands: {
    dest: 'command',
    parsers: [
      { name: 'cluster-id', help: 'Get information about the ID of a cluster.', ...connection, arguments: CONFIG },
      {
        name: 'unregister',
        help: 'Unregister a broker.',
        ...connection,
        arguments: [
          ...CONFIG,
          { names: ['--id', '-i'], kind: INTEGER, isRequired: true, help: 'The ID of the broker to unregister.' },
        ],
      },
      {
        name: 'list-endpoints',
        help: 'List endpoints',
        ...connection,
        arguments: [
          ...CONFIG,
          {
            names: ['--include-fenced-brokers'],
            action: 'true',
            help: 'Whether to include fenced brokers when listing broker endpoints',
          },
        ],
      },
    ],
  },
};

export const cluster = toolWithTrace(async (args, io) => {
  const values = parseOrExit(io, PARSER, args);
  const target = targetOf(io, values);
  await withAdmin(io, target, (admin) => act(io, admin, values));
});

function targetOf(io: ToolIo, values: ArgparseValues): AdminTarget {
  const old = values.get('config') as string | undefined;
  const current = values.get('command_config') as string | undefined;
  if (old !== undefined && current !== undefined) {
    const message = '--config and --command-config cannot be specified together.';
    throw new JavaError('net.sourceforge.argparse4j.inf.ArgumentParserException', message);
  }
  if (old !== undefined) {
    print(
      io,
      'Option --config has been deprecated and will be removed in a future version. Use --command-config instead.',
    );
  }
  return {
    bootstrapServers: values.get('bootstrap_server') as string | undefined,
    bootstrapControllers: values.get('bootstrap_controller') as string | undefined,
    properties: loadProperties(io, current ?? old),
  };
}

async function act(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  switch (values.get('command')) {
    case 'cluster-id': {
      const { clusterId } = await admin.describeCluster();
      const none = 'No cluster ID found. The Kafka version is probably too old.';
      return print(io, clusterId === undefined ? none : `Cluster ID: ${clusterId}`);
    }
    case 'unregister':
      return unregister(io, admin, values.get('id') as number);
    default:
      return listEndpoints(io, admin, values);
  }
}

async function unregister(io: ToolIo, admin: Admin, id: number): Promise<void> {
  try {
    await admin.unregisterBroker(id);
    print(io, `Broker ${id} is no longer registered.`);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'UNSUPPORTED_VERSION') throw executionError(error);
    print(io, 'The target cluster does not support the broker unregistration API.');
  }
}

async function listEndpoints(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const includeFencedBrokers = values.get('include_fenced_brokers') === true;
  const isOfControllers = values.get('bootstrap_controller') !== undefined;
  if (isOfControllers && includeFencedBrokers) {
    throw illegalArgument('The option --include-fenced-brokers is only supported with --bootstrap-server option');
  }
  try {
    const { nodes } = await admin.describeCluster({ includeFencedBrokers });
    printEndpoints(io, nodes, isOfControllers);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'UNSUPPORTED_VERSION') throw error;
    print(io, thrown(error).message);
  }
}

const LEAST_HOST = 100;
const LEAST_RACK = 10;

function printEndpoints(io: ToolIo, nodes: readonly DescribedNode[], isOfControllers: boolean): void {
  const hostWidth = nodes.length === 0 ? LEAST_HOST : Math.max(...nodes.map(({ host }) => host.length));
  const racks = nodes.flatMap(({ rack }) => (rack === undefined ? [] : [rack.length]));
  const rackWidth = racks.length === 0 ? LEAST_RACK : Math.max(...racks);
  const line = (id: string, host: string, port: string, rack: string, state: string, type: string): void => {
    const cells = [id.padEnd(10), host.padEnd(hostWidth), port.padEnd(10), rack.padEnd(rackWidth)];
    if (!isOfControllers) cells.push(state.padEnd(10));
    print(io, [...cells, type.padEnd(15)].join(' '));
  };
  line('ID', 'HOST', 'PORT', 'RACK', 'STATE', 'ENDPOINT_TYPE');
  const type = isOfControllers ? 'controller' : 'broker';
  for (const { id, host, port, rack, isFenced } of nodes) {
    line(String(id), host, String(port), rack ?? 'null', isFenced ? 'fenced' : 'unfenced', type);
  }
}
