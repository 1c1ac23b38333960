// Nouns below nouns: rpk says `security acl list` and `registry schema get`, where we have shorter names too.
import type { Tool } from '../tool-io.ts';
import type { Noun } from './command-frame.ts';

export type Nouns = Readonly<Record<string, () => Promise<Tool>>>;

/**
 * A noun whose first word may be one of others, which are handed the rest. One that is a verb of the noun too is taken for the
 * other noun only with a verb of that behind it: `mode get` is, `mode orders-value` is not.
 */
export function withNouns(own: Noun, others: Nouns): Noun {
  const run: Tool = async (args, io) => {
    const [first = '', ...rest] = args;
    const load = Object.hasOwn(others, first) ? others[first] : undefined;
    if (load === undefined) return own(args, io);
    const other: Noun = await load();
    const isOwn = own.verbs?.includes(first) === true && other.verbs?.includes(rest[0] ?? '') !== true;
    return isOwn ? own(args, io) : other(rest, io);
  };
  return Object.assign(run, { verbs: [...new Set([...(own.verbs ?? []), ...Object.keys(others)])] });
}
