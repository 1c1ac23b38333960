// What a client's program says while it runs, one line of JSON each: the names of its checks first, then every check as
// it ends. The program is a process of its own, so that a client that hangs, crashes or leaks ends with it.

import { randomBytes } from 'node:crypto';
import { Skip } from '../suite.ts';

export interface Plan {
  readonly plan: readonly string[];
}

export interface CheckLine {
  readonly check: string;
  readonly durationMs: number;
  /** What went wrong; absent when nothing did. */
  readonly error?: string;
  /** Why it cannot be judged here. */
  readonly skipped?: string;
}

/** By name. A check makes the topics and groups that it uses, under names of its own. */
export type Checks<Session> = Readonly<Record<string, (session: Session) => Promise<void>>>;

export const CHECK_LIMIT_MS = 40_000;
/** When records are said to be made: a broker deletes what is older than a week. */
export const RECENT_MS = Date.now() - 60_000;

/** Checks whose names begin so cannot be judged on the server that is asked. */
export interface Unserved {
  readonly checks: string;
  readonly reason: string;
}

/**
 * Runs the checks one after another, and ends the process: what a failed check left open must not hold it.
 * $OTTLA_CHECKS, a part of their names, selects some; $OTTLA_UNSERVED, a list in JSON, has those that are passed over.
 */
export async function runChecks<Session>(all: Checks<Session>, session: Session): Promise<never> {
  const wanted = process.env['OTTLA_CHECKS'] ?? '';
  const checks = Object.entries(all).filter(([name]) => name.includes(wanted));
  const unserved = JSON.parse(process.env['OTTLA_UNSERVED'] ?? '[]') as readonly Unserved[];
  say({ plan: checks.map(([name]) => name) });
  // Clients reject promises that nobody was given; the check that waits for the consequence says so in its own words.
  process.on('unhandledRejection', (reason) => process.stderr.write(`unhandled: ${String(reason)}\n`));
  for (const [name, check] of checks) {
    const startedAt = performance.now();
    const skipped = unserved.find((entry) => name.startsWith(entry.checks))?.reason;
    const outcome = skipped === undefined ? await outcomeOf(() => check(session)) : { skipped };
    say({ check: name, durationMs: Math.round(performance.now() - startedAt), ...outcome });
  }
  process.exit(0);
}

function say(line: Plan | CheckLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function outcomeOf(check: () => Promise<void>): Promise<Pick<CheckLine, 'error' | 'skipped'>> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${CHECK_LIMIT_MS} ms`)), CHECK_LIMIT_MS);
  });
  try {
    await Promise.race([check(), limit]);
    return {};
  } catch (error) {
    if (error instanceof Skip) return { skipped: error.message };
    return { error: told(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The message, and where clients wrap one error in another, those inside. */
export function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = (error as { errors?: unknown[] }).errors?.map(told) ?? [];
  const cause = error.cause === undefined ? [] : [told(error.cause)];
  return [error.message, ...inner, ...cause].filter((text) => text !== '').join(': ');
}

/** The words of the error, or 'no error'. */
export function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'no error', told);
}

/** A name that nobody else uses. */
export const fresh = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

/** Looks until it is so. `what` says what was awaited, as it stood at the end of the time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string | (() => string),
  limitMs = 25_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`still waiting for ${typeof what === 'string' ? what : what()}`);
    await pause(25);
  }
}

/** As `same`, for what becomes so a moment after the call that made it so: a broker hears of metadata from its controller. */
export async function soonSame(get: () => Promise<unknown>, expected: unknown, what: string): Promise<void> {
  let last: unknown;
  const isSame = async (): Promise<boolean> => {
    last = await get().catch(told);
    return JSON.stringify(last) === JSON.stringify(expected);
  };
  await until(isSame, () => `${what}: ${JSON.stringify(last)} instead of ${JSON.stringify(expected)}`, 10_000);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `topic:partition`, sorted by number, for comparing assignments. */
export function partitionsOf(topic: string, count: number): string[] {
  return Array.from({ length: count }, (_, partition) => `${topic}:${partition}`);
}

/** Does every partition have exactly one owner among these? */
export function isWhole(owned: readonly (readonly string[])[], partitions: readonly string[]): boolean {
  const all = owned.flat().sort();
  return all.length === partitions.length && [...partitions].sort().every((name, i) => name === all[i]);
}
