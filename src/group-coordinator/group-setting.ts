// A config of one group that is a number (ConfigResource GROUP), kept to the bounds that the broker sets now (Kafka:
// GroupConfig.evaluate).
import { type MetadataImage, RESOURCE_GROUP } from '../kraft/metadata/index.ts';

/** undefined: not set for the group. */
export function groupSetting(
  groupId: string,
  name: string,
  { configs }: MetadataImage,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = configs.get(RESOURCE_GROUP, groupId).get(name);
  return text === undefined ? undefined : Math.max(least, Math.min(most, Number(text)));
}
