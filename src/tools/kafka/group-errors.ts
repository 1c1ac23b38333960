// How the tools of groups tell of errors.
import { print, type ToolIo } from '../tool-io.ts';

export function printGroupError(io: ToolIo, message: string): void {
  print(io, `\nError: ${message}`);
}
