// kafka-groups: the groups of all kinds (org.apache.kafka.tools.GroupsCommand).
import type { Admin, GroupType, ListedGroup } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { illegalArgument, thrown, thrownText } from './java-error.ts';
import { listedGroups } from './listed-groups.ts';
import { logError } from './log-line.ts';
import { withAdmin } from './open-admin.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, valued } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';
import { row, widthOf } from './table-rows.ts';

const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The Kafka server to connect to.', {
    name: 'server to connect to',
    isRequired: true,
  }),
  commandConfig: valued('command-config', 'Property file containing configs to be passed to Admin Client.', {
    name: 'command config property file',
  }),
  list: flag('list', 'List the groups.'),
  groupType: valued(
    'group-type',
    "Filter the groups based on group type. Valid types are: 'classic', 'consumer', 'share' and 'streams'.",
    { name: 'type' },
  ),
  protocol: valued('protocol', 'Filter the groups based on protocol type.', { name: 'protocol' }),
  consumer: flag(
    'consumer',
    "Filter the groups to show all kinds of consumer groups, including classic and simple consumer groups. This matches group type 'consumer', and group type 'classic' where the protocol type is 'consumer' or empty.",
  ),
  share: flag('share', 'Filter the groups to show share groups.'),
  streams: flag('streams', 'Filter the groups to show streams groups.'),
};

const LOGGER = 'org.apache.kafka.tools.GroupsCommand';
const TYPES: readonly GroupType[] = ['Consumer', 'Classic', 'Share', 'Streams'];

export const groups = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS, { tellsMistakes: true });
  check(options);
  const properties = loadProperties(io, options.valueOf(OPTIONS.commandConfig));
  const target = { bootstrapServers: options.required(OPTIONS.bootstrapServer), properties };
  try {
    await withAdmin(io, target, (admin) => list(io, admin, options));
    return 0;
  } catch (error) {
    print(io, `Error while executing groups command : ${thrown(error).message}`);
    logError(io, LOGGER, `${thrownText(error)}\n`);
    return 1;
  }
});

function check(options: CommandOptions): void {
  const { consumer, groupType, protocol, share, streams } = OPTIONS;
  options.maybePrintHelpOrVersion('This tool helps to list groups of all types.');
  if (!options.has(OPTIONS.list)) options.usage('Command must include exactly one action: --list.');
  if (options.has(groupType) && typeOf(options) === undefined) {
    throw illegalArgument('--group-type must be a valid group type.');
  }
  options.checkInvalid(consumer, groupType, protocol, share, streams);
  options.checkInvalid(share, consumer, groupType, protocol, streams);
  options.checkInvalid(streams, consumer, groupType, protocol, share);
}

function typeOf(options: CommandOptions): GroupType | undefined {
  const text = options.valueOf(OPTIONS.groupType)?.toLowerCase();
  return TYPES.find((type) => type.toLowerCase() === text);
}

async function list(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const all = await listedGroups(admin, {});
  const rows = all
    .filter((group) => isAsked(group, options))
    .map(({ groupId, type = '', protocol }) => [groupId, type, protocol]);
  const width = widthOf(20, rows.flat());
  const widths = [width, width, width];
  print(io, row(widths, ['GROUP', 'TYPE', 'PROTOCOL']));
  for (const cells of rows) print(io, `${row(widths, cells)} `);
}

function isAsked({ type, protocol }: ListedGroup, options: CommandOptions): boolean {
  if (options.has(OPTIONS.share)) return type === 'Share';
  if (options.has(OPTIONS.streams)) return type === 'Streams';
  if (options.has(OPTIONS.consumer)) return type === 'Consumer' || protocol === 'consumer' || protocol === '';
  if (options.has(OPTIONS.groupType) && type !== typeOf(options)) return false;
  return !options.has(OPTIONS.protocol) || protocol === options.valueOf(OPTIONS.protocol);
}
