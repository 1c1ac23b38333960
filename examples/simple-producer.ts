// Writes a few records, and says where they went.
//   npx ottla dev                                     in another terminal
//   npx tsx simple-producer.ts 127.0.0.1:9092 greetings
import { Producer } from 'ottla/client';

const [brokers = '127.0.0.1:9092', topic = 'greetings'] = process.argv.slice(2);

await using producer = new Producer({ brokers });

for (const name of ['Ada', 'Grace', 'Barbara']) {
  // Records with the same key keep their order: they go to the same partition.
  const { partition, offset } = await producer.send(topic, { key: name, value: `hello ${name}` });
  console.log(`hello ${name} is at ${topic}-${partition}, offset ${offset}`);
}
