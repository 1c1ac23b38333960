// What an assignor of streams groups is (KIP-1071; Kafka: TaskAssignor): a pure function from members and subtopologies to who
// is to have which task. A task is a partition of a subtopology; its state may have replicas, the standby tasks.

/** Partitions by subtopology id. */
export type Tasks = ReadonlyMap<string, ReadonlySet<number>>;

export interface TasksTuple {
  readonly active: Tasks;
  readonly standby: Tasks;
  /** Never given by an assignor of Apache Kafka 4.3. */
  readonly warmup: Tasks;
}

export interface TaskMemberSpec {
  /** Members of one process share its memory and its disk. */
  readonly processId: string;
  /** Its target as it is. */
  readonly target: TasksTuple;
}

export interface SubtopologySpec {
  readonly id: string;
  readonly taskCount: number;
  /** It keeps state, of which there may be standby tasks. */
  readonly isStateful: boolean;
}

export interface TaskGroupSpec {
  readonly members: ReadonlyMap<string, TaskMemberSpec>;
  readonly subtopologies: readonly SubtopologySpec[];
  /** Standby tasks that each task with state is to have (num.standby.replicas). */
  readonly standbyReplicas: number;
}

/** Targets by member id, of all members. Throws AssignorError when there is nobody to give tasks to. */
export type TaskAssignor = (spec: TaskGroupSpec) => ReadonlyMap<string, TasksTuple>;
