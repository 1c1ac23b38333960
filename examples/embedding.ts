// A broker inside the program, as a test would have it: no container, no port to choose, gone when it is closed.
//   npx tsx embedding.ts
import { startBroker } from 'ottla';
import { ClusterClient } from 'ottla/client';

await using broker = await startBroker({ memory: true, topics: { signups: { partitions: 2 } } });
console.log('a broker is ready');

await using cluster = new ClusterClient({ brokers: broker.bootstrapServers });
await using producer = cluster.producer();
await producer.send('signups', { key: 'ada', value: '{"name":"Ada"}' });

await using consumer = cluster.consumer({ autoOffsetReset: 'earliest' });
consumer.assign([0, 1].map((partition) => ({ topic: 'signups', partition })));
const [record] = await consumer.poll(5000);
console.log(`read ${String(record?.value)}`);
