// Mocha's dots, and at the end where the time went: the slowest tests, so that a suite that grows slow is seen to. What failed
// is named by file, for whoever runs it again (scripts/ci.mjs).
const path = require('node:path');
const { reporters, Runner } = require('mocha');

const SHOWN = 10;

class SlowestLast extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const tests = [];
    const failedFiles = new Set();
    const startedMs = Date.now();
    runner.on(Runner.constants.EVENT_TEST_END, (test) => tests.push(test));
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test) => failedFiles.add(path.relative(process.cwd(), fileOf(test))));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const slowest = tests.filter((test) => test.duration > 0).sort((a, b) => b.duration - a.duration);
      console.log(`  ${tests.length} tests in ${Math.round((Date.now() - startedMs) / 1000)} s; the slowest:`);
      for (const test of slowest.slice(0, SHOWN)) {
        console.log(`  ${String(Math.round(test.duration)).padStart(7)} ms  ${test.fullTitle()}`);
      }
      if (failedFiles.size > 0) console.log(`  failed in: ${[...failedFiles].join(' ')}`);
      console.log('');
    });
  }
}

/** Hooks and what failed in another process may know only their suite's file. */
function fileOf(test) {
  for (let at = test; at !== undefined; at = at.parent) if (at.file) return at.file;
  return 'unknown';
}

module.exports = SlowestLast;
