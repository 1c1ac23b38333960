// Mocha's dots, and at the end where the time went: the slowest tests, so that a suite that grows slow is seen to.
const { reporters, Runner } = require('mocha');

const SHOWN = 10;

class SlowestLast extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const tests = [];
    const startedMs = Date.now();
    runner.on(Runner.constants.EVENT_TEST_END, (test) => tests.push(test));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const slowest = tests.filter((test) => test.duration > 0).sort((a, b) => b.duration - a.duration);
      console.log(`  ${tests.length} tests in ${Math.round((Date.now() - startedMs) / 1000)} s; the slowest:`);
      for (const test of slowest.slice(0, SHOWN)) {
        console.log(`  ${String(Math.round(test.duration)).padStart(7)} ms  ${test.fullTitle()}`);
      }
      console.log('');
    });
  }
}

module.exports = SlowestLast;
