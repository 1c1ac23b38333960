// The next step of a member from the tasks that it has to those that it is to have (Kafka: CurrentAssignmentBuilder): first it gives up
// what it must, then it gets what is free. An active task has one owner at a time, and a process nothing of a task twice.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { MemberStates, type StreamsMember } from './streams-member.ts';
import type { TaskOwners } from './task-owners.ts';
import {
  containsAny,
  isWithoutTasks,
  type Tasks,
  type TasksTuple,
  type TasksTupleWithEpochs,
  type TasksWithEpochs,
} from './tasks.ts';

export interface Target {
  readonly epoch: number;
  readonly tasks: TasksTuple;
}

interface Step {
  readonly member: StreamsMember;
  readonly target: Target;
  readonly owners: TaskOwners;
  /** What it says that it has; undefined when it says nothing of it. */
  readonly owned: TasksTuple | undefined;
}

/** The member after the step; itself when there is none to do. Throws KafkaError FENCED_MEMBER_EPOCH. */
export function reconciled(step: Step): StreamsMember {
  const { member, target, owned } = step;
  switch (member.state) {
    case MemberStates.STABLE:
      return member.memberEpoch === target.epoch ? member : next(step, member.memberEpoch);
    case MemberStates.UNREVOKED_TASKS:
      if (owned === undefined || containsAny(owned, member.pendingRevocation)) return member;
      return next(step, member.memberEpoch + 1);
    case MemberStates.UNRELEASED_TASKS:
      return next(step, member.memberEpoch);
    case MemberStates.UNKNOWN:
      if (owned === undefined || !isWithoutTasks(owned)) {
        throw new KafkaError(
          Errors.FENCED_MEMBER_EPOCH,
          'The streams group member is in a unknown state. The member must abandon all its tasks and rejoin.',
        );
      }
      return next(step, target.epoch);
  }
}

function next(step: Step, memberEpoch: number): StreamsMember {
  const { member, target, owned } = step;
  const difference = differenceOf(step);
  const { kept, revoked, added, isSomethingUnreleased } = difference;
  const isRevoking = !isWithoutTasks(revoked) && (owned === undefined || containsAny(owned, revoked));
  if (isRevoking) {
    return moved(member, memberEpoch, {
      state: MemberStates.UNREVOKED_TASKS,
      assigned: kept,
      pendingRevocation: revoked,
    });
  }
  return moved(member, target.epoch, {
    state: isSomethingUnreleased ? MemberStates.UNRELEASED_TASKS : MemberStates.STABLE,
    assigned: merged(kept, added),
    pendingRevocation: { active: new Map(), standby: new Map(), warmup: new Map() },
  });
}

function moved(
  member: StreamsMember,
  memberEpoch: number,
  change: Pick<StreamsMember, 'state' | 'assigned' | 'pendingRevocation'>,
): StreamsMember {
  return { ...member, memberEpoch, previousMemberEpoch: member.memberEpoch, ...change };
}

interface Difference {
  readonly kept: TasksTupleWithEpochs;
  readonly revoked: TasksTupleWithEpochs;
  /** What is to be had and is free. */
  readonly added: TasksTupleWithEpochs;
  readonly isSomethingUnreleased: boolean;
}

function differenceOf({ member, target, owners }: Step): Difference {
  const { processId, assigned } = member;
  const inProcess = (subtopologyId: string, partition: number): boolean =>
    owners.has(subtopologyId, partition, processId);
  const inUse = (subtopologyId: string, partition: number): boolean =>
    owners.active(subtopologyId, partition) !== undefined || inProcess(subtopologyId, partition);
  const active = activeDifference(assigned.active, target, inUse);
  const standby = kindDifference(assigned.standby, target.tasks.standby, inProcess);
  const warmup = kindDifference(assigned.warmup, target.tasks.warmup, inProcess);
  return {
    kept: { active: active.kept, standby: standby.kept, warmup: warmup.kept },
    revoked: { active: active.revoked, standby: standby.revoked, warmup: warmup.revoked },
    added: { active: active.added, standby: standby.added, warmup: warmup.added },
    isSomethingUnreleased: active.isUnreleased || standby.isUnreleased || warmup.isUnreleased,
  };
}

type IsTaken = (subtopologyId: string, partition: number) => boolean;

interface KindDifference<T> {
  readonly kept: T;
  readonly revoked: T;
  readonly added: T;
  readonly isUnreleased: boolean;
}

function activeDifference(
  current: TasksWithEpochs,
  { epoch, tasks }: Target,
  isTaken: IsTaken,
): KindDifference<TasksWithEpochs> {
  const plain = kindDifference(current, tasks.active, isTaken);
  const withEpochs = (some: Tasks, epochOf: (subtopologyId: string, partition: number) => number): TasksWithEpochs => {
    const all = new Map<string, Map<number, number>>();
    for (const [id, partitions] of some) {
      all.set(id, new Map(Array.from(partitions, (partition) => [partition, epochOf(id, partition)])));
    }
    return all;
  };
  const asBefore = (id: string, partition: number): number => current.get(id)?.get(partition) ?? epoch;
  return {
    kept: withEpochs(plain.kept, asBefore),
    revoked: withEpochs(plain.revoked, asBefore),
    added: withEpochs(plain.added, () => epoch),
    isUnreleased: plain.isUnreleased,
  };
}

interface Partitions {
  keys(): Iterable<number>;
  has(partition: number): boolean;
}

function kindDifference(
  current: ReadonlyMap<string, Partitions>,
  target: Tasks,
  isTaken: IsTaken,
): KindDifference<Tasks> {
  const kept = new Map<string, Set<number>>();
  const revoked = new Map<string, Set<number>>();
  const added = new Map<string, Set<number>>();
  let isUnreleased = false;
  for (const [id, partitions] of current) {
    for (const partition of partitions.keys()) put(target.get(id)?.has(partition) ? kept : revoked, id, partition);
  }
  for (const [id, partitions] of target) {
    for (const partition of partitions) {
      if (current.get(id)?.has(partition)) continue;
      if (isTaken(id, partition)) isUnreleased = true;
      else put(added, id, partition);
    }
  }
  return { kept, revoked, added, isUnreleased };
}

function put(tasks: Map<string, Set<number>>, subtopologyId: string, partition: number): void {
  const known = tasks.get(subtopologyId);
  if (known === undefined) tasks.set(subtopologyId, new Set([partition]));
  else known.add(partition);
}

function merged(one: TasksTupleWithEpochs, other: TasksTupleWithEpochs): TasksTupleWithEpochs {
  const active = new Map(one.active);
  for (const [id, epochs] of other.active) active.set(id, new Map([...(active.get(id) ?? []), ...epochs]));
  return { active, standby: union(one.standby, other.standby), warmup: union(one.warmup, other.warmup) };
}

function union(one: Tasks, other: Tasks): Tasks {
  const all = new Map(one);
  for (const [id, partitions] of other) all.set(id, new Set([...(all.get(id) ?? []), ...partitions]));
  return all;
}
