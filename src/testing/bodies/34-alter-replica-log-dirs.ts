// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AlterReplicaLogDirsDirsTopics {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AlterReplicaLogDirsDirs {
  readonly path: string;
  readonly topics: readonly AlterReplicaLogDirsDirsTopics[];
}

export interface AlterReplicaLogDirsRequest {
  readonly dirs: readonly AlterReplicaLogDirsDirs[];
}
