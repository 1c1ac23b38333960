// kafka-reassign-partitions: replicas on other brokers or directories (org.apache.kafka.tools.reassign.ReassignPartitionsCommand).
import { type Admin, ClientError } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties, readText } from './client-config.ts';
import { Exit } from './exit.ts';
import { executionError, TerseError, thrownText } from './java-error.ts';
import { placeText } from './java-order.ts';
import { withAdmin } from './open-admin.ts';
import { comparePlaces } from './reassign-json.ts';
import { OPTIONS, type ReassignCall, reassignCall } from './reassign-options.ts';
import { messageOf, tool } from './run-tool.ts';

export const reassignPartitions = tool(async (args, io) => {
  const call = reassignCall(io, args);
  const { options } = call;
  try {
    const properties = {
      'client.id': 'reassign-partitions-tool',
      ...loadProperties(io, options.valueOf(OPTIONS.commandConfig)),
    };
    const target = {
      bootstrapServers: options.valueOf(OPTIONS.bootstrapServer),
      bootstrapControllers: options.valueOf(OPTIONS.bootstrapController),
      properties,
    };
    await withAdmin(io, target, (admin) => act(io, admin, call));
    return 0;
  } catch (error) {
    if (error instanceof Exit) throw error;
    if (error instanceof TerseError) print(io, error.message);
    else {
      const shown = error instanceof ClientError ? executionError(error) : error;
      print(io, `Error: ${messageOf(shown)}\n${thrownText(shown)}\n`);
    }
    return 1;
  }
});

async function act(io: ToolIo, admin: Admin, { options, action }: ReassignCall): Promise<void> {
  const file = (): string => readText(io, options.required(OPTIONS.reassignmentJsonFile));
  const preservesThrottles = options.has(OPTIONS.preserveThrottles);
  const timeoutMs = options.required(OPTIONS.timeout);
  switch (action) {
    case OPTIONS.verify: {
      const { verify } = await import('./reassign-verify.ts');
      return verify(io, admin, file(), preservesThrottles);
    }
    case OPTIONS.generate: {
      const { generate } = await import('./reassign-generate.ts');
      const topics = readText(io, options.required(OPTIONS.topicsToMoveJsonFile));
      return generate(io, admin, topics, options.required(OPTIONS.brokerList), !options.has(OPTIONS.disableRackAware));
    }
    case OPTIONS.execute: {
      const { execute } = await import('./reassign-execute.ts');
      return execute(io, admin, file(), {
        isAdditional: options.has(OPTIONS.additional),
        brokerThrottle: options.required(OPTIONS.interBrokerThrottle),
        directoryThrottle: options.required(OPTIONS.replicaAlterLogDirsThrottle),
        timeoutMs,
        allowReplicationFactorChange: !options.has(OPTIONS.disallowReplicationFactorChange),
      });
    }
    case OPTIONS.cancel: {
      const { cancel } = await import('./reassign-execute.ts');
      return cancel(io, admin, file(), { preservesThrottles, timeoutMs });
    }
    default:
      return list(io, admin);
  }
}

async function list(io: ToolIo, admin: Admin): Promise<void> {
  const underWay = await admin.listPartitionReassignments();
  if (underWay.length === 0) return print(io, 'No partition reassignments found.');
  const lines = [...underWay]
    .sort(comparePlaces)
    .map(({ topic, partition, replicas, addingReplicas, removingReplicas }) => {
      const adding = addingReplicas.length === 0 ? '' : ` adding: ${addingReplicas.join(',')}.`;
      const removing = removingReplicas.length === 0 ? '' : ` removing: ${removingReplicas.join(',')}.`;
      return `${placeText({ topic, partition })}: replicas: ${replicas.join(',')}.${adding}${removing}`;
    });
  print(io, `Current partition reassignments:\n${lines.join('\n')}`);
}
