// How often a property is tried. OTTLA_SEEDS sets it for the long form, OTTLA_SEED the seed of fast-check, which is in the message
// of a failure; without it each run has a new one.
/** For fast-check: `few` times in the short form. */
export function propertyRuns(few: number): { numRuns: number; seed?: number } {
  const { OTTLA_SEEDS: seeds, OTTLA_SEED: seed } = process.env;
  return { numRuns: Number(seeds ?? few), ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
