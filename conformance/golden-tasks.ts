// Checks golden lines about the task assignor of streams groups, as golden-assignors.ts does for the others.
import {
  AssignorError,
  stickyTaskAssignor,
  type TaskGroupSpec,
  type TaskMemberSpec,
  type Tasks,
  type TasksTuple,
} from '../src/group-coordinator/assignors/index.ts';
import { byName, differences, type Facts, type Range, sorted } from './golden-facts.ts';

type BySubtopology = Readonly<Record<string, readonly number[]>>;
interface TasksRow {
  readonly activeTasks: BySubtopology;
  readonly standbyTasks: BySubtopology;
  readonly warmupTasks: BySubtopology;
}

export interface TaskRow {
  readonly assignmentConfigs: Readonly<Record<string, string>>;
  readonly subtopologies: readonly { readonly id: string; readonly tasks: number; readonly stateful: boolean }[];
  readonly members: readonly (TasksRow & { readonly id: string; readonly processId: string })[];
  readonly assignment?: Readonly<Record<string, TasksRow>>;
  readonly orderSensitive?: boolean;
  readonly facts?: Facts;
  readonly varies?: Readonly<Record<string, Range>>;
  readonly error?: string;
  readonly message?: string;
}

export function checkTaskAssignor(row: TaskRow): string | undefined {
  let targets: ReadonlyMap<string, TasksTuple>;
  try {
    targets = stickyTaskAssignor(specOf(row));
  } catch (error) {
    if (!(error instanceof AssignorError)) throw error;
    return error.message === row.message ? undefined : `refused: ${error.message}`;
  }
  if (row.error !== undefined) return row.error === 'TaskAssignorException' ? 'Kafka refuses it, we assign' : undefined;
  const exact = row.orderSensitive === true ? undefined : exactDifference(row, targets);
  return exact ?? differences(row.facts as Facts, row.varies ?? {}, taskFactsOf(row, targets));
}

const tasksOf = (rows: BySubtopology): Tasks =>
  new Map(Object.entries(rows).map(([id, partitions]) => [id, new Set(partitions)]));
const tupleOf = ({ activeTasks, standbyTasks, warmupTasks }: TasksRow): TasksTuple => ({
  active: tasksOf(activeTasks),
  standby: tasksOf(standbyTasks),
  warmup: tasksOf(warmupTasks),
});

function specOf({ members, subtopologies, assignmentConfigs }: TaskRow): TaskGroupSpec {
  return {
    members: new Map(
      members.map((member): [string, TaskMemberSpec] => {
        return [member.id, { processId: member.processId, target: tupleOf(member) }];
      }),
    ),
    subtopologies: subtopologies.map(({ id, tasks, stateful }) => ({ id, taskCount: tasks, isStateful: stateful })),
    standbyReplicas: Number(assignmentConfigs['num.standby.replicas'] ?? 0),
  };
}

const textOf = ({ active, standby, warmup }: TasksTuple): string =>
  JSON.stringify([active, standby, warmup].map((tasks) => byName(Array.from(tasks, ([id, own]) => [id, sorted(own)]))));

function exactDifference(row: TaskRow, targets: ReadonlyMap<string, TasksTuple>): string | undefined {
  for (const [memberId, target] of targets) {
    const expected = row.assignment?.[memberId];
    const text = expected === undefined ? 'nothing' : textOf(tupleOf(expected));
    if (text !== textOf(target)) return `${memberId}: expected ${text}, got ${textOf(target)}`;
  }
  return undefined;
}

function namesOf(tasks: Tasks): string[] {
  return [...tasks].flatMap(([id, partitions]) => [...partitions].map((partition) => `${id}_${partition}`));
}

const end = (numbers: readonly number[], most: boolean): number =>
  numbers.length === 0 ? 0 : most ? Math.max(...numbers) : Math.min(...numbers);

export function taskFactsOf(row: TaskRow, targets: ReadonlyMap<string, TasksTuple>): Facts {
  const { members, subtopologies, standbyReplicas } = specOf(row);
  const exists = new Set(
    subtopologies.flatMap(({ id, taskCount }) => Array.from({ length: taskCount }, (_, i) => `${id}_${i}`)),
  );
  const stateful = new Set(subtopologies.filter(({ isStateful }) => isStateful).map(({ id }) => id));
  const active = new Map<string, number>();
  const inProcess = new Map<string, number>();
  const sums = { given: 0, stateless: 0, warmups: 0, keepable: 0, kept: 0, promoted: 0, keptStandby: 0 };
  const activeSizes: number[] = [];
  const totalSizes: number[] = [];
  for (const [memberId, target] of targets) {
    const { processId, target: before } = members.get(memberId) as TaskMemberSpec;
    const own = { active: namesOf(target.active), standby: namesOf(target.standby), warmup: namesOf(target.warmup) };
    const old = { active: new Set(namesOf(before.active)), standby: new Set(namesOf(before.standby)) };
    for (const name of own.active) active.set(name, (active.get(name) ?? 0) + 1);
    for (const name of [...own.active, ...own.standby])
      inProcess.set(`${processId} ${name}`, (inProcess.get(`${processId} ${name}`) ?? 0) + 1);
    sums.given += own.standby.length;
    sums.stateless += own.standby.filter((name) => !stateful.has(name.slice(0, name.lastIndexOf('_')))).length;
    sums.warmups += own.warmup.length;
    sums.keepable += [...old.active].filter((name) => exists.has(name)).length;
    sums.kept += own.active.filter((name) => old.active.has(name)).length;
    sums.promoted += own.active.filter((name) => old.standby.has(name)).length;
    sums.keptStandby += own.standby.filter((name) => old.standby.has(name)).length;
    activeSizes.push(own.active.length);
    totalSizes.push(own.active.length + own.standby.length + own.warmup.length);
  }
  const statefulTasks = subtopologies
    .filter(({ isStateful }) => isStateful)
    .reduce((sum, each) => sum + each.taskCount, 0);
  return {
    tasks: exists.size,
    activeOwned: active.size,
    activeTwice: [...active.values()].filter((count) => count > 1).length,
    standbysWanted: statefulTasks * standbyReplicas,
    standbysGiven: sums.given,
    sameTaskTwiceInProcess: [...inProcess.values()].filter((count) => count > 1).length,
    statelessStandbys: sums.stateless,
    warmups: sums.warmups,
    keepableActive: sums.keepable,
    keptActive: sums.kept,
    standbyPromoted: sums.promoted,
    keptStandby: sums.keptStandby,
    smallestActive: end(activeSizes, false),
    largestActive: end(activeSizes, true),
    smallestTotal: end(totalSizes, false),
    largestTotal: end(totalSizes, true),
    activeSizes: sorted(activeSizes),
    totalSizes: sorted(totalSizes),
  };
}
