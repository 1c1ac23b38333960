// Where every `import()` of the sources passes (hooks.mjs). It counts the modules that are being loaded on demand: a simulated clock
// stands still meanwhile (test/quick-turn.ts), however long the machine needs for it. And a module that is there is not asked for again:
// each `import()`, of a loaded module too, is a question to the thread in which the hooks run, and every broker of a test asks some dozens.
const loaded = new Map();
let underWay = 0;
const done = () => void underWay--;

/** `key` stands for the module that `load` imports, whoever asks. One that could not be loaded is asked for again. */
export function importing(key, load) {
  const module = loaded.get(key) ?? load();
  underWay++;
  module.then(done, done);
  if (!loaded.has(key)) {
    loaded.set(key, module);
    module.catch(() => loaded.delete(key));
  }
  return module;
}

export const importsUnderWay = () => underWay;
