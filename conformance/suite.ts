// What a suite is: a list of named cases, each of which passes, fails, is struck or is skipped, always with a reason.

import type { Target } from './targets/target.ts';
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
    let status: CaseStatus = 'passed';
    let detail: string | undefined;
    try {
      await withLimit(body, timeoutMs);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const reason = error instanceof Skip ? undefined : struckReason(this.#suite, name);
      status = error instanceof Skip ? 'skipped' : reason === undefined ? 'failed' : 'struck';
      detail = reason ?? message;
    }
    const durationMs = Math.round(performance.now() - startedAt);
    this.results.push({ name, status, durationMs, ...(detail === undefined ? {} : { detail }) });
    this.#progress(`${status === 'passed' ? 'ok  ' : status.toUpperCase()} ${name} (${durationMs} ms)`);
    if (status === 'failed') this.#progress(`     ${(detail ?? '').replaceAll('\n', '\n     ')}`);
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
