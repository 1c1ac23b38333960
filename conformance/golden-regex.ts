// Checks golden lines about regular expressions: which topics they match, or what Apache Kafka says against them.
import { InvalidRegexError, loadRegexEngine, type Regex } from '../src/runtime/index.ts';

export interface RegexRow {
  readonly pattern: string;
  readonly ok: boolean;
  readonly topics?: readonly string[];
  readonly matches?: readonly string[];
  readonly message?: string;
}

export async function checkRegex(row: RegexRow): Promise<string | undefined> {
  const { pattern } = row;
  let regex: Regex;
  try {
    regex = (await loadRegexEngine()).compile(pattern);
  } catch (error) {
    if (!(error instanceof InvalidRegexError)) throw error;
    // Kafka's frame around it, of heartbeats.
    const message = `SubscribedTopicRegex \`${pattern}\` is not a valid regular expression: ${error.description}.`;
    return message === row.message ? undefined : `expected ${row.message ?? 'to be taken'}, refused: ${message}`;
  }
  if (!row.ok) return 'Kafka refuses it, we take it';
  const matches = (row.topics ?? []).filter((topic) => regex.matches(topic)).sort();
  const same = JSON.stringify(matches) === JSON.stringify(row.matches);
  return same ? undefined : `expected ${JSON.stringify(row.matches)}, got ${JSON.stringify(matches)}`;
}
