// The assignor `sticky` of streams groups (KIP-1071; Kafka: StickyTaskAssignor). Active tasks stay with the member that has them,
// or go to one that has a standby of them, as far as all get as many; the rest goes to whoever has least. Standby tasks of
// stateful subtopologies then go by the same rules to processes that do not have the task. Neither client tags nor racks nor
// warm-up tasks play a part.
import { hashOrderOfTexts } from '../../protocol/index.ts';
import { AssignorError } from './assignor.ts';
import { LeastLoaded } from './least-loaded.ts';
import { type StreamMember, StreamProcess, type Task, taskName } from './stream-process.ts';
import type { SubtopologySpec, TaskAssignor, TaskGroupSpec, Tasks, TasksTuple } from './task-assignor.ts';

export const stickyTaskAssignor: TaskAssignor = (spec) => {
  const run = new StickyRun(spec);
  run.assignActive();
  run.assignStandby();
  return run.targets();
};

/** How many tasks a member is to have: an equal share of what those that are full have left over. */
class Share {
  #tasks: number;
  #members: number;
  #perMember: number;

  constructor(tasks: number, members: number) {
    this.#tasks = tasks;
    this.#members = members;
    this.#perMember = perMember(tasks, members);
  }
  hasRoom({ taskCount }: StreamMember): boolean {
    return taskCount < this.#perMember;
  }
  /** A member has `taskCount` tasks now. */
  count({ taskCount }: StreamMember): void {
    if (taskCount !== this.#perMember) return;
    this.#members -= 1;
    this.#tasks -= taskCount;
    this.#perMember = perMember(this.#tasks, this.#members);
  }
}

const perMember = (tasks: number, members: number): number => (members === 0 ? 0 : Math.ceil(tasks / members));

class StickyRun {
  readonly #standbyReplicas: number;
  readonly #subtopologies: readonly SubtopologySpec[];
  readonly #members = new Map<string, StreamMember>();
  readonly #processes = new Map<string, StreamProcess>();
  /** Who had the task, by its name. */
  readonly #activeBefore = new Map<string, StreamMember>();
  readonly #standbyBefore = new Map<string, StreamMember[]>();
  readonly #activeShare: Share;
  /** Of active and standby tasks together. */
  readonly #share: Share;

  constructor({ members, subtopologies, standbyReplicas }: TaskGroupSpec) {
    this.#subtopologies = subtopologies;
    this.#standbyReplicas = standbyReplicas;
    let active = 0;
    let stateful = 0;
    for (const { taskCount, isStateful } of subtopologies) {
      active += taskCount;
      if (isStateful) stateful += taskCount;
    }
    this.#activeShare = new Share(active, members.size);
    this.#share = new Share(active + stateful * standbyReplicas, members.size);
    for (const [memberId, { processId, target }] of members) {
      const process = this.#processes.get(processId) ?? new StreamProcess();
      this.#processes.set(processId, process);
      const member = process.newMember(memberId);
      this.#members.set(memberId, member);
      for (const name of namesOf(target.active)) this.#activeBefore.set(name, member);
      for (const name of namesOf(target.standby)) {
        const known = this.#standbyBefore.get(name);
        if (known === undefined) this.#standbyBefore.set(name, [member]);
        else known.push(member);
      }
    }
  }

  assignActive(): void {
    const tasks = this.#tasks(() => true).sort(byPartition);
    const moved = tasks.filter((task) => !this.#keepActive(this.#activeBefore.get(taskName(task)), task));
    const rest = moved.filter((task) => !this.#keepActive(this.#leastLoadedStandby(task, false), task));
    const processes = this.#processesByLoad();
    for (const task of rest.sort(bySubtopology)) {
      const process = processes.take();
      if (process === undefined)
        throw new AssignorError(`No process available to assign active task ${taskName(task)}.`);
      this.#countActive(process.addToLeastLoaded(task, 'active'));
      processes.add(process);
    }
  }

  assignStandby(): void {
    if (this.#standbyReplicas <= 0) return;
    const tasks = this.#tasks(({ isStateful }) => isStateful).sort((one, other) => byPartition(other, one));
    const rest: { readonly task: Task; readonly replicas: number }[] = [];
    for (const task of tasks) {
      let replicas = this.#standbyReplicas;
      while (replicas > 0 && this.#keepStandby(task)) replicas -= 1;
      if (replicas > 0) rest.push({ task, replicas });
    }
    const processes = this.#processesByLoad();
    for (const { task, replicas } of rest.sort((one, other) => bySubtopology(other.task, one.task)))
      for (let i = 0; i < replicas && this.#giveStandby(processes, task); i++);
  }

  targets(): Map<string, TasksTuple> {
    return new Map(Array.from(this.#members, ([memberId, member]) => [memberId, member.target]));
  }

  #tasks(isWanted: (subtopology: SubtopologySpec) => boolean): Task[] {
    const tasks: Task[] = [];
    for (const subtopology of this.#subtopologies) {
      if (!isWanted(subtopology)) continue;
      for (let partition = 0; partition < subtopology.taskCount; partition++)
        tasks.push({ subtopologyId: subtopology.id, partition });
    }
    return tasks;
  }
  /** Of those with the same load the first is as Kafka's map has them, which is made for as many processes as there are members. */
  #processesByLoad(): LeastLoaded<StreamProcess> {
    const order = hashOrderOfTexts(this.#processes.keys(), this.#members.size);
    return new LeastLoaded(
      order.map((processId) => this.#processes.get(processId) as StreamProcess),
      ({ load }) => load,
    );
  }

  /** Whether the member got the task. */
  #keepActive(member: StreamMember | undefined, task: Task): boolean {
    if (member === undefined || !this.#activeShare.hasRoom(member)) return false;
    member.process.addTo(member, task, 'active');
    this.#countActive(member);
    return true;
  }
  #countActive(member: StreamMember): void {
    this.#activeShare.count(member);
    this.#share.count(member);
  }

  /** Whether a member that had the task got a standby of it. */
  #keepStandby(task: Task): boolean {
    const active = this.#activeBefore.get(taskName(task));
    const candidates = [active?.process.has(task) === false ? active : undefined, this.#leastLoadedStandby(task, true)];
    for (const member of candidates) {
      if (member === undefined || !this.#share.hasRoom(member)) continue;
      member.process.addTo(member, task, 'standby');
      this.#share.count(member);
      return true;
    }
    return false;
  }

  /** Whether a process that does not have the task got a standby of it; those that do are passed over. */
  #giveStandby(processes: LeastLoaded<StreamProcess>, task: Task): boolean {
    const taken: StreamProcess[] = [];
    let process = processes.take();
    while (process?.has(task) === true) {
      taken.push(process);
      process = processes.take();
    }
    if (process !== undefined) {
      this.#share.count(process.addToLeastLoaded(task, 'standby'));
      taken.push(process);
    }
    for (const each of taken.reverse()) processes.add(each);
    return process !== undefined;
  }

  /**
   * Of those that had a standby of the task the one with the least load. `isAnother`: its process does not have the task; nobody
   * when the first of them has it, as in Kafka: a standby then goes where there is most room, not where its state is.
   */
  #leastLoadedStandby(task: Task, isAnother: boolean): StreamMember | undefined {
    const [first, ...others] = this.#standbyBefore.get(taskName(task)) ?? [];
    if (first === undefined || (isAnother && first.process.has(task))) return undefined;
    let least = first;
    let load = first.process.load;
    for (const member of others) {
      if (isAnother && member.process.has(task)) continue;
      if (member.process.load >= load || member.taskCount >= least.taskCount) continue;
      least = member;
      load = member.process.load;
    }
    return least;
  }
}

function* namesOf(tasks: Tasks): Generator<string> {
  for (const [subtopologyId, partitions] of tasks)
    for (const partition of partitions) yield taskName({ subtopologyId, partition });
}

const compareIds = (one: Task, other: Task): number =>
  one.subtopologyId < other.subtopologyId ? -1 : one.subtopologyId > other.subtopologyId ? 1 : 0;
const byPartition = (one: Task, other: Task): number => one.partition - other.partition || compareIds(one, other);
const bySubtopology = (one: Task, other: Task): number => compareIds(one, other) || one.partition - other.partition;
