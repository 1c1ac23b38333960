// What a suite is: a list of named cases, each of which passes, fails, is struck or is skipped, always with a reason.

import type { Target, TargetName } from './targets/target.ts';
import type { KafkaJars } from './toolchain/kafka-jars.ts';
import { struckReason } from './struck.ts';

export type CaseStatus = 'passed' | 'failed' | 'struck' | 'skipped';

export interface CaseResult {
  readonly name: string;
  readonly status: CaseStatus;
  /** Why it failed, is struck, or is skipped. */
  readonly detail?: string;
  readonly durationMs: number;
}

export interface Outcome {
  readonly durationMs: number;
  readonly error?: string;
  /** Why it cannot be judged here. */
  readonly skipped?: string;
}

export interface SuiteContext {
  readonly target: Target;
  /** The real Kafka's jars, or why there are none. */
  readonly jars: KafkaJars | string;
  /** An empty directory that is removed after the suite. */
  readonly scratch: string;
  readonly cases: Cases;
  /** One line for whoever watches a long run. */
  readonly progress: (line: string) => void;
}

export interface Suite {
  readonly name: string;
  /** Speaks to the broker over the wire only, so that it runs against the real Kafka too. */
  readonly isBlackBox: boolean;
  /** Servers of a part of the protocol that it can be run against too (targets/unserved.ts). */
  readonly alsoAgainst?: readonly TargetName[];
  /** The version of the program that judges, or `{ missing }` when the tool chain is not there. */
  available(jars: KafkaJars | string): Promise<{ readonly version: string } | { readonly missing: string }>;
  /** Throws only for what is not the broker's fault; that counts as one failed case. */
  run(context: SuiteContext): Promise<void>;
}

/** Thrown inside a case to say that it cannot be judged here. */
export class Skip extends Error {}

/** Runs the cases of one suite and keeps their results. */
export class Cases {
  readonly results: CaseResult[] = [];
  readonly #suite: string;
  readonly #progress: (line: string) => void;

  constructor(suite: string, progress: (line: string) => void) {
    this.#suite = suite;
    this.#progress = progress;
  }

  /** A case fails when `body` throws or outlives `timeoutMs`. Returns whether it passed. */
  async run(name: string, body: () => void | Promise<void>, timeoutMs = 120_000): Promise<boolean> {
    const startedAt = performance.now();
    const outcome: { error?: string; skipped?: string } = {};
    try {
      await withLimit(body, timeoutMs);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      outcome[error instanceof Skip ? 'skipped' : 'error'] = message;
    }
    return this.judge(name, { ...outcome, durationMs: Math.round(performance.now() - startedAt) });
  }

  /** A case that ran elsewhere: with an error it has failed, unless it is struck. Returns whether it passed. */
  judge(name: string, outcome: Outcome): boolean {
    const { durationMs, error, skipped } = outcome;
    const reason = error === undefined ? undefined : struckReason(this.#suite, name);
    const status = skipped !== undefined ? 'skipped' : error === undefined ? 'passed' : reason ? 'struck' : 'failed';
    const detail = skipped ?? reason ?? error;
    this.results.push({ name, status, durationMs, ...(detail === undefined ? {} : { detail }) });
    this.#progress(`${status === 'passed' ? 'ok  ' : status.toUpperCase()} ${name} (${durationMs} ms)`);
    if (error !== undefined) this.#progress(`     ${error.replaceAll('\n', '\n     ')}`);
    return status === 'passed';
  }

  /** Results that another program counted. */
  add(name: string, status: CaseStatus, detail?: string): void {
    this.results.push({ name, status, durationMs: 0, ...(detail === undefined ? {} : { detail }) });
  }
}

async function withLimit(body: () => void | Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([Promise.resolve(body()), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Throws with both values when they differ. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${what}: ${a?.slice(0, 400)} instead of ${e?.slice(0, 400)}`);
}

export function that(fact: boolean, what: string): void {
  if (!fact) throw new Error(what);
}
