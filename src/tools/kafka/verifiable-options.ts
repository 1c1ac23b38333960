// What the verifiable tools do with their arguments: none at all ask for help, and a file that cannot be read is a mistake in them.
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { Exit } from './exit.ts';
import { illegalArgument, JavaError } from './java-error.ts';
import {
  ArgparseError,
  type ArgparseValues,
  parseOrExit,
  printArgparseHelp,
  tellArgparseError,
} from './options/argparse.ts';
import type { ArgparseParser } from './options/argparse-arguments.ts';

export interface VerifiableCall {
  readonly values: ArgparseValues;
  readonly properties: Readonly<Record<string, string>>;
}

/** `oldName` is the flag that --command-config has replaced. Throws Exit. */
export function verifiableCall(
  io: ToolIo,
  parser: ArgparseParser,
  args: readonly string[],
  oldName?: string,
): VerifiableCall {
  if (args.length === 0) {
    printArgparseHelp(io, parser);
    throw new Exit(0);
  }
  const values = parseOrExit(io, parser, args);
  const refuse = (message: string): never => {
    tellArgparseError(io, parser, new ArgparseError([parser], message));
    throw new Exit(1);
  };
  const [old, current] = ['oldConfigFile', 'commandConfigFile'].map((name) => values.get(name) as string | undefined);
  if (old !== undefined && current !== undefined) {
    return refuse(`Options ${oldName} and --command-config are mutually exclusive.`);
  }
  if (old !== undefined) {
    print(
      io,
      `Option ${oldName} has been deprecated and will be removed in a future version. Use --command-config instead.`,
    );
  }
  try {
    return { values, properties: loadProperties(io, old ?? current) };
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** The constant of a Java enum behind a word. Throws JavaError. */
export function enumConstant<T extends string>(className: string, constants: readonly T[], text: string): T {
  const found = constants.find((one) => one.toUpperCase() === text.toUpperCase());
  if (found === undefined) throw illegalArgument(`No enum constant ${className}.${text.toUpperCase()}`);
  return found;
}

/** What Kafka's ConfigDef throws. */
export const invalidConfig = (key: string, value: string, why: string): JavaError =>
  new JavaError(
    'org.apache.kafka.common.config.ConfigException',
    `Invalid value ${value} for configuration ${key}: ${why}`,
  );
