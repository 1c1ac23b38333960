// ssl.principal.mapping.rules: how the name in a client's certificate becomes that of a principal (KIP-371; Kafka:
// SslPrincipalMapper). Patterns run in linear time: what only a backtracking engine could match is refused at the start.
import { ConfigError, InvalidRegexError, loadRegexEngine, type ReplacingRegex } from '../../../runtime/index.ts';

const RULE = /(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?).*?|(.*?)/sy;
const SPLITTER = /\s*((?:DEFAULT)|RULE:(?:(?:\\.|[^\\/])*)\/(?:(?:\\.|[^\\/])*)\/(?:[LU]?).*?|(?:.*?))\s*(?:,\s*|$)/gs;
const BACK_REFERENCE = /\$(\d+)/g;

interface Rule {
  readonly text: string;
  /** undefined: DEFAULT, the name stays as it is. */
  readonly pattern: ReplacingRegex | undefined;
  readonly replacement: string;
  readonly letterCase: string;
}

/** No rule takes the name: whoever has it is not let in. */
export class NoMatchingRuleError extends Error {
  override readonly name = 'NoMatchingRuleError';
}

export class PrincipalMapper {
  readonly #rules: readonly Rule[];

  private constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Rejects with ConfigError for what is no list of rules. */
  static async of(rules: string): Promise<PrincipalMapper> {
    const parsed: Rule[] = [];
    for (const text of splitRules(rules)) {
      const rule = await parseRule(text);
      if (rule !== undefined) parsed.push(rule);
    }
    return new PrincipalMapper(parsed);
  }

  /** The name of the principal. Throws NoMatchingRuleError. */
  nameOf(distinguishedName: string): string {
    for (const { pattern, replacement, letterCase } of this.#rules) {
      if (pattern === undefined) return distinguishedName;
      const name = pattern.replaceWhole(distinguishedName, withoutUnknownGroups(replacement, pattern.groupCount));
      if (name === undefined) continue;
      return letterCase === 'L' ? name.toLowerCase() : letterCase === 'U' ? name.toUpperCase() : name;
    }
    const rules = this.#rules.map(({ text }) => text).join(', ');
    throw new NoMatchingRuleError(`No rules apply to ${distinguishedName}, rules [${rules}]`);
  }
}

function splitRules(rules: string): string[] {
  return [...rules.trim().matchAll(SPLITTER)].map(([, rule = '']) => rule);
}

/** undefined: an empty rule, which Kafka passes over. */
async function parseRule(text: string): Promise<Rule | undefined> {
  RULE.lastIndex = 0;
  const match = RULE.exec(text);
  const end = match?.[0].length ?? 0;
  if (end !== text.length) {
    throw new ConfigError(`Invalid rule: \`${text}\`, unmatched substring: \`${text.slice(end)}\``);
  }
  const [, isDefault, pattern, replacement = '', letterCase = ''] = match ?? [];
  if (isDefault !== undefined) return { text, pattern: undefined, replacement, letterCase };
  if (pattern === undefined) return undefined;
  try {
    const engine = await loadRegexEngine();
    const shown = `RULE:${pattern}/${replacement}${letterCase === '' ? '' : `/${letterCase}`}`;
    return { text: shown, pattern: engine.compileReplacing(pattern), replacement, letterCase };
  } catch (error) {
    if (error instanceof InvalidRegexError) throw new ConfigError(`Invalid rule: \`${text}\`: ${error.message}`);
    throw error;
  }
}

/** `$7` of a pattern with fewer groups stands for itself. */
function withoutUnknownGroups(replacement: string, groupCount: number): string {
  if (groupCount === 0) return replacement;
  return replacement.replace(BACK_REFERENCE, (whole, digits: string) => {
    if (digits.startsWith('0')) return whole;
    let group = Number(digits);
    while (group > groupCount && group >= 10) group = Math.floor(group / 10);
    return group > groupCount ? `\\${whole}` : whole;
  });
}
