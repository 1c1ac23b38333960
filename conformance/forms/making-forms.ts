// How forms are written down, shortly.
import type { Form } from './forms.ts';

/** `args`: words with one space between them, or a list of them. */
export function form(tool: string, args: string | readonly string[], more: Partial<Form> = {}): Form {
  const list = typeof args === 'string' ? args.split(' ').filter((one) => one !== '') : args;
  return { name: `${tool} ${list.join(' ')}`.trim(), tool: `kafka-${tool}`, args: list, ...more };
}

/** The same at the broker. */
export const at = (tool: string, args: string, more?: Partial<Form>): Form =>
  form(tool, `--bootstrap-server $B ${args}`, more);

/** Input of a producer: one key, so that all lie in one partition. */
export const KEYED = ['a', 'b', 'c', 'd', 'e'].map((value) => `k\t${value}\n`).join('');

/** Java's sets of options have an order of their own in each JVM. */
export const ANY_ORDER = {
  leftOut: /takes (one of these|the following) options|requires one of the following|Valid (states|types) are/,
};

/** The same of its sets of states. */
export const ANY_STATES = { leftOut: /Valid (states|types) are|requires one of the following scenarios/ };

/** Without a broker: help, version, what no tool knows. */
export const usageOf = (tool: string, more?: Partial<Form>): readonly Form[] =>
  ['', '--help', '--version', '--no-such-option'].map((args) => form(tool, args, more));
