// The outermost part of a kafka-* tool, in place of Java's main: what ends the tool early becomes its exit code, and what nobody has
// caught is printed as the JVM prints it.
import { complain, type Tool, type ToolIo } from '../tool-io.ts';
import { Exit } from './exit.ts';
import { TerseError, thrown, thrownText } from './java-error.ts';

export type ToolBody = (args: readonly string[], io: ToolIo) => Promise<number | void>;

/** What nobody has caught ends the tool as an exception in the main thread. */
export function tool(body: ToolBody): Tool {
  return ended(body, (error, io) => complain(io, `Exception in thread "main" ${thrownText(error)}`));
}

/** Most tools catch what is thrown, and print its message and then its stack trace, whose first line repeats the message. */
export function toolWithTrace(body: ToolBody): Tool {
  return ended(body, (error, io) => {
    complain(io, messageOf(error));
    if (!(error instanceof TerseError)) complain(io, `${thrownText(error)}\n`);
  });
}

function ended(body: ToolBody, tell: (error: unknown, io: ToolIo) => void): Tool {
  return async (args, io) => {
    try {
      return (await body(args, io)) ?? 0;
    } catch (error) {
      if (error instanceof Exit) return error.code;
      tell(error, io);
      return 1;
    }
  };
}

/** Java prints an exception without a message as null. */
export function messageOf(error: unknown): string {
  const { message } = thrown(error);
  return message === '' ? 'null' : message;
}
