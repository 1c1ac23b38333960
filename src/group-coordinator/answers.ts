// How the answers of the room come about, as those of all coordinators do.
export { answering, eachOnce, followedBy, together } from '../coordinator-common/index.ts';
