// The configs of the room by themselves: they are declared at start, when nothing else of the room is loaded.
export { type GroupCoordinatorConfig, groupCoordinatorConfig } from '../group-coordinator-config.ts';
