// A line of the log that the originals write beside their output, to standard error, as tools-log4j2.yaml has it.
import { complain, type ToolIo } from '../tool-io.ts';

export function logError(io: ToolIo, logger: string, text: string): void {
  complain(io, `[${timestamp(io.runtime.clock.nowMs())}] ERROR ${text} (${logger})`);
}

function timestamp(timeMs: number): string {
  const iso = new Date(timeMs - new Date(timeMs).getTimezoneOffset() * 60_000).toISOString();
  return iso.slice(0, -1).replace('T', ' ').replace('.', ',');
}
