// The tools of the command line, as their dispatcher sees them: what a tool is. Each tool is loaded by the name of its file.
export { complain, print, type Tool, type ToolIo, type ToolOutput } from './tool-io.ts';
export { nouns } from './own/nouns.ts';
export type { DevBroker, DevSettings } from './dev/dev.ts';
