// How often a property is tried: OTTLA_SEEDS sets it for the long form. What is drawn: fixed-draws.ts.
/** For fast-check: `few` times in the short form. */
export function propertyRuns(few: number): { numRuns: number } {
  return { numRuns: Number(process.env['OTTLA_SEEDS'] ?? few) };
}
