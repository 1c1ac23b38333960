// How a context of a registry is named on the command line: with its dot or without it.
import { Failure } from '../failure.ts';

/** With its dot; the default one is `.`. Throws Failure. */
export function contextNamed(text: string): string {
  const bare = text.replace(/^:?\.?/, '').replace(/:$/, '');
  if (bare.includes(':')) throw new Failure(`${JSON.stringify(text)} is no name of a context: it has a colon`);
  return `.${bare}`;
}
