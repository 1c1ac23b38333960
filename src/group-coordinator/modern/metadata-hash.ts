// A number that tells whether the topics of a group have changed, written down with the group's epoch (KIP-1101; Kafka:
// Utils.computeTopicHash, computeGroupHash): topics made or deleted, partitions added, racks of replicas.
import type { MetadataImage, TopicImage } from '../../kraft/metadata/index.ts';
import { type Int64, toInt64, uuidToBytes } from '../../protocol/index.ts';
import { xxh3 } from './xxh3.ts';

const TOPIC_HASH_VERSION = 0;

interface HashedTopic {
  readonly topic: TopicImage;
  readonly hash: bigint;
}

/** Hashes of groups, in front of a memory of the hashes of topics. */
export class TopicHashes {
  /** By name; a topic that has changed is another object. */
  readonly #known = new Map<string, HashedTopic>();
  /** The brokers whose racks the hashes hold. */
  #cluster: MetadataImage['cluster'] | undefined;

  /** Topics that do not exist count for nothing; 0 when none does. */
  groupHash(names: Iterable<string>, image: MetadataImage): Int64 {
    if (this.#cluster !== image.cluster) {
      this.#known.clear();
      this.#cluster = image.cluster;
    }
    const found: HashedTopic[] = [];
    for (const name of names) {
      const topic = image.topics.byName.get(name);
      if (topic === undefined) this.#known.delete(name);
      else found.push(this.#hashed(topic, image));
    }
    if (found.length === 0) return 0;
    found.sort((one, other) => (one.topic.name < other.topic.name ? -1 : 1));
    const bytes = Buffer.alloc(found.length * 8);
    found.forEach(({ hash }, index) => bytes.writeBigUInt64LE(hash, index * 8));
    return toInt64(BigInt.asIntN(64, xxh3(bytes)));
  }

  #hashed(topic: TopicImage, image: MetadataImage): HashedTopic {
    const known = this.#known.get(topic.name);
    if (known?.topic === topic) return known;
    const hashed = { topic, hash: xxh3(topicBytes(topic, image)) };
    this.#known.set(topic.name, hashed);
    return hashed;
  }
}

/** What is hashed of a topic: the numbers in little endian order, as hash4j puts them, names in UTF-16. */
function topicBytes({ id, name, partitions }: TopicImage, { cluster }: MetadataImage): Buffer {
  const parts = [Buffer.from([TOPIC_HASH_VERSION]), swappedHalves(id), text(name), int32(partitions.length)];
  for (const { partition, replicas } of partitions) {
    parts.push(int32(partition));
    const racks = replicas.flatMap((broker) => cluster.brokers.get(broker)?.rack ?? []);
    for (const rack of racks.sort()) parts.push(int32(rack.length), text(rack));
  }
  return Buffer.concat(parts);
}

/** A uuid as its two longs, each in little endian order. */
const swappedHalves = (uuid: string): Buffer => Buffer.from(uuidToBytes(uuid)).swap64();

const text = (value: string): Buffer => Buffer.concat([Buffer.from(value, 'utf16le'), int32(value.length)]);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
