// Regular expressions over topic names, in the syntax of RE2 and in linear time: JavaScript's own may take for ever.

/** What is wrong with it, in Kafka's words; undefined: nothing. */
export function regexFault(regex: string): string | undefined {
  return `no engine ${regex}`;
}
export function compiledRegex(_regex: string): ((name: string) => boolean) | undefined {
  return undefined;
}
