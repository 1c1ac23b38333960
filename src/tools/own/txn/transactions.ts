// What `ottla txn` does.
import type { TransactionDescription } from '../../../client/index.ts';
import { confirmed } from '../confirm.ts';
import { type CommandContext, type Work, wholeNumber } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { answered, failureOf, isFailed, tellOutcomes } from '../outcome-rows.ts';
import { shownTime } from '../times.ts';
import { shownDuration } from '../../terminal/duration.ts';

interface ListOptions {
  readonly states?: readonly string[];
  readonly longerThan?: number;
}

export const listTransactions: Work<ListOptions> = async (context, _, { states = [], longerThan }) => {
  const admin = await context.admin();
  const asked = { ...context.call, states, ...(longerThan !== undefined && { minDurationMs: longerThan }) };
  const rows = [];
  let code = 0;
  for (const [coordinator, outcome] of await admin.listTransactions(asked)) {
    if (isFailed(outcome)) {
      context.complain(`ottla: broker ${coordinator} has not told its transactions: ${failureOf(outcome)}`);
      code = 1;
      continue;
    }
    for (const one of outcome) {
      rows.push({ coordinator, transactional_id: one.transactionalId, producer_id: one.producerId, state: one.state });
    }
  }
  rows.sort((a, b) => (a.transactional_id < b.transactional_id ? -1 : 1));
  context.output.list(rows, [
    { heading: 'coordinator', cell: (row) => row.coordinator },
    { heading: 'transactional-id', cell: (row) => row.transactional_id },
    { heading: 'producer-id', cell: (row) => row.producer_id },
    { heading: 'state', cell: (row) => row.state },
  ]);
  return code;
};

export const describeTransactions: Work<{ readonly printPartitions?: boolean }> = async (context, words, options) => {
  const admin = await context.admin();
  const ids = words.length > 0 ? words : await allIds(context);
  const rows = [];
  for (const [id, outcome] of await admin.describeTransactions(ids, context.call)) {
    rows.push(rowOf(id, answered(outcome, id)));
  }
  const isLong = options.printPartitions === true;
  context.output.list(rows, [
    { heading: 'coordinator', cell: (row) => row.coordinator },
    { heading: 'transactional-id', cell: (row) => row.transactional_id },
    { heading: 'producer-id', cell: (row) => row.producer_id },
    { heading: 'producer-epoch', cell: (row) => row.producer_epoch },
    { heading: 'state', cell: (row) => row.state },
    { heading: 'start', cell: (row) => row.start },
    { heading: 'timeout', cell: (row) => shownDuration(row.timeout_ms) },
    { heading: 'topics', cell: (row) => (isLong ? row.partitions : row.topics).join(',') },
  ]);
};

async function allIds(context: CommandContext): Promise<string[]> {
  const admin = await context.admin();
  const found = await admin.listTransactions(context.call);
  return [...found.values()].flatMap((outcome) => (isFailed(outcome) ? [] : outcome.map((one) => one.transactionalId)));
}

function rowOf(id: string, one: TransactionDescription) {
  return {
    coordinator: one.coordinatorId,
    transactional_id: id,
    producer_id: one.producerId,
    producer_epoch: one.producerEpoch,
    state: one.state,
    start: one.startedAt === undefined ? null : shownTime(one.startedAt),
    timeout_ms: one.timeoutMs,
    topics: [...new Set(one.partitions.map(({ topic }) => topic))],
    partitions: one.partitions.map(({ topic, partition }) => `${topic}-${partition}`),
  };
}

export const describeProducers: Work<{ readonly partitions?: readonly number[] }> = async (
  context,
  [topic = ''],
  options,
) => {
  const places = await placesOf(context, topic, options.partitions);
  const admin = await context.admin();
  const rows = (await admin.describeProducers(places, context.call)).flatMap(({ partition, result }) =>
    answered(result, `${topic}-${partition}`).map((one) => ({
      topic,
      partition,
      producer_id: one.producerId,
      producer_epoch: one.producerEpoch,
      last_sequence: one.lastSequence,
      last_time: shownTime(one.lastTimestamp),
      transaction_start_offset: one.currentTransactionStartOffset ?? null,
    })),
  );
  context.output.list(rows, [
    { heading: 'partition', cell: (row) => row.partition },
    { heading: 'producer-id', cell: (row) => row.producer_id },
    { heading: 'producer-epoch', cell: (row) => row.producer_epoch },
    { heading: 'last-sequence', cell: (row) => row.last_sequence },
    { heading: 'last-time', cell: (row) => row.last_time },
    { heading: 'transaction-start-offset', cell: (row) => row.transaction_start_offset },
  ]);
};

async function placesOf(context: CommandContext, topic: string, partitions: readonly number[] | undefined) {
  if (partitions !== undefined) return partitions.map((partition) => ({ topic, partition }));
  const admin = await context.admin();
  const described = answered((await admin.describeTopics([topic], context.call)).get(topic), topic);
  return described.partitions.map(({ partition }) => ({ topic, partition }));
}

interface AbortOptions {
  readonly confirm: boolean;
}

export const abortById: Work<AbortOptions> = async (context, [id = ''], { confirm }) => {
  if (confirm && !(await confirmed(context, `Abort what is open under ${id}, and shut out who has it?`))) {
    throw new Failure('nothing was aborted');
  }
  const admin = await context.admin();
  return tellOutcomes(context.output, 'transactional-id', await admin.fenceProducers([id], context.call));
};

export const abortHanging: Work<AbortOptions> = async (context, [topic = '', index = '', start = ''], { confirm }) => {
  const partition = wholeNumber(0)(index, 'partition');
  const startOffset = wholeNumber(0)(start, 'start-offset');
  const admin = await context.admin();
  const [found] = await admin.describeProducers([{ topic, partition }], context.call);
  const producers = answered(found?.result, `${topic}-${partition}`);
  const hanging = producers.find((one) => one.currentTransactionStartOffset === startOffset);
  if (hanging === undefined)
    throw new Failure(`no transaction of ${topic}-${partition} begins at offset ${startOffset}`);
  const { producerId, producerEpoch, coordinatorEpoch } = hanging;
  if (
    confirm &&
    !(await confirmed(context, `Abort the transaction of producer ${producerId} in ${topic}-${partition}?`))
  ) {
    throw new Failure('nothing was aborted');
  }
  // A producer that has had no marker yet has no coordinator epoch (-1): Apache Kafka's tool sends 0 for it too (KIP-664).
  const marker = { topic, partition, producerId, producerEpoch, coordinatorEpoch: Math.max(0, coordinatorEpoch) };
  await admin.abortTransaction(marker, context.call);
  return tellOutcomes(context.output, 'partition', [[`${topic}-${partition}`, undefined]]);
};
