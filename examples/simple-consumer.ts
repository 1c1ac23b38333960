// Reads records as a member of a group, until Ctrl+C: start it twice, and the two share the partitions.
//   npx tsx simple-consumer.ts 127.0.0.1:9092 greetings
import { Consumer } from 'ottla/client';
import { string } from 'ottla/serde';

const [brokers = '127.0.0.1:9092', topic = 'greetings', most = 'Infinity'] = process.argv.slice(2);

const consumer = new Consumer({
  brokers,
  group: 'greeters',
  topics: [topic],
  autoOffsetReset: 'earliest',
  deserializers: { key: string, value: string },
});
process.on('SIGINT', () => void consumer.close());

let count = 0;
// What the body is done with is committed: a record is never lost, and after a crash the last few may come twice.
for await (const { partition, offset, key, value } of consumer) {
  console.log(`${topic}-${partition} @${offset}  ${key}: ${value}`);
  if (++count >= Number(most)) break;
}
await consumer.close();
