// Topics by a pattern, as --topic of several tools takes it: a regular expression for the whole name, commas between alternatives.
import { JavaError, TerseError } from './java-error.ts';
import { javaWholeRegex, untranslatable } from './regex/java-regex.ts';
import { InvalidRegex, UntranslatableRegex } from './regex/regex-scanner.ts';

export interface TopicFilter {
  readonly regex: string;
  allows(topic: string, excludesInternal: boolean): boolean;
}

const INTERNAL: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state', '__share_group_state']);

export const isInternalTopic = (topic: string): boolean => INTERNAL.has(topic);

/** Throws JavaError when it is no regular expression. Quotes around it, which property files bring along, are left out. */
export function topicFilter(pattern: string): TopicFilter {
  const bare = pattern.trim().replaceAll(',', '|').replaceAll(' ', '');
  const regex = bare.replace(/^["']+/, '').replace(/["']+$/, '');
  const expression = compiled(regex);
  return {
    regex,
    allows: (topic, excludesInternal) => expression.test(topic) && !(excludesInternal && isInternalTopic(topic)),
  };
}

function compiled(regex: string): RegExp {
  try {
    return javaWholeRegex(regex);
  } catch (error) {
    if (error instanceof UntranslatableRegex) throw new TerseError(untranslatable(regex, error));
    if (!(error instanceof InvalidRegex)) throw error;
    throw new JavaError('java.lang.RuntimeException', `${regex} is an invalid regex.`);
  }
}
