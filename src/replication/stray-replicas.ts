// Logs that the log manager has opened and that are of no replica of this node (Kafka: LogManager.isStrayReplica): the topic was
// deleted, or the partition reassigned, while the node was away. Their directories are renamed, and their records stay.
import type { MetadataImage } from '../kraft/metadata/index.ts';
import type { LogManager } from '../log/index.ts';
import { DiskError, type Logger } from '../runtime/index.ts';

export function setStraysAside(logManager: LogManager, image: MetadataImage, nodeId: number, logger: Logger): void {
  const attempt = (topic: string, index: number, setAside: () => void): void => {
    try {
      setAside();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      const fields = { partition: `${topic}-${index}`, error: error.message };
      logger.log('error', 'a log that belongs to no topic stays where it is', fields);
    }
  };
  for (const { topic, partition, topicId } of logManager.futureLogs) {
    if (topicId !== undefined && isReplica(image, nodeId, topic, partition, topicId)) continue;
    attempt(topic, partition, () => logManager.futureLogs.setAside(topic, partition));
  }
  for (const { topic, partition, topicId } of logManager.logs()) {
    // One that is offline is a replica all the same.
    if (isReplica(image, nodeId, topic, partition, topicId)) continue;
    attempt(topic, partition, () => logManager.setAside(topic, partition));
  }
}

/** `topicId`: undefined for a log that does not know it. */
function isReplica(
  image: MetadataImage,
  nodeId: number,
  name: string,
  partition: number,
  topicId: string | undefined,
): boolean {
  const topic = image.topics.byName.get(name);
  if (topic === undefined || (topicId !== undefined && topicId !== topic.id)) return false;
  return topic.partitions[partition]?.replicas.includes(nodeId) === true;
}
