// Results to standard output, no faster than they are read: when the pipe is full whoever writes waits.
import type { ToolIo } from '../tool-io.ts';

export async function flow(io: ToolIo, bytes: Uint8Array | string): Promise<void> {
  if (!io.stdout.write(bytes)) await io.stdout.drained();
}
