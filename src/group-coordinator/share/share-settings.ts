// What share groups are told by configs as they are now: those of the broker, and those of a group, kept to the bounds that the
// broker sets (Kafka: GroupConfig, ShareGroupConfig).
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { GroupCoordinatorConfig } from '../group-coordinator-config.ts';
import { groupSetting } from '../group-setting.ts';

export class ShareSettings {
  readonly #config: () => GroupCoordinatorConfig;

  constructor(config: () => GroupCoordinatorConfig) {
    this.#config = config;
  }

  get maxSize(): number {
    return this.#config().groupShareMaxSize;
  }
  /** State that was asked to be set up and is not is asked for again after this time. */
  get initializeRetryIntervalMs(): number {
    return this.#config().groupShareInitializeRetryIntervalMs;
  }
  sessionTimeoutMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupShareMinSessionTimeoutMs, config.groupShareMaxSessionTimeoutMs] as const;
    return groupSetting(groupId, 'share.session.timeout.ms', image, bounds) ?? config.groupShareSessionTimeoutMs;
  }
  heartbeatIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupShareMinHeartbeatIntervalMs, config.groupShareMaxHeartbeatIntervalMs] as const;
    return groupSetting(groupId, 'share.heartbeat.interval.ms', image, bounds) ?? config.groupShareHeartbeatIntervalMs;
  }
  assignmentIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupShareMinAssignmentIntervalMs, config.groupShareMaxAssignmentIntervalMs] as const;
    return (
      groupSetting(groupId, 'share.assignment.interval.ms', image, bounds) ?? config.groupShareAssignmentIntervalMs
    );
  }
}
