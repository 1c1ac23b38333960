// kafka-broker-api-versions: which versions of which APIs each broker serves (org.apache.kafka.tools.BrokerApiVersionsCommand).
import { Admin, ClusterClient } from '../../client/index.ts';
import { type ApiFacts, apiKeys } from '../../protocol/index.ts';
import { ApiVersions } from '../../protocol/messages/18-api-versions.ts';
import { print } from '../tool-io.ts';
import { clientConfig, loadProperties } from './client-config.ts';
import { CommandOptions } from './options/command-options.ts';
import { valued } from './options/option.ts';
import { messageOf, toolWithTrace } from './run-tool.ts';

const OPTIONS = {
  commandConfig: valued('command-config', 'A property file containing configs to be passed to Admin Client.', {
    name: 'command config property file',
  }),
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: The server to connect to.', {
    name: 'server(s) to use for bootstrapping',
  }),
};

interface Range {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export const brokerApiVersions = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion('This tool helps to retrieve broker version information.');
  options.checkRequired(OPTIONS.bootstrapServer);
  const properties = loadProperties(io, options.valueOf(OPTIONS.commandConfig));
  const client = new ClusterClient(clientConfig(io, options.required(OPTIONS.bootstrapServer), properties));
  const admin = new Admin({ client });
  try {
    const { nodes } = await admin.describeCluster();
    // The client itself has to know where they are.
    await client.topics.refresh([]);
    for (const { id, host, port, rack, isFenced } of nodes) {
      const name = `${host}:${port} (id: ${id} rack: ${rack ?? 'null'} isFenced: ${isFenced})`;
      print(io, `${name} -> ${await versionsOf(client, id)}`);
    }
  } finally {
    await admin.close();
    await client.close();
  }
});

async function versionsOf(client: ClusterClient, nodeId: number): Promise<string> {
  try {
    const answer = await client.askNode(nodeId, ApiVersions, {
      clientSoftwareName: 'ottla-client',
      clientSoftwareVersion: '1',
    });
    return table(answer.apiKeys);
  } catch (error) {
    return `ERROR: ${messageOf(error)}`;
  }
}

function table(served: readonly Range[]): string {
  const lines = new Map(served.map((range) => [range.apiKey, lineOf(range)]));
  for (const { key, name, brokerListener } of apiKeys) {
    if (brokerListener && !lines.has(key)) lines.set(key, `${name}(${key}): UNSUPPORTED`);
  }
  const sorted = [...lines].sort(([a], [b]) => a - b).map(([, line]) => line);
  return `(\n\t${sorted.join(',\n\t')}\n)`;
}

function lineOf({ apiKey, minVersion, maxVersion }: Range): string {
  const known = apiKeys.find(({ key }) => key === apiKey);
  const name = known?.name ?? 'UNKNOWN';
  const range = minVersion === maxVersion ? String(minVersion) : `${minVersion} to ${maxVersion}`;
  return `${name}(${apiKey}): ${range}${known === undefined ? '' : usable(known, minVersion, maxVersion)}`;
}

function usable({ minVersion, advertisedMaxVersion }: ApiFacts, lowest: number, highest: number): string {
  if (advertisedMaxVersion < lowest) return ' [unusable: node too new]';
  if (highest < minVersion) return ' [unusable: node too old]';
  return ` [usable: ${Math.min(advertisedMaxVersion, highest)}]`;
}
