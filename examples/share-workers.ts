// Work shared by many: each job goes to one worker, and to another one when the first fails (share groups, KIP-932: a queue).
//   npx tsx share-workers.ts 127.0.0.1:9092 jobs
import { ClusterClient } from 'ottla/client';

const [brokers = '127.0.0.1:9092', topic = 'jobs'] = process.argv.slice(2);
const JOBS = 10;
const WORKERS = 3;
const MOST_TRIES = 3;

await using cluster = new ClusterClient({ brokers });

// Share groups begin at the end of a topic unless they are told otherwise.
await cluster.admin().incrementalAlterConfigs([
  {
    type: 'GROUP',
    name: 'workers',
    changes: [{ name: 'share.auto.offset.reset', operation: 'SET', value: 'earliest' }],
  },
]);
await using producer = cluster.producer();
await producer.send(
  topic,
  Array.from({ length: JOBS }, (_, job) => ({ key: null, value: `job ${job}` })),
);

const done = new Set<string>();

async function work(name: string): Promise<void> {
  await using consumer = cluster.shareConsumer({ group: 'workers', topics: [topic], acknowledgementMode: 'explicit' });
  while (done.size < JOBS) {
    for (const record of await consumer.poll(200)) {
      const job = String(record.value);
      try {
        if (job.endsWith('7') && record.deliveryCount === 1) throw new Error('it slipped');
        console.log(`${name} has done ${job}`);
        done.add(job);
        consumer.acknowledge(record, 'accept');
      } catch (error) {
        // Another try, by whoever comes first; after some it is given up.
        console.log(`${name} could not do ${job}: ${(error as Error).message}`);
        consumer.acknowledge(record, record.deliveryCount < MOST_TRIES ? 'release' : 'reject');
      }
    }
    await consumer.commit();
  }
}

await Promise.all(Array.from({ length: WORKERS }, (_, at) => work(`worker ${at + 1}`)));
console.log(`${done.size} jobs done`);
