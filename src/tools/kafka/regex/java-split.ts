// String.split of Java: by a regular expression, without empty parts at the end.
import { JavaError, TerseError } from '../java-error.ts';
import { javaRegex, untranslatable } from './java-regex.ts';
import { InvalidRegex, UntranslatableRegex } from './regex-scanner.ts';

/** Throws JavaError when `pattern` is no regular expression, or one that is not served. */
export function javaSplit(text: string, pattern: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(everywhere(pattern))) {
    // Nothing stands before what is found at the start and is empty.
    if (index === 0 && found === '') continue;
    parts.push(text.slice(at, index));
    at = index + found.length;
  }
  if (parts.length === 0) return [text];
  parts.push(text.slice(at));
  while (parts.at(-1) === '') parts.pop();
  return parts;
}

function everywhere(pattern: string): RegExp {
  try {
    const { source, flags } = javaRegex(pattern);
    return new RegExp(source, `${flags}g`);
  } catch (error) {
    if (error instanceof UntranslatableRegex) throw new TerseError(untranslatable(pattern, error));
    if (!(error instanceof InvalidRegex)) throw error;
    throw new JavaError('java.util.regex.PatternSyntaxException', `${error.message}\n${pattern}`);
  }
}
