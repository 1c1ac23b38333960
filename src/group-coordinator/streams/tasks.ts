// Tasks of a streams group: a subtopology and a partition each (Kafka: TasksTuple, TasksTupleWithEpochs). Active tasks that a
// member has know the epoch in which they were assigned (KIP-1251).

import type { Tasks, TasksTuple } from '../assignors/index.ts';

export type { Tasks, TasksTuple };
/** Partitions by subtopology id, each with the epoch in which it was assigned. No map is empty. */
export type TasksWithEpochs = ReadonlyMap<string, ReadonlyMap<number, number>>;

export interface TasksTupleWithEpochs {
  readonly active: TasksWithEpochs;
  readonly standby: Tasks;
  readonly warmup: Tasks;
}

/** Tasks as messages have them. */
export interface TaskIds {
  readonly subtopologyId: string;
  readonly partitions: number[];
}
export interface TaskIdsWithEpochs extends TaskIds {
  readonly assignmentEpochs: number[] | null;
}

const NONE: Tasks = new Map();
export const NO_TASKS: TasksTuple & TasksTupleWithEpochs = { active: new Map(), standby: NONE, warmup: NONE };

/** Rows of one subtopology are taken together. */
export function tasksOf(rows: readonly TaskIds[]): Tasks {
  const tasks = new Map<string, Set<number>>();
  for (const { subtopologyId, partitions } of rows) {
    if (partitions.length === 0) continue;
    const known = tasks.get(subtopologyId);
    if (known === undefined) tasks.set(subtopologyId, new Set(partitions));
    else for (const partition of partitions) known.add(partition);
  }
  return tasks;
}

/** `epoch`: of tasks of which none is written down. */
export function tasksWithEpochsOf(rows: readonly TaskIdsWithEpochs[], epoch: number): TasksWithEpochs {
  const tasks = new Map<string, Map<number, number>>();
  for (const { subtopologyId, partitions, assignmentEpochs } of rows) {
    if (partitions.length === 0) continue;
    const epochs = assignmentEpochs?.length === partitions.length ? assignmentEpochs : undefined;
    tasks.set(subtopologyId, new Map(partitions.map((partition, index) => [partition, epochs?.[index] ?? epoch])));
  }
  return tasks;
}

const ascending = (one: number, other: number): number => one - other;

/** By subtopology, partitions in order: of tasks with and without epochs. */
export function taskIdsOf(tasks: ReadonlyMap<string, { keys(): Iterable<number> }>): TaskIds[] {
  return [...tasks.keys()].sort().map((subtopologyId) => {
    const partitions = [...(tasks.get(subtopologyId)?.keys() ?? [])].sort(ascending);
    return { subtopologyId, partitions };
  });
}

export function taskIdsWithEpochsOf(tasks: TasksWithEpochs): (TaskIds & { readonly assignmentEpochs: number[] })[] {
  return taskIdsOf(tasks).map(({ subtopologyId, partitions }) => {
    const epochs = tasks.get(subtopologyId);
    return { subtopologyId, partitions, assignmentEpochs: partitions.map((partition) => epochs?.get(partition) ?? 0) };
  });
}

export const isWithoutTasks = ({ active, standby, warmup }: TasksTuple | TasksTupleWithEpochs): boolean =>
  active.size + standby.size + warmup.size === 0;

export function sameTuple(one: TasksTuple, other: TasksTuple): boolean {
  return (
    sameTasks(one.active, other.active) && sameTasks(one.standby, other.standby) && sameTasks(one.warmup, other.warmup)
  );
}

/** The epochs of active tasks count too. */
export function sameTupleWithEpochs(one: TasksTupleWithEpochs, other: TasksTupleWithEpochs): boolean {
  if (one === other) return true;
  if (!sameTasks(one.standby, other.standby) || !sameTasks(one.warmup, other.warmup)) return false;
  if (one.active.size !== other.active.size) return false;
  for (const [subtopologyId, epochs] of one.active) {
    const others = other.active.get(subtopologyId);
    if (others?.size !== epochs.size) return false;
    for (const [partition, epoch] of epochs) if (others.get(partition) !== epoch) return false;
  }
  return true;
}

function sameTasks(one: Tasks, other: Tasks): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [subtopologyId, partitions] of one) {
    const others = other.get(subtopologyId);
    if (others?.size !== partitions.size) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}

/** Whether `owned` has any of `others`, each kind for itself. */
export function containsAny(owned: TasksTuple, others: TasksTupleWithEpochs): boolean {
  return (
    haveCommon(owned.active, others.active) ||
    haveCommon(owned.standby, others.standby) ||
    haveCommon(owned.warmup, others.warmup)
  );
}

function haveCommon(owned: Tasks, others: ReadonlyMap<string, { has(partition: number): boolean }>): boolean {
  for (const [subtopologyId, partitions] of owned) {
    const pending = others.get(subtopologyId);
    if (pending === undefined) continue;
    for (const partition of partitions) if (pending.has(partition)) return true;
  }
  return false;
}

/** Whether all of `rows` are among `tasks`. */
export function areContained(
  rows: readonly TaskIds[],
  tasks: ReadonlyMap<string, { has(partition: number): boolean }>,
): boolean {
  return rows.every(({ subtopologyId, partitions }) => {
    const known = tasks.get(subtopologyId);
    return known !== undefined && partitions.every((partition) => known.has(partition));
  });
}
