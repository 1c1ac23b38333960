// A cluster as a program has it in hand: producers, consumers and the others made from it share its connections.
import { Admin, type AdminOptions } from './admin/index.ts';
import { ClusterClient } from './connections/cluster-client.ts';
import { Consumer } from './consumer/consumer.ts';
import type { ConsumerOptions } from './consumer/consumer-options.ts';
import { Producer, type ProducerOptions } from './producer/producer.ts';
import { ShareConsumer, type ShareConsumerOptions } from './share/share-consumer.ts';
import type { Bytes } from './serializers.ts';

export class Cluster extends ClusterClient {
  producer<K = Bytes, V = Bytes>(options: ProducerOptions<K, V> = {}): Producer<K, V> {
    return new Producer({ ...options, client: this });
  }

  consumer<K = Uint8Array | null, V = Uint8Array | null>(options: ConsumerOptions<K, V> = {}): Consumer<K, V> {
    return new Consumer({ ...options, client: this });
  }

  shareConsumer<K = Uint8Array | null, V = Uint8Array | null>(
    options: ShareConsumerOptions<K, V>,
  ): ShareConsumer<K, V> {
    return new ShareConsumer({ ...options, client: this });
  }

  admin(options: AdminOptions = {}): Admin {
    return new Admin({ ...options, client: this });
  }
}
