// What the commands of groups do around their work: exactly one action, and errors told in their way.
import { type Admin, ClientError } from '../../client/index.ts';
import { complain, type ToolIo } from '../tool-io.ts';
import { loadProperties, type Properties } from './client-config.ts';
import { printGroupError } from './group-errors.ts';
import { executionError, JavaError, thrownText } from './java-error.ts';
import { withAdmin } from './open-admin.ts';
import type { CommandOptions } from './options/command-options.ts';
import type { Option } from './options/option.ts';
import { OptionError } from './options/option-parser.ts';

export interface GroupCommand {
  readonly kind: 'consumer' | 'share' | 'streams';
  readonly bootstrapServer: Option<string>;
  readonly commandConfig: Option<string>;
  /** How often a ClientError comes wrapped in what Java throws where it waits. */
  readonly asThrown: (error: ClientError) => Error;
  /** Whether mistakes in the values of options that show while it works are told as what went wrong, not with the usage. */
  readonly tellsMistakes?: boolean;
}

/** Throws Exit with the usage. */
export function checkOneAction(options: CommandOptions, actions: readonly Option[], message: string): void {
  if (actions.filter((action) => options.has(action)).length !== 1) options.usage(message);
}

/** Mistakes in arguments that show while the command works end it with the usage. Throws Exit. */
export async function usageOfMistakes<T>(options: CommandOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return options.usage(error.message);
  }
}

/** Usage for arguments, a line and a trace for the rest; answers whether it went well. Throws OptionError, Exit. */
export async function runGroupCommand(
  io: ToolIo,
  options: CommandOptions,
  { kind, bootstrapServer, commandConfig, asThrown, tellsMistakes = false }: GroupCommand,
  work: (admin: Admin) => Promise<void>,
): Promise<boolean> {
  try {
    const properties = propertiesOf(io, options.valueOf(commandConfig));
    await withAdmin(io, { bootstrapServers: options.required(bootstrapServer), properties }, work);
    return true;
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'Exit') throw error;
    if (error instanceof OptionError && !tellsMistakes) throw error;
    if (error.name === 'java.lang.IllegalArgumentException') options.usage(error.message);
    const told = error instanceof ClientError ? asThrown(error) : error;
    printGroupError(io, `Executing ${kind} group command failed due to ${told.message}`);
    complain(io, thrownText(told));
    return false;
  }
}

function propertiesOf(io: ToolIo, path: string | undefined): Properties {
  try {
    return loadProperties(io, path);
  } catch (error) {
    throw new JavaError('java.lang.RuntimeException', thrownText(error));
  }
}

/** Java's futures wrap what went wrong, and many methods wrap that once more. */
export const wrappedTwice = (error: ClientError): JavaError =>
  new JavaError('java.lang.RuntimeException', thrownText(executionError(error)));
