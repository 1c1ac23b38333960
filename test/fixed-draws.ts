// What fast-check draws is the same in every run of npm test (.mocharc.json): a change is refused for what it does, not for a draw that
// nobody has seen before. The long form (OTTLA_SEEDS) draws anew each time; OTTLA_SEED sets the seed, which is in the message of a failure.
import fc from 'fast-check';

const { OTTLA_SEEDS: seeds, OTTLA_SEED: seed } = process.env;
if (seeds === undefined || seed !== undefined) fc.configureGlobal({ seed: Number(seed ?? 1) });
