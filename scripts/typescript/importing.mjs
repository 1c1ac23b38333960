// Counts the modules that are being loaded on demand: hooks.mjs has every `import()` of the sources pass here. A simulated clock
// stands still meanwhile (test/quick-turn.ts), however long the machine needs for it.
let underWay = 0;
const done = () => void underWay--;

export function importing(module) {
  underWay++;
  module.then(done, done);
  return module;
}

export const importsUnderWay = () => underWay;
