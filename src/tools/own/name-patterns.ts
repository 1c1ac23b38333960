// Names chosen by regular expressions (-r): in RE2's syntax and linear time, each of which has to match a whole name. `*` alone means all.
import { loadRegexEngine } from '../../runtime/index.ts';

/** Those of the names that one of the patterns matches, in their order. Rejects with InvalidRegexError. */
export async function matching(names: readonly string[], patterns: readonly string[]): Promise<string[]> {
  const engine = await loadRegexEngine();
  const compiled = patterns.map((pattern) => engine.compile(pattern === '*' ? '.*' : withoutAnchors(pattern)));
  return names.filter((name) => compiled.some((regex) => regex.matches(name)));
}

/** A pattern with ^ and $ is one that matches whole names all the more. */
function withoutAnchors(pattern: string): string {
  return pattern.replace(/^\^/, '').replace(/(^|[^\\])\$$/, '$1');
}
