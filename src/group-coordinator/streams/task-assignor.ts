// What an assignor of tasks is (Kafka: TaskAssignor): a pure function from members and subtopologies to who is to have which task.
import type { TasksTuple } from './tasks.ts';
import type { KeyValue } from './streams-member.ts';

/** One member, as an assignor sees it. */
export interface TaskMemberSpec {
  readonly processId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientTags: readonly KeyValue[];
  /** Its target as it is. */
  readonly target: TasksTuple;
}

export interface SubtopologySpec {
  readonly id: string;
  readonly taskCount: number;
  /** It keeps state, of which there may be standbys. */
  readonly isStateful: boolean;
}

export interface TaskGroupSpec {
  readonly members: ReadonlyMap<string, TaskMemberSpec>;
  readonly subtopologies: readonly SubtopologySpec[];
  readonly standbyReplicas: number;
}

/** Targets by member id; who is left out gets nothing. Throws KafkaError. */
export type TaskAssignor = (spec: TaskGroupSpec) => ReadonlyMap<string, TasksTuple>;
