// A part that was measured again takes the place of what the last whole run said of it, with all its contenders: what stands side by
// side has been measured side by side.

import type { Results } from './bars.ts';

/** Parts measured again, as `--only` names them, and when. */
export interface PartRun {
  readonly parts: readonly string[];
  readonly date: string;
}

/** Throws Error where the two say nothing of each other: another machine, another plan. */
export function withPart(whole: Results, part: Results, parts: readonly string[]): Results {
  if (part.machine !== whole.machine) throw new Error(`the whole run was on another machine: ${whole.machine}`);
  if (part.isQuick || whole.isQuick) throw new Error('figures of --quick are not kept');
  const measured = Object.entries(part).filter(([, value]) => !isNothing(value));
  const cases = new Set(part.loads.map((load) => load.case));
  const older = (whole.again ?? []).map((run) => ({ ...run, parts: run.parts.filter((one) => !parts.includes(one)) }));
  const sameDay = older.filter((run) => run.date === part.date).flatMap((run) => run.parts);
  const before = older.filter((run) => run.date !== part.date && run.parts.length > 0);
  return {
    ...whole,
    ...(Object.fromEntries(measured) as Partial<Results>),
    date: whole.date,
    loads: [...whole.loads.filter((load) => !cases.has(load.case)), ...part.loads],
    security: { ...whole.security, ...part.security },
    again: [...before, { parts: [...sameDay, ...parts], date: part.date }],
  };
}

function isNothing(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
