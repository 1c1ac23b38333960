// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AssignReplicasToDirsDirectoriesTopicsPartitions {
  readonly partitionIndex: number;
}

export interface AssignReplicasToDirsDirectoriesTopics {
  readonly topicId: string;
  readonly partitions: readonly AssignReplicasToDirsDirectoriesTopicsPartitions[];
}

export interface AssignReplicasToDirsDirectories {
  readonly id: string;
  readonly topics: readonly AssignReplicasToDirsDirectoriesTopics[];
}

export interface AssignReplicasToDirsRequest {
  readonly brokerId: number;
  readonly brokerEpoch: number;
  readonly directories: readonly AssignReplicasToDirsDirectories[];
}
