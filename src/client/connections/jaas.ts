// sasl.jaas.config, as far as clients use it: one login module with its options.
//   org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="secret";
import { ConfigurationError } from '../errors.ts';

export interface JaasLogin {
  /** Its class, without the packages: PlainLoginModule, ScramLoginModule, OAuthBearerLoginModule. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

const HEAD = /^\s*([\w.$]+)\s+(?:required|requisite|sufficient|optional)\b/i;
const OPTION = /\s*([\w.$-]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|([^\s;"']+))/y;

/** Throws ConfigurationError; the message has none of the secrets. */
export function parseJaas(text: string): JaasLogin {
  const head = HEAD.exec(text);
  if (head === null) throw malformed('a login module and "required" come first');
  const options = new Map<string, string>();
  let at = head[0].length;
  for (;;) {
    OPTION.lastIndex = at;
    const found = OPTION.exec(text);
    if (found === null) break;
    const [whole, key = '', double, single, bare] = found;
    options.set(key, (double ?? single)?.replaceAll(/\\([^])/g, '$1') ?? bare ?? '');
    at += whole.length;
  }
  if (!/^\s*;\s*$/.test(text.slice(at))) throw malformed(`behind ${options.size} option(s) a semicolon ends it`);
  return { module: (head[1] as string).split('.').at(-1) as string, options };
}

const malformed = (why: string): ConfigurationError =>
  new ConfigurationError(
    `sasl.jaas.config cannot be read: ${why}`,
    'Write: org.apache.kafka.common.security.plain.PlainLoginModule required username="..." password="...";',
  );
