// kafka-transactions, and the tools that produce and copy within transactions. A transaction that hangs is made as one came to be
// before KIP-890: by a producer whose coordinator knows nothing of it, while partitions ask nobody.

import { same, that } from '../../suite.ts';
import { WireConnection } from '../../wire/connection.ts';
import { buildBatch } from '../../wire/record-batch.ts';
import { describeProducers, fetch, produce } from '../../wire/requests.ts';
import { rowsOf, type Session, type Steps, TOOLS } from './session.ts';

const COMMAND = `${TOOLS}.TransactionsCommand`;
const PERFORMANCE = `${TOOLS}.ProducerPerformance`;
const HANGING = { topic: 'hanging', partition: 0 };
const HANGING_PRODUCER = 424_242;
const DAY_MS = 86_400_000;

const transactions = (s: Session, ...args: string[]): Promise<string> => s.ok(COMMAND, args);

/** A producer that commits what it sends. */
async function produceIn(s: Session, transactionalId: string, topic: string, count: number): Promise<void> {
  const size = ['--num-records', String(count), '--record-size', '20', '--throughput', '-1'];
  const transaction = ['--transactional-id', transactionalId, '--transaction-duration-ms', '50'];
  const text = await s.ok(PERFORMANCE, ['--topic', topic, ...size, ...transaction]);
  that(text.includes(`${count} records sent`), text);
}

async function hang(s: Session): Promise<void> {
  await s.topics('--create', '--topic', HANGING.topic);
  const verification = 'transaction.partition.verification.enable';
  const brokers = ['--entity-type', 'brokers', '--entity-default', '--alter'];
  await s.configs(...brokers, '--add-config', `${verification}=false`);
  const connection = await WireConnection.open(s.bootstrap);
  try {
    const batch = buildBatch({
      records: [{ key: null, value: Buffer.from('nobody ends me') }],
      timestamp: Date.now() - DAY_MS,
      producerId: HANGING_PRODUCER,
      producerEpoch: 3,
      baseSequence: 0,
      isTransactional: true,
    });
    const { errorCode } = await produce(connection, { ...HANGING, acks: -1, transactionalId: 'nobody' }, batch);
    same(errorCode, 0, 'error of the batch that hangs');
  } finally {
    await connection.close();
    await s.configs(...brokers, '--delete-config', verification);
  }
}

async function withConnection<T>(s: Session, body: (connection: WireConnection) => Promise<T>): Promise<T> {
  const connection = await WireConnection.open(s.bootstrap);
  try {
    return await body(connection);
  } finally {
    await connection.close();
  }
}

export const TRANSACTIONS: Steps = {
  'transactions describe-producers': async (s) => {
    const text = await transactions(s, 'describe-producers', '--topic', 'java-lz4', '--partition', '0');
    that(/ProducerId\s+ProducerEpoch/.test(text) && /^\d+\s+0\s+/m.test(text), text);
  },
  'producer-perf-test in transactions': async (s) => {
    // One partition: the producer sends all of its records, which are few, to the one that it begins with.
    await s.topics('--create', '--topic', 'bank', '--partitions', '1');
    await produceIn(s, 'teller', 'bank', 200);
    const [row] = rowsOf(await transactions(s, 'describe', '--transactional-id', 'teller'), 'CoordinatorId');
    same([row?.['CoordinatorId'], row?.['TransactionalId']], ['0', 'teller'], 'row');
    same(row?.['TransactionState'], 'CompleteCommit', 'state');
  },
  'transactions list': async (s) => {
    const rows = rowsOf(await transactions(s, 'list'), 'TransactionalId');
    that(
      rows.some((row) => row['TransactionalId'] === 'teller' && row['TransactionState'] === 'CompleteCommit'),
      JSON.stringify(rows),
    );
    const long = rowsOf(await transactions(s, 'list', '--duration-filter', '3600000'), 'TransactionalId');
    same(long, [], 'longer than an hour');
  },
  'transactions describe of an id that is not there': (s) =>
    s.refused(
      COMMAND,
      ['describe', '--transactional-id', 'absent'],
      /transactionalId `absent` failed because the ID could not be found/,
    ),
  'console consumer of committed records': async (s) => {
    const args = ['--isolation-level', 'read_committed', '--formatter-property', 'print.value=true'];
    same((await s.consume('bank', 0, 2, ...args)).length, 2, 'records');
  },
  'transactions find-hanging': async (s) => {
    await hang(s);
    const args = ['find-hanging', '--broker-id', '0', '--max-transaction-timeout', '1'];
    const [row, ...others] = rowsOf(await transactions(s, ...args), 'Topic');
    same(others, [], 'others');
    same(
      [row?.['Topic'], row?.['Partition'], row?.['ProducerId'], row?.['ProducerEpoch'], row?.['StartOffset']],
      [HANGING.topic, '0', String(HANGING_PRODUCER), '3', '0'],
      'row',
    );
  },
  'transactions abort': async (s) => {
    const where = ['--topic', HANGING.topic, '--partition', '0'];
    await withConnection(s, async (connection) => {
      const held = await fetch(connection, { ...HANGING, offset: 0 }, { readCommitted: true });
      same([held.lastStableOffset, held.highWatermark], [0, 1], 'stable offset while it hangs');
    });
    await transactions(s, 'abort', ...where, '--start-offset', '0');
    await withConnection(s, async (connection) => {
      const free = await fetch(connection, { ...HANGING, offset: 0 }, { readCommitted: true });
      same([free.lastStableOffset, free.highWatermark], [2, 2], 'stable offset');
      same(free.abortedTransactions, [{ producerId: HANGING_PRODUCER, firstOffset: 0 }], 'aborted');
      const [producer] = await describeProducers(connection, HANGING);
      same(producer?.currentTransactionStartOffset, -1, 'open transaction');
    });
    const args = ['find-hanging', '--broker-id', '0', '--max-transaction-timeout', '1'];
    same(rowsOf(await transactions(s, ...args), 'Topic'), [], 'hanging');
  },
  'transactions abort of one that is not there': (s) =>
    s.refused(
      COMMAND,
      ['abort', '--topic', HANGING.topic, '--partition', '0', '--start-offset', '77'],
      /Could not find any open transactions starting at offset 77/,
    ),
  TransactionalMessageCopier: async (s) => {
    await s.topics('--create', '--topic', 'copied', '--partitions', '2');
    const from = ['--input-topic', 'bank', '--input-partition', '0', '--consumer-group', 'copiers'];
    const to = ['--output-topic', 'copied', '--transaction-size', '10', '--transactional-id', 'copier'];
    const limits = ['--max-messages', '30', '--broker-list', s.bootstrap];
    const text = await s.ok(`${TOOLS}.TransactionalMessageCopier`, [...from, ...to, ...limits]);
    that(/"consumed":\s*30|"totalProcessed":\s*30/.test(text), text.slice(-500));
    const rows = rowsOf(await s.groups('--describe', '--group', 'copiers', '--offsets'));
    same(
      rows.map((row) => [row['TOPIC'], row['CURRENT-OFFSET'] !== '-']),
      [['bank', true]],
      'offsets',
    );
  },
};
