// What a doctor says: sentences, how bad it is, and what to do.

export type Gravity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly gravity: Gravity;
  readonly what: string;
  readonly advice: string;
}

export const error = (what: string, advice: string): Finding => ({ gravity: 'error', what, advice });
export const warning = (what: string, advice: string): Finding => ({ gravity: 'warning', what, advice });
export const note = (what: string, advice: string): Finding => ({ gravity: 'note', what, advice });

const MOST_NAMED = 5;

/** The first few names, and how many more. */
export function some(names: readonly (string | number)[]): string {
  const first = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${first} and ${names.length - MOST_NAMED} more` : first;
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const LABELS: Readonly<Record<Gravity, string>> = { error: 'ERROR', warning: 'WARNING', note: 'note' };
const COLOURS: Readonly<Record<Gravity, string>> = { error: '\u001b[31m', warning: '\u001b[33m', note: '\u001b[2m' };

/** The worst first, and last a sentence about the whole. */
export function findingsText(findings: readonly Finding[], looked: string, isColored: boolean): string {
  const sorted = sortedFindings(findings);
  const lines = sorted.map(({ gravity, what, advice }) => {
    const label = isColored ? `${COLOURS[gravity]}${LABELS[gravity]}\u001b[0m` : LABELS[gravity];
    return `${label}: ${what}\n  ${advice}\n`;
  });
  return `${[...lines, `${looked} ${verdict(findings)}\n`].join('\n')}`;
}

export function sortedFindings(findings: readonly Finding[]): Finding[] {
  const order: readonly Gravity[] = ['error', 'warning', 'note'];
  return order.flatMap((gravity) => findings.filter((one) => one.gravity === gravity));
}

function verdict(findings: readonly Finding[]): string {
  const errors = findings.filter(({ gravity }) => gravity === 'error').length;
  const warnings = findings.filter(({ gravity }) => gravity === 'warning').length;
  if (errors === 0 && warnings === 0) return 'Nothing is wrong.';
  const parts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return `${parts.join(' and ')}.`;
}

/** 2 for errors, 1 for warnings, else 0. */
export function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ gravity }) => gravity === 'error')) return 2;
  return findings.some(({ gravity }) => gravity === 'warning') ? 1 : 0;
}
