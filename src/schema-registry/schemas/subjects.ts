// Subjects and the contexts they lie in: `:.context:subject`, or `subject` alone in the default context, which is called `.`.
// Each context has ids of its own. Confluent's QualifiedSubject, for the one tenant that there is here.

export interface Qualified {
  /** With its dot: `.`, `.staging`; `*` stands for all. */
  readonly context: string;
  /** '' where a whole context is meant. */
  readonly subject: string;
}

export const DEFAULT_CONTEXT = '.';
/** What is set here counts where nothing is set for the subject, its context, or the default one. */
export const GLOBAL_CONTEXT = ':.__GLOBAL:';
export const ALL_CONTEXTS = ':*:';
const GLOBAL_CONTEXT_NAME = '.__GLOBAL';
const RESERVED = new Set(['__GLOBAL', '__EMPTY']);
const WILDCARD = '*';

export function qualified(text: string): Qualified {
  if (text.startsWith(':.')) {
    const end = text.indexOf(':', 2);
    return end < 0
      ? { context: text.slice(1), subject: '' }
      : { context: text.slice(1, end), subject: text.slice(end + 1) };
  }
  if (text.startsWith(ALL_CONTEXTS)) return { context: WILDCARD, subject: text.slice(ALL_CONTEXTS.length) };
  return { context: DEFAULT_CONTEXT, subject: text };
}

function unqualified({ context, subject }: Qualified): string {
  return `${prefixOfContext(context)}${subject}`;
}

/** What stands before the subjects of a context. */
export function prefixOfContext(context: string): string {
  return context === DEFAULT_CONTEXT ? '' : `:${context}:`;
}

export function contextOf(subject: string): string {
  return qualified(subject).context;
}

/** The same subject in the one form that it is kept under: `:.:s` is `s`. */
export function normalSubject(subject: string): string {
  return unqualified(qualified(subject));
}

/** '.x', 'x', ':.x:' -> the prefix of its subjects. undefined: a context cannot be called so. */
export function prefixOfName(name: string): string | undefined {
  let context = name.startsWith(':') ? name.slice(1) : name;
  if (context.endsWith(':')) context = context.slice(0, -1);
  if (context.includes(':')) return undefined;
  return prefixOfContext(context.startsWith('.') ? context : `.${context}`);
}

/** Does the text say already in which context it lies? */
export function namesContext(text: string): boolean {
  return text.startsWith(':.') || text.startsWith(ALL_CONTEXTS);
}

export function isDefaultContext(subject: string): boolean {
  const { context, subject: name } = qualified(subject);
  return context === DEFAULT_CONTEXT && name === '';
}

export function isGlobalContext(subject: string): boolean {
  const { context, subject: name } = qualified(subject);
  return context === GLOBAL_CONTEXT_NAME && name === '';
}

/** A subject that somebody else names in `parent`: in the same context, unless it says another one. */
export function besides(parent: string, subject: string): string {
  const named = qualified(subject);
  if (named.context !== DEFAULT_CONTEXT) return unqualified(named);
  return unqualified({ context: contextOf(parent), subject });
}

/** Does `subject` lie in what `whole` means: itself, all of a context that has no subject, or everything (null, global)? */
export function isWithin(subject: string, whole: string | null): boolean {
  if (whole === null || whole === subject) return true;
  const { context, subject: name } = qualified(whole);
  return name === '' && (context === GLOBAL_CONTEXT_NAME || context === contextOf(subject));
}

/** The rules for what may be registered; those for what config and mode are set on are looser. */
export function isValidSubject(subject: string, isForConfig: boolean): boolean {
  if (hasControl(subject)) return false;
  const { context, subject: name } = qualified(subject);
  if (RESERVED.has(name)) return false;
  if (isForConfig) return true;
  return name !== '' && name !== WILDCARD && context !== GLOBAL_CONTEXT_NAME;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return true;
  }
  return false;
}
