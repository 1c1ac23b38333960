// What streams groups are told by configs as they are now: those of the broker, and those of a group, kept to the bounds that the
// broker sets (Kafka: GroupConfig.evaluate).
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { ConfigOf } from '../../runtime/index.ts';
import { groupSetting } from '../group-setting.ts';
import type { KeyValue } from './streams-member.ts';
import type { streamsGroupConfig } from './streams-config.ts';

type StreamsGroupConfig = ConfigOf<typeof streamsGroupConfig>;

export class StreamsSettings {
  readonly #config: () => StreamsGroupConfig;

  constructor(config: () => StreamsGroupConfig) {
    this.#config = config;
  }

  get maxSize(): number {
    return this.#config().groupStreamsMaxSize;
  }

  sessionTimeoutMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupStreamsMinSessionTimeoutMs, config.groupStreamsMaxSessionTimeoutMs] as const;
    return groupSetting(groupId, 'streams.session.timeout.ms', image, bounds) ?? config.groupStreamsSessionTimeoutMs;
  }
  heartbeatIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupStreamsMinHeartbeatIntervalMs, config.groupStreamsMaxHeartbeatIntervalMs] as const;
    return (
      groupSetting(groupId, 'streams.heartbeat.interval.ms', image, bounds) ?? config.groupStreamsHeartbeatIntervalMs
    );
  }
  assignmentIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupStreamsMinAssignmentIntervalMs, config.groupStreamsMaxAssignmentIntervalMs] as const;
    return (
      groupSetting(groupId, 'streams.assignment.interval.ms', image, bounds) ?? config.groupStreamsAssignmentIntervalMs
    );
  }
  initialRebalanceDelayMs(groupId: string, image: MetadataImage): number {
    const delayMs = groupSetting(groupId, 'streams.initial.rebalance.delay.ms', image, [0, Number.POSITIVE_INFINITY]);
    return delayMs ?? this.#config().groupStreamsInitialRebalanceDelayMs;
  }
  standbyReplicas(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [0, config.groupStreamsMaxStandbyReplicas] as const;
    return (
      groupSetting(groupId, 'streams.num.standby.replicas', image, bounds) ?? config.groupStreamsNumStandbyReplicas
    );
  }
  /** What the assignor is told, as it is written down with the epoch: a change of it is a reason to assign again. */
  assignmentConfigs(groupId: string, image: MetadataImage): KeyValue[] {
    return [{ key: 'num.standby.replicas', value: String(this.standbyReplicas(groupId, image)) }];
  }
}
