// Parts for which each contender starts a broker of its own, and many clients speak to it at once.

import { apache } from '../conformance/targets/apache.ts';
import { ottla } from '../conformance/targets/ottla.ts';
import type { Target } from '../conformance/targets/target.ts';
import type { KafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import { APACHE_FLAGS } from './contenders.ts';

export type LoneContender = 'ottla' | 'before' | 'apache';

export interface LoneTools {
  /** A string says why there are none. */
  readonly jars: KafkaJars | string;
  /** For Ottla; flags of node. */
  readonly nodeFlags: readonly string[];
  /** Of the build of before; undefined: this one. */
  readonly cli: string | undefined;
}

/** Connections that are opened, or groups that join, at the same time. */
const AT_ONCE = 100;

/** A string says why the contender is left out. */
export function targetOf(contender: LoneContender, { jars, nodeFlags, cli }: LoneTools): Target | string {
  if (contender !== 'apache') return ottla({ nodeFlags, cli });
  return typeof jars === 'string' ? jars : apache(jars, APACHE_FLAGS);
}

export const later = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

/** `count` results of `action`, a bounded number at a time. */
export async function inTurn<T>(count: number, action: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) results[index] = await action(index);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
  return results;
}
