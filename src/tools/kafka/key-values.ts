// `key=value` arguments as CommandLineUtils.parseKeyValueArgs reads them: without `=` the value is empty.

export function keyValues(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
