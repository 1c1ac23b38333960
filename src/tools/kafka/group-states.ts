// States of groups as --state of --list takes them: several, in any case.
import { illegalArgument } from './java-error.ts';

/** '' is none. Throws JavaError when one is not of `known`. */
export function groupStates(text: string, known: readonly string[]): string[] {
  if (text === '') return [];
  const found = text.split(',').map((one) => known.find((state) => state.toLowerCase() === one.trim().toLowerCase()));
  if (!found.includes(undefined)) return found as string[];
  throw illegalArgument(`Invalid state list '${text}'. Valid states are: ${known.join(', ')}`);
}
