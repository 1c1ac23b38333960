// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface StreamsGroupHeartbeatTopologySubtopologiesStateChangelogTopicsTopicConfigs {
  readonly key: string;
  readonly value: string;
}

export interface StreamsGroupHeartbeatTopologySubtopologiesStateChangelogTopics {
  readonly name: string;
  readonly partitions: number;
  /** 0 for the default. */
  readonly replicationFactor: number;
  readonly topicConfigs: readonly StreamsGroupHeartbeatTopologySubtopologiesStateChangelogTopicsTopicConfigs[];
}

export interface StreamsGroupHeartbeatTopologySubtopologiesRepartitionSourceTopicsTopicConfigs {
  readonly key: string;
  readonly value: string;
}

export interface StreamsGroupHeartbeatTopologySubtopologiesRepartitionSourceTopics {
  readonly name: string;
  readonly partitions: number;
  /** 0 for the default. */
  readonly replicationFactor: number;
  readonly topicConfigs: readonly StreamsGroupHeartbeatTopologySubtopologiesRepartitionSourceTopicsTopicConfigs[];
}

export interface StreamsGroupHeartbeatTopologySubtopologiesCopartitionGroups {
  readonly sourceTopics: readonly number[];
  readonly sourceTopicRegex: readonly number[];
  readonly repartitionSourceTopics: readonly number[];
}

export interface StreamsGroupHeartbeatTopologySubtopologies {
  readonly subtopologyId: string;
  readonly sourceTopics: readonly string[];
  readonly sourceTopicRegex: readonly string[];
  readonly stateChangelogTopics: readonly StreamsGroupHeartbeatTopologySubtopologiesStateChangelogTopics[];
  readonly repartitionSinkTopics: readonly string[];
  readonly repartitionSourceTopics: readonly StreamsGroupHeartbeatTopologySubtopologiesRepartitionSourceTopics[];
  /** Topics that must have the same number of partitions. */
  readonly copartitionGroups: readonly StreamsGroupHeartbeatTopologySubtopologiesCopartitionGroups[];
}

export interface StreamsGroupHeartbeatTopology {
  readonly epoch: number;
  readonly subtopologies: readonly StreamsGroupHeartbeatTopologySubtopologies[];
}

export interface StreamsGroupHeartbeatActiveTasks {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export interface StreamsGroupHeartbeatStandbyTasks {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export interface StreamsGroupHeartbeatWarmupTasks {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export interface StreamsGroupHeartbeatUserEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface StreamsGroupHeartbeatClientTags {
  readonly key: string;
  readonly value: string;
}

export interface StreamsGroupHeartbeatTaskOffsets {
  readonly subtopologyId: string;
  readonly partition: number;
  readonly offset: number;
}

export interface StreamsGroupHeartbeatTaskEndOffsets {
  readonly subtopologyId: string;
  readonly partition: number;
  readonly offset: number;
}

export interface StreamsGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  /** 0 joins, -1 leaves, -2 leaves for a while (static member). */
  readonly memberEpoch: number;
  /** Counts the changes of partitionsByUserEndpoint. */
  readonly endpointInformationEpoch: number;
  /** Set for static members (KIP-345). */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** How long members may take to join again, or to give up partitions. */
  readonly rebalanceTimeoutMs: number;
  readonly topology: StreamsGroupHeartbeatTopology | null;
  readonly activeTasks: readonly StreamsGroupHeartbeatActiveTasks[] | null;
  readonly standbyTasks: readonly StreamsGroupHeartbeatStandbyTasks[] | null;
  readonly warmupTasks: readonly StreamsGroupHeartbeatWarmupTasks[] | null;
  /** One per process: its members share state directories. */
  readonly processId: string | null;
  readonly userEndpoint: StreamsGroupHeartbeatUserEndpoint | null;
  /** Used for rack-aware assignment. */
  readonly clientTags: readonly StreamsGroupHeartbeatClientTags[] | null;
  /** How far the state stores of the member are. */
  readonly taskOffsets: readonly StreamsGroupHeartbeatTaskOffsets[] | null;
  /** End offsets of the changelogs. */
  readonly taskEndOffsets: readonly StreamsGroupHeartbeatTaskEndOffsets[] | null;
  /** true: the whole application shall stop. */
  readonly shutdownApplication: boolean;
}
