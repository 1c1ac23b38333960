// How the answers of the room come about, as those of all coordinators do.
export { answering, followedBy, together } from '../coordinator-common/index.ts';
