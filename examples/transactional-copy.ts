// Copies records from one topic to another, each exactly once, whatever crashes: what is written and where the copy is in the source
// become visible together or not at all.
//   npx tsx transactional-copy.ts 127.0.0.1:9092 orders orders-copy
import { ClusterClient } from 'ottla/client';

const [brokers = '127.0.0.1:9092', from = 'orders', to = 'orders-copy', most = 'Infinity'] = process.argv.slice(2);

await using cluster = new ClusterClient({ brokers });
await using consumer = cluster.consumer({
  group: 'copy-job',
  topics: [from],
  autoOffsetReset: 'earliest',
  isolation: 'read_committed',
  autoCommit: false,
});
// One id for each copy that runs: a second one with the same id shuts out the first.
await using producer = cluster.producer({ transactionalId: `copy-job-${from}` });

let copied = 0;
process.on('SIGINT', () => (copied = Infinity));
while (copied < Number(most)) {
  const records = await consumer.poll(1000);
  if (records.length === 0) continue;
  await producer.transaction(async (transaction) => {
    await transaction.send(
      to,
      records.map(({ key, value, headers }) => ({ key, value, headers })),
    );
    await transaction.sendOffsets(consumer);
  });
  copied += records.length;
  console.log(`${copied} records copied`);
}
