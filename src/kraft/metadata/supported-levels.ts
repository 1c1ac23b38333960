// Whether a node of ours may take part in a cluster with these feature levels. A refusal names the level and what to do.
import { METADATA_VERSION, SUPPORTED_FEATURES } from './image/features-image.ts';
import { LATEST_METADATA_VERSION, metadataVersionName, MINIMUM_METADATA_VERSION } from './image/metadata-versions.ts';

/** The directory belongs to a cluster that asks for more, or less, than we know. */
export class UnsupportedLevelError extends Error {
  override readonly name = 'UnsupportedLevelError';
}

/** `levels` by feature, metadata.version and kraft.version included. Throws UnsupportedLevelError. */
export function checkLevels(directory: string, levels: ReadonlyMap<string, number>): void {
  for (const [feature, level] of levels) {
    if (level === 0) continue;
    const known = SUPPORTED_FEATURES.find(({ name }) => name === feature);
    const [least, most] = [known?.minSupportedVersion ?? 0, known?.maxSupportedVersion ?? 0];
    if (level >= least && level <= most) continue;
    throw new UnsupportedLevelError(
      feature === METADATA_VERSION
        ? metadataVersionFault(directory, level)
        : `${directory} belongs to a cluster with ${feature} ${level}, which this version does not know ` +
            `(it knows ${least} to ${most}): start it with a newer version, or with the Kafka that raised the level and ` +
            `lower it there (kafka-features.sh downgrade --feature ${feature}=${most})`,
    );
  }
}

function metadataVersionFault(directory: string, level: number): string {
  const least = `${MINIMUM_METADATA_VERSION} (${metadataVersionName(MINIMUM_METADATA_VERSION)})`;
  const most = `${LATEST_METADATA_VERSION} (${metadataVersionName(LATEST_METADATA_VERSION)})`;
  const whatToDo =
    level < MINIMUM_METADATA_VERSION
      ? 'start Apache Kafka 3.9 on it and raise the level there (kafka-features.sh upgrade --metadata 3.9)'
      : 'start it with a newer version, or with the Kafka that raised the level and lower it there, if it lets you ' +
        `(kafka-features.sh downgrade --release-version ${metadataVersionName(LATEST_METADATA_VERSION)})`;
  return `${directory} has metadata.version ${level}; this version knows ${least} to ${most}: ${whatToDo}`;
}

/** Records that we cannot read: nobody of the levels that we know wrote them. */
export function newerRecordsFault(directory: string, record: string): UnsupportedLevelError {
  return new UnsupportedLevelError(
    `${directory} holds ${record}, which no metadata.version up to ${LATEST_METADATA_VERSION} ` +
      `(${metadataVersionName(LATEST_METADATA_VERSION)}) has: a newer Kafka has written it; start it with a newer version`,
  );
}
