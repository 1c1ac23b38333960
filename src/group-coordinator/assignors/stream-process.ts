// A process of a streams group while tasks are given out: its members, what they have, and how much that is (Kafka:
// ProcessState). The load of a process is its number of tasks for each of its members.
import { hashOrderOfTexts } from '../../protocol/index.ts';
import { LeastLoaded } from './least-loaded.ts';
import type { TasksTuple } from './task-assignor.ts';

export interface Task {
  readonly subtopologyId: string;
  readonly partition: number;
}

/** As Kafka writes it. */
export const taskName = ({ subtopologyId, partition }: Task): string => `${subtopologyId}_${partition}`;

export type TaskRole = 'active' | 'standby';

export class StreamMember {
  readonly process: StreamProcess;
  readonly #tasks = { active: new Map<string, Set<number>>(), standby: new Map<string, Set<number>>() };
  #taskCount = 0;

  constructor(process: StreamProcess) {
    this.process = process;
  }

  get taskCount(): number {
    return this.#taskCount;
  }
  get target(): TasksTuple {
    return { ...this.#tasks, warmup: new Map() };
  }
  /** Only its process says what it gets. */
  add({ subtopologyId, partition }: Task, role: TaskRole): void {
    const tasks = this.#tasks[role];
    const known = tasks.get(subtopologyId);
    if (known === undefined) tasks.set(subtopologyId, new Set([partition]));
    else known.add(partition);
    this.#taskCount += 1;
  }
}

export class StreamProcess {
  readonly #members = new Map<string, StreamMember>();
  /** Names of the tasks that its members have. */
  readonly #tasks = new Set<string>();
  #taskCount = 0;
  #byLoad: LeastLoaded<StreamMember> | undefined;

  newMember(memberId: string): StreamMember {
    const member = new StreamMember(this);
    this.#members.set(memberId, member);
    return member;
  }
  get load(): number {
    return this.#taskCount / this.#members.size;
  }
  has(task: Task): boolean {
    return this.#tasks.has(taskName(task));
  }

  /** Gives the task to a member of this process. */
  addTo(member: StreamMember, task: Task, role: TaskRole): void {
    this.#byLoad = undefined;
    this.#add(member, task, role);
  }
  /** Gives the task to the member that has least, and returns that member. */
  addToLeastLoaded(task: Task, role: TaskRole): StreamMember {
    this.#byLoad ??= new LeastLoaded(this.#inHashOrder(), ({ taskCount }) => taskCount);
    // A process has a member as soon as it is there.
    const member = this.#byLoad.take() as StreamMember;
    this.#add(member, task, role);
    this.#byLoad.add(member);
    return member;
  }

  #inHashOrder(): StreamMember[] {
    return hashOrderOfTexts(this.#members.keys()).map((memberId) => this.#members.get(memberId) as StreamMember);
  }

  #add(member: StreamMember, task: Task, role: TaskRole): void {
    member.add(task, role);
    this.#tasks.add(taskName(task));
    this.#taskCount += 1;
  }
}
