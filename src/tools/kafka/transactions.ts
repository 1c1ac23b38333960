// kafka-transactions: what transactions there are, who has them open, and the end of those that hang
// (org.apache.kafka.tools.TransactionsCommand).
import { type Admin, ClientError, type PartitionProducer, valueOf } from '../../client/index.ts';
import { complain, type ToolIo } from '../tool-io.ts';
import { loadProperties, type Properties } from './client-config.ts';
import { Exit } from './exit.ts';
import { thrown } from './java-error.ts';
import { hashOrderOfPlaces, placeText } from './java-order.ts';
import { withAdmin } from './open-admin.ts';
import { type ArgparseValues, parseOrExit } from './options/argparse.ts';
import { printTable } from './pretty-table.ts';
import { tool } from './run-tool.ts';
import { TRANSACTIONS_PARSER } from './transactions-arguments.ts';

export const transactions = tool(async (args, io) => {
  const values = parseOrExit(io, TRANSACTIONS_PARSER, args);
  const properties = propertiesIn(io, values.get('command_config') as string | undefined);
  const target = { bootstrapServers: values.get('bootstrap_server') as string, properties };
  await withAdmin(io, target, async (admin) => {
    const command = COMMANDS[values.get('command') as string];
    await command?.(io, admin, values);
  });
  return 0;
});

function propertiesIn(io: ToolIo, path: string | undefined): Properties {
  try {
    return loadProperties(io, path);
  } catch (error) {
    return giveUp(io, `Failed to load admin client properties: ${thrown(error).message}. ${MORE}`);
  }
}

type Command = (io: ToolIo, admin: Admin, values: ArgparseValues) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = {
  list,
  describe,
  'describe-producers': describeProducers,
  abort,
  'find-hanging': async (io, admin, values) => {
    const { findHanging } = await import('./transactions-hanging.ts');
    await findHanging(io, admin, values);
  },
  forceTerminateTransaction: forceTerminate,
};

const MORE = 'Enable debug logging for additional detail.';

/** The end of the tool: its message alone. Throws Exit. */
export function giveUp(io: ToolIo, message: string): never {
  complain(io, message);
  throw new Exit(1);
}

/** The same behind an error of the client. */
export function giveUpBecause(io: ToolIo, message: string, error: unknown): never {
  if (!(error instanceof ClientError)) throw error;
  return giveUp(io, `${message}: ${thrown(error).message}. ${MORE}`);
}

async function list(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const minDurationMs = values.get('duration_filter') as number | undefined;
  const transactionalIdPattern = values.get('transactional_id_pattern') as string | undefined;
  const rows: string[][] = [];
  try {
    const found = await admin.listTransactions({
      ...(minDurationMs !== undefined && { minDurationMs }),
      ...(transactionalIdPattern !== undefined && { transactionalIdPattern }),
    });
    for (const [coordinator, outcome] of found) {
      for (const { transactionalId, producerId, state } of valueOf(outcome)) {
        rows.push([transactionalId, String(coordinator), String(producerId), state]);
      }
    }
  } catch (error) {
    giveUpBecause(io, 'Failed to list transactions', error);
  }
  printTable(io, ['TransactionalId', 'Coordinator', 'ProducerId', 'TransactionState'], rows);
}

const DESCRIPTION = [
  'CoordinatorId',
  'TransactionalId',
  'ProducerId',
  'ProducerEpoch',
  'TransactionState',
  'TransactionTimeoutMs',
  'CurrentTransactionStartTimeMs',
  'TransactionDurationMs',
  'TopicPartitions',
];

async function describe(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const id = values.get('transactional_id') as string;
  const found = await admin.describeTransactions([id]);
  const outcome = found.get(id);
  if (outcome === undefined || outcome instanceof ClientError) {
    const what = `Failed to describe transaction state of transactional-id \`${id}\``;
    if (outcome?.code !== 'TRANSACTIONAL_ID_NOT_FOUND') return giveUpBecause(io, what, outcome);
    const why = `DescribeTransactions request for transactionalId \`${id}\` failed because the ID could not be found`;
    return giveUp(io, `${what}: ${why}. ${MORE}`);
  }
  const { startedAt } = outcome;
  const now = io.runtime.clock.nowMs();
  printTable(io, DESCRIPTION, [
    [
      String(outcome.coordinatorId),
      id,
      String(outcome.producerId),
      String(outcome.producerEpoch),
      outcome.state,
      String(outcome.timeoutMs),
      startedAt === undefined ? 'None' : String(startedAt),
      startedAt === undefined ? 'None' : String(now - Number(startedAt)),
      hashOrderOfPlaces(outcome.partitions).map(placeText).join(','),
    ],
  ]);
}

const PRODUCERS = [
  'ProducerId',
  'ProducerEpoch',
  'LatestCoordinatorEpoch',
  'LastSequence',
  'LastTimestamp',
  'CurrentTransactionStartOffset',
];

async function describeProducers(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const place = { topic: values.get('topic') as string, partition: values.get('partition') as number };
  const brokerId = values.get('broker_id') as number | undefined;
  const [found] = await admin.describeProducers([place], { ...(brokerId !== undefined && { brokerId }) });
  const outcome = found?.result;
  if (outcome === undefined || outcome instanceof ClientError) {
    const where = brokerId === undefined ? 'leader' : `broker ${brokerId}`;
    return giveUpBecause(io, `Failed to describe producers for partition ${placeText(place)} on ${where}`, outcome);
  }
  const rows = outcome.map((one) => [
    String(one.producerId),
    String(one.producerEpoch),
    String(one.coordinatorEpoch),
    String(one.lastSequence),
    String(one.lastTimestamp),
    one.currentTransactionStartOffset === undefined ? 'None' : String(one.currentTransactionStartOffset),
  ]);
  printTable(io, PRODUCERS, rows);
}

async function abort(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const place = { topic: values.get('topic') as string, partition: values.get('partition') as number };
  const startOffset = values.get('start_offset') as number | undefined;
  const producerId = values.get('producer_id') as number | undefined;
  if (startOffset === undefined && producerId === undefined) {
    giveUp(
      io,
      'The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or above) or with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)',
    );
  }
  const wanted =
    startOffset === undefined
      ? { producerId: producerId as number, ...epochsIn(io, values) }
      : await producerAt(io, admin, place, startOffset);
  try {
    await admin.abortTransaction({ ...place, ...wanted });
  } catch (error) {
    const { producerId: id, producerEpoch, coordinatorEpoch } = wanted;
    const spec = `AbortTransactionSpec(topicPartition=${placeText(place)}, producerId=${id}, producerEpoch=${producerEpoch}, coordinatorEpoch=${coordinatorEpoch})`;
    giveUpBecause(io, `Failed to abort transaction ${spec}`, error);
  }
}

function epochsIn(io: ToolIo, values: ArgparseValues): { producerEpoch: number; coordinatorEpoch: number } {
  const producerEpoch = values.get('producer_epoch') as number | undefined;
  const coordinatorEpoch = values.get('coordinator_epoch') as number | undefined;
  if (producerEpoch === undefined) return giveUp(io, 'Missing required argument --producer-epoch');
  if (coordinatorEpoch === undefined) return giveUp(io, 'Missing required argument --coordinator-epoch');
  // -1 before the first marker of a producer: the lowest that a coordinator can have stands for it.
  return { producerEpoch, coordinatorEpoch: Math.max(0, coordinatorEpoch) };
}

async function producerAt(
  io: ToolIo,
  admin: Admin,
  place: { readonly topic: string; readonly partition: number },
  startOffset: number,
): Promise<Pick<PartitionProducer, 'producerId' | 'producerEpoch' | 'coordinatorEpoch'>> {
  const [found] = await admin.describeProducers([place]);
  const outcome = found?.result;
  if (outcome === undefined || outcome instanceof ClientError) {
    return giveUpBecause(io, `Failed to validate producer state for partition ${placeText(place)}`, outcome);
  }
  const producer = outcome.find(({ currentTransactionStartOffset }) => currentTransactionStartOffset === startOffset);
  if (producer === undefined) {
    const where = `starting at offset ${startOffset} on partition ${placeText(place)}`;
    return giveUp(io, `Could not find any open transactions ${where}`);
  }
  const { producerId, producerEpoch, coordinatorEpoch } = producer;
  return { producerId, producerEpoch, coordinatorEpoch: Math.max(0, coordinatorEpoch) };
}

async function forceTerminate(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const id = values.get('transactionalId') as string;
  try {
    await admin.forceTerminateTransaction(id);
  } catch (error) {
    giveUpBecause(io, `Failed to force terminate transactionalId \`${id}\``, error);
  }
}
