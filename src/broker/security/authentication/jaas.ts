// The lines in which Kafka takes logins (`MODULE required user_alice="secret";`; JaasConfig, which reads them with Java's
// StreamTokenizer): names of Java's modules stand for mechanisms, and their options hold users and passwords.
import { ConfigError } from '../../../runtime/index.ts';

export interface JaasEntry {
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

const FLAGS = new Set(['required', 'requisite', 'sufficient', 'optional']);

type Token = { readonly kind: 'word' | 'quoted'; readonly text: string } | { readonly kind: '=' | ';' };

/** Throws ConfigError, which names the key and what is missing, and never a value. */
export function parseJaas(key: string, text: string): JaasEntry[] {
  const tokens = [...tokensOf(key, text)];
  const entries: JaasEntry[] = [];
  let at = 0;
  const word = (what: string): string => {
    const token = tokens[at++];
    if (token === undefined || !('text' in token)) throw new ConfigError(`${key}: ${what} is missing`);
    return token.text;
  };
  while (at < tokens.length) {
    const module = word('the name of a login module');
    const flag = word(`the flag of ${module}`).toLowerCase();
    if (!FLAGS.has(flag))
      throw new ConfigError(`${key}: the flag of ${module} must be required, as in "${module} required ...;"`);
    const options = new Map<string, string>();
    while (tokens[at] !== undefined && tokens[at]?.kind !== ';') {
      const name = word('the name of an option');
      if (tokens[at++]?.kind !== '=') throw new ConfigError(`${key}: option ${name} has no value`);
      options.set(name, word(`the value of option ${name}`));
    }
    if (tokens[at++] === undefined) throw new ConfigError(`${key}: ${module} does not end with a semicolon`);
    entries.push({ module, options });
  }
  if (entries.length === 0) throw new ConfigError(`${key} is empty`);
  return entries;
}

function* tokensOf(key: string, text: string): Generator<Token> {
  const scanner = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|([=;])|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|([^\s=;"'/]+|\/)/y;
  while (scanner.lastIndex < text.length) {
    const match = scanner.exec(text);
    if (match === null) throw new ConfigError(`${key}: a quotation does not end`);
    const [, sign, quoted, word] = match;
    if (sign !== undefined) yield { kind: sign as '=' | ';' };
    else if (quoted !== undefined) yield { kind: 'quoted', text: unescaped(quoted.slice(1, -1)) };
    else if (word !== undefined) yield { kind: 'word', text: word };
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', b: '\b', a: '\x07', v: '\v' };

/** `\101` is a character in octal, as in Java. */
function unescaped(text: string): string {
  return text.replace(/\\([0-3]?[0-7]{1,2}|[^])/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
  );
}

/** Passwords by user, of the options `user_NAME`. */
export function usersOf({ options }: JaasEntry): Map<string, string> {
  const users = new Map<string, string>();
  for (const [name, value] of options) if (name.startsWith('user_')) users.set(name.slice('user_'.length), value);
  return users;
}

const MECHANISMS: Readonly<Record<string, readonly string[]>> = {
  PlainLoginModule: ['PLAIN'],
  ScramLoginModule: ['SCRAM-SHA-256', 'SCRAM-SHA-512'],
  OAuthBearerLoginModule: ['OAUTHBEARER'],
};

/** Whether the entry is for the mechanism, by the last part of its module's name. */
export function isFor(mechanism: string, { module }: JaasEntry): boolean {
  return MECHANISMS[module.slice(module.lastIndexOf('.') + 1)]?.includes(mechanism) ?? false;
}
