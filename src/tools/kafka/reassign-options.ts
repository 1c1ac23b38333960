// The options of kafka-reassign-partitions, and what each of its actions takes.
import type { ToolIo } from '../tool-io.ts';
import { CommandOptions, listed } from './options/command-options.ts';
import { flag, LONG, type Option, valued } from './options/option.ts';

export const OPTIONS = {
  verify: flag(
    'verify',
    'Verify if the reassignment completed as specified by the --reassignment-json-file option. If there is a throttle engaged for the replicas specified, and the rebalance has completed, the throttle will be removed',
  ),
  generate: flag(
    'generate',
    'Generate a candidate partition reassignment configuration. Note that this only generates a candidate assignment, it does not execute it.',
  ),
  execute: flag('execute', 'Kick off the reassignment as specified by the --reassignment-json-file option.'),
  cancel: flag('cancel', 'Cancel an active reassignment.'),
  list: flag('list', 'List all active partition reassignments.'),
  bootstrapServer: valued('bootstrap-server', 'the server(s) to use for bootstrapping.', {
    name: 'Server(s) to use for bootstrapping',
    isOptional: true,
  }),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'Admin client property file',
  }),
  reassignmentJsonFile: valued(
    'reassignment-json-file',
    'The JSON file with the partition reassignment configurationThe format to use is - \n{"partitions":\n\t[{"topic": "foo",\n\t  "partition": 1,\n\t  "replicas": [1,2,3],\n\t  "log_dirs": ["dir1","dir2","dir3"] }],\n"version":1\n}\nNote that "log_dirs" is optional. When it is specified, its length must equal the length of the replicas list. The value in this list can be either "any" or the absolution path of the log directory on the broker. If absolute log directory path is specified, the replica will be moved to the specified log directory on the broker.',
    { name: 'manual assignment json file path' },
  ),
  topicsToMoveJsonFile: valued(
    'topics-to-move-json-file',
    'Generate a reassignment configuration to move the partitions of the specified topics to the list of brokers specified by the --broker-list option. The format to use is - \n{"topics":\n\t[{"topic": "foo"},{"topic": "foo1"}],\n"version":1\n}',
    { name: 'topics to reassign json file path' },
  ),
  brokerList: valued(
    'broker-list',
    'The list of brokers to which the partitions need to be reassigned in the form "0,1,2". This is required if --topics-to-move-json-file is used to generate reassignment configuration',
    { name: 'brokerlist' },
  ),
  bootstrapController: valued(
    'bootstrap-controller',
    'The controller to use for reassignment. By default, the tool will get the quorum controller. This option supports the actions --cancel and --list.',
    { name: 'bootstrap controller to connect to', isOptional: true },
  ),
  disableRackAware: flag('disable-rack-aware', 'Disable rack aware replica assignment'),
  interBrokerThrottle: valued(
    'throttle',
    'The movement of partitions between brokers will be throttled to this value (bytes/sec). This option can be included with --execute when a reassignment is started, and it can be altered by resubmitting the current reassignment along with the --additional flag. The throttle rate should be at least 1 KB/s.',
    { name: 'throttle', type: LONG, defaults: [-1] },
  ),
  replicaAlterLogDirsThrottle: valued(
    'replica-alter-log-dirs-throttle',
    'The movement of replicas between log directories on the same broker will be throttled to this value (bytes/sec). This option can be included with --execute when a reassignment is started, and it can be altered by resubmitting the current reassignment along with the --additional flag. The throttle rate should be at least 1 KB/s.',
    { name: 'replicaAlterLogDirsThrottle', type: LONG, defaults: [-1] },
  ),
  timeout: valued('timeout', 'The maximum time in ms to wait for log directory replica assignment to begin.', {
    name: 'timeout',
    type: LONG,
    defaults: [10000],
  }),
  additional: flag(
    'additional',
    'Execute this reassignment in addition to any other ongoing ones. This option can also be used to change the throttle of an ongoing reassignment.',
  ),
  preserveThrottles: flag('preserve-throttles', 'Do not modify broker or topic throttles.'),
  disallowReplicationFactorChange: flag(
    'disallow-replication-factor-change',
    "Denies the ability to change a partition's replication factor as part of this reassignment through adding validation against it.",
  ),
};

const ACTIONS = [OPTIONS.generate, OPTIONS.execute, OPTIONS.verify, OPTIONS.cancel, OPTIONS.list] as const;

/** What an action needs, and what it takes beside that. */
const TAKEN: ReadonlyMap<Option, { readonly required: readonly Option[]; readonly permitted: readonly Option[] }> =
  new Map<Option, { readonly required: readonly Option[]; readonly permitted: readonly Option[] }>([
    [
      OPTIONS.verify,
      {
        required: [OPTIONS.reassignmentJsonFile],
        permitted: [OPTIONS.bootstrapServer, OPTIONS.commandConfig, OPTIONS.preserveThrottles],
      },
    ],
    [
      OPTIONS.generate,
      {
        required: [OPTIONS.topicsToMoveJsonFile, OPTIONS.brokerList],
        permitted: [OPTIONS.bootstrapServer, OPTIONS.commandConfig, OPTIONS.disableRackAware],
      },
    ],
    [
      OPTIONS.execute,
      {
        required: [OPTIONS.reassignmentJsonFile],
        permitted: [
          OPTIONS.additional,
          OPTIONS.bootstrapServer,
          OPTIONS.commandConfig,
          OPTIONS.interBrokerThrottle,
          OPTIONS.replicaAlterLogDirsThrottle,
          OPTIONS.timeout,
          OPTIONS.disallowReplicationFactorChange,
        ],
      },
    ],
    [
      OPTIONS.cancel,
      {
        required: [OPTIONS.reassignmentJsonFile],
        permitted: [
          OPTIONS.bootstrapServer,
          OPTIONS.bootstrapController,
          OPTIONS.commandConfig,
          OPTIONS.preserveThrottles,
          OPTIONS.timeout,
        ],
      },
    ],
    [
      OPTIONS.list,
      { required: [], permitted: [OPTIONS.bootstrapServer, OPTIONS.bootstrapController, OPTIONS.commandConfig] },
    ],
  ]);

export interface ReassignCall {
  readonly options: CommandOptions;
  readonly action: Option;
}

/** Throws Exit, or OptionError. */
export function reassignCall(io: ToolIo, args: readonly string[]): ReassignCall {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion('This tool helps to move topic partitions between replicas.');
  const [action, ...others] = ACTIONS.filter((one) => options.has(one));
  if (action === undefined || others.length > 0) {
    const names = ACTIONS.map(({ names: [name] }) => `--${name}`).join(', ');
    return options.usage(`Command must include exactly one action: ${names}`);
  }
  const [hasServer, hasController] = [options.has(OPTIONS.bootstrapServer), options.has(OPTIONS.bootstrapController)];
  if (hasServer && hasController) {
    options.usage("Please don't specify both --bootstrap-server and --bootstrap-controller");
  }
  if (!hasServer && !hasController) {
    options.usage('Please specify either --bootstrap-server or --bootstrap-controller');
  }
  const { required = [], permitted = [] } = TAKEN.get(action) ?? {};
  options.checkRequired(...required);
  const excess = options.given().find((option) => ![action, ...required, ...permitted].includes(option));
  if (excess !== undefined) {
    options.usage(`Option "${listed(excess)}" can't be used with action "${listed(action)}"`);
  }
  return { options, action };
}
