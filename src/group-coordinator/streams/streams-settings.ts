// What streams groups are told by configs as they are now: those of the broker, and those of a group, kept to the bounds that the
// broker sets (Kafka: GroupConfig.evaluate).
import { type MetadataImage, RESOURCE_GROUP } from '../../kraft/metadata/index.ts';
import type { ConfigOf } from '../../runtime/index.ts';
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
    return ofGroup(groupId, 'streams.session.timeout.ms', image, bounds) ?? config.groupStreamsSessionTimeoutMs;
  }
  heartbeatIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupStreamsMinHeartbeatIntervalMs, config.groupStreamsMaxHeartbeatIntervalMs] as const;
    return ofGroup(groupId, 'streams.heartbeat.interval.ms', image, bounds) ?? config.groupStreamsHeartbeatIntervalMs;
  }
  assignmentIntervalMs(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [config.groupStreamsMinAssignmentIntervalMs, config.groupStreamsMaxAssignmentIntervalMs] as const;
    return ofGroup(groupId, 'streams.assignment.interval.ms', image, bounds) ?? config.groupStreamsAssignmentIntervalMs;
  }
  initialRebalanceDelayMs(groupId: string, image: MetadataImage): number {
    const delayMs = ofGroup(groupId, 'streams.initial.rebalance.delay.ms', image, [0, Number.POSITIVE_INFINITY]);
    return delayMs ?? this.#config().groupStreamsInitialRebalanceDelayMs;
  }
  standbyReplicas(groupId: string, image: MetadataImage): number {
    const config = this.#config();
    const bounds = [0, config.groupStreamsMaxStandbyReplicas] as const;
    return ofGroup(groupId, 'streams.num.standby.replicas', image, bounds) ?? config.groupStreamsNumStandbyReplicas;
  }
  /** What the assignor is told, as it is written down with the epoch: a change of it is a reason to assign again. */
  assignmentConfigs(groupId: string, image: MetadataImage): KeyValue[] {
    return [{ key: 'num.standby.replicas', value: String(this.standbyReplicas(groupId, image)) }];
  }
}

/** undefined: not set for the group. */
function ofGroup(
  groupId: string,
  name: string,
  { configs }: MetadataImage,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = configs.get(RESOURCE_GROUP, groupId).get(name);
  return text === undefined ? undefined : Math.max(least, Math.min(most, Number(text)));
}
