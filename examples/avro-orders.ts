// Orders with a schema that a registry keeps: whoever reads them knows what is in them, and nobody writes what readers cannot read.
//   npx ottla dev                                     a broker and a registry
//   npx tsx avro-orders.ts 127.0.0.1:9092 http://127.0.0.1:8081
import { ClusterClient } from 'ottla/client';
import { avro, registryClient, string } from 'ottla/serde';

const [brokers = '127.0.0.1:9092', registry = 'http://127.0.0.1:8081'] = process.argv.slice(2);

interface Order {
  readonly id: number;
  readonly customer: string;
  readonly amount: number;
}

const orders = avro<Order>(registryClient(registry), {
  schema: {
    type: 'record',
    name: 'Order',
    fields: [
      { name: 'id', type: 'int' },
      { name: 'customer', type: 'string' },
      { name: 'amount', type: 'double' },
    ],
  },
});

await using cluster = new ClusterClient({ brokers });
await using producer = cluster.producer<string, Order>({ serializers: { key: string, value: orders } });
await producer.send('orders', [
  { key: 'ada', value: { id: 1, customer: 'Ada', amount: 12.5 } },
  { key: 'grace', value: { id: 2, customer: 'Grace', amount: 99 } },
]);

await using consumer = cluster.consumer<string | null, Order>({
  group: 'accounting',
  topics: ['orders'],
  autoOffsetReset: 'earliest',
  deserializers: { key: string, value: orders },
});
let sum = 0;
let count = 0;
for await (const { value } of consumer) {
  console.log(`order ${value.id} of ${value.customer}: ${value.amount}`);
  sum += value.amount;
  if (++count === 2) break;
}
console.log(`${sum} in all`);
