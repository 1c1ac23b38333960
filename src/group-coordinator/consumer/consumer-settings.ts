// What consumer groups are told by configs as they are now: those of the broker, and those of a group, kept to the bounds that the
// broker sets (Kafka: GroupConfig.evaluate).
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { assignorNameOf, type GroupCoordinatorConfig } from '../group-coordinator-config.ts';
import { groupSetting } from '../group-setting.ts';

export class ConsumerSettings {
  readonly #config: () => GroupCoordinatorConfig;

  constructor(config: () => GroupCoordinatorConfig) {
    this.#config = config;
  }

  get maxSize(): number {
    return this.#config().groupConsumerMaxSize;
  }
  get regexRefreshIntervalMs(): number {
    return this.#config().groupConsumerRegexRefreshIntervalMs;
  }
  /** Names of assignors that members may ask for; the first is that of groups whose members ask for none. */
  get assignors(): readonly string[] {
    return this.#config().groupConsumerAssignors.map(assignorNameOf);
  }
  /** Classic groups become consumer groups when a member with the consumer protocol joins. */
  get isUpgradeEnabled(): boolean {
    return this.#policy === 'bidirectional' || this.#policy === 'upgrade';
  }
  /** Consumer groups become classic groups when the last member with the consumer protocol has left. */
  get isDowngradeEnabled(): boolean {
    return this.#policy === 'bidirectional' || this.#policy === 'downgrade';
  }
  /** Neither, and no classic member joins a consumer group. */
  get isMigrationDisabled(): boolean {
    return this.#policy === 'disabled';
  }
  get #policy(): string {
    return this.#config().groupConsumerMigrationPolicy.toLowerCase();
  }

  sessionTimeoutMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupConsumerMinSessionTimeoutMs, config.groupConsumerMaxSessionTimeoutMs] as const;
    return groupSetting(groupId, 'consumer.session.timeout.ms', image, bounds) ?? config.groupConsumerSessionTimeoutMs;
  }
  heartbeatIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupConsumerMinHeartbeatIntervalMs, config.groupConsumerMaxHeartbeatIntervalMs] as const;
    return (
      groupSetting(groupId, 'consumer.heartbeat.interval.ms', image, bounds) ?? config.groupConsumerHeartbeatIntervalMs
    );
  }
  assignmentIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupConsumerMinAssignmentIntervalMs, config.groupConsumerMaxAssignmentIntervalMs] as const;
    return (
      groupSetting(groupId, 'consumer.assignment.interval.ms', image, bounds) ??
      config.groupConsumerAssignmentIntervalMs
    );
  }
}
