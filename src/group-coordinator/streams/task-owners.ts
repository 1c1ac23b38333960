// Which processes have which tasks, as far as their members have not given them up (Kafka: StreamsGroup,
// currentActiveTaskToProcessId and its like). A process has one directory of state: nothing of a task may be in it twice.
import type { StreamsMember } from './streams-member.ts';
import type { Tasks, TasksTupleWithEpochs } from './tasks.ts';

type ByTask<T> = Map<string, Map<number, T>>;

export class TaskOwners {
  readonly #active: ByTask<string> = new Map();
  /** Members of each process that have the task. */
  readonly #standby: ByTask<Map<string, number>> = new Map();
  readonly #warmup: ByTask<Map<string, number>> = new Map();

  add({ processId, assigned, pendingRevocation }: StreamsMember): void {
    this.#add(processId, assigned);
    this.#add(processId, pendingRevocation);
  }
  remove({ processId, assigned, pendingRevocation }: StreamsMember): void {
    this.#remove(processId, assigned);
    this.#remove(processId, pendingRevocation);
  }

  /** undefined: nobody has the active task. */
  active(subtopologyId: string, partition: number): string | undefined {
    return this.#active.get(subtopologyId)?.get(partition);
  }
  hasStandby(subtopologyId: string, partition: number, processId: string): boolean {
    return this.#standby.get(subtopologyId)?.get(partition)?.has(processId) ?? false;
  }
  hasWarmup(subtopologyId: string, partition: number, processId: string): boolean {
    return this.#warmup.get(subtopologyId)?.get(partition)?.has(processId) ?? false;
  }
  /** The process has the task in whatever role. */
  has(subtopologyId: string, partition: number, processId: string): boolean {
    return (
      this.active(subtopologyId, partition) === processId ||
      this.hasStandby(subtopologyId, partition, processId) ||
      this.hasWarmup(subtopologyId, partition, processId)
    );
  }

  #add(processId: string, { active, standby, warmup }: TasksTupleWithEpochs): void {
    for (const [subtopologyId, partitions] of active) {
      const owners = childOf(this.#active, subtopologyId);
      for (const partition of partitions.keys()) owners.set(partition, processId);
    }
    count(this.#standby, processId, standby, 1);
    count(this.#warmup, processId, warmup, 1);
  }

  #remove(processId: string, { active, standby, warmup }: TasksTupleWithEpochs): void {
    for (const [subtopologyId, partitions] of active) {
      const owners = this.#active.get(subtopologyId);
      if (owners === undefined) continue;
      // Another process may have it by now.
      for (const partition of partitions.keys()) if (owners.get(partition) === processId) owners.delete(partition);
      if (owners.size === 0) this.#active.delete(subtopologyId);
    }
    count(this.#standby, processId, standby, -1);
    count(this.#warmup, processId, warmup, -1);
  }
}

function childOf<K, T>(parents: Map<string, Map<K, T>>, key: string): Map<K, T> {
  let child = parents.get(key);
  if (child === undefined) {
    child = new Map();
    parents.set(key, child);
  }
  return child;
}

function count(counts: ByTask<Map<string, number>>, processId: string, tasks: Tasks, by: 1 | -1): void {
  for (const [subtopologyId, partitions] of tasks) {
    const byPartition = childOf(counts, subtopologyId);
    for (const partition of partitions) {
      const processes = byPartition.get(partition) ?? new Map<string, number>();
      const members = (processes.get(processId) ?? 0) + by;
      if (members > 0) processes.set(processId, members);
      else processes.delete(processId);
      if (processes.size > 0) byPartition.set(partition, processes);
      else byPartition.delete(partition);
    }
    if (byPartition.size === 0) counts.delete(subtopologyId);
  }
}
