// Assignors of the group coordinator, by what they are for.
export { type Assignor, AssignorError, type GroupSpec, type MemberSpec, type TopicPartitions } from './assignor.ts';
export { rangeAssignor } from './range.ts';
export { simpleAssignor } from './simple.ts';
export { uniformAssignor } from './uniform.ts';
export { stickyTaskAssignor } from './sticky.ts';
export type {
  SubtopologySpec,
  TaskAssignor,
  TaskGroupSpec,
  TaskMemberSpec,
  Tasks,
  TasksTuple,
} from './task-assignor.ts';
