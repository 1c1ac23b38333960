// Loaded into a broker that is stormed (`--import`): how long its event loop was away, by the clock and by the processor's time of its
// thread, as Linux counts it. On a machine that is busy with others the clock tells how long they kept it; the processor's time
// is what the broker itself did. A line on standard error every second.
import { openSync, readSync, writeSync } from 'node:fs';

const TICK_MS = 10;
const TOLD_EVERY_MS = 1_000;

const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
const bytes = Buffer.alloc(64);

/** Of the thread of the event loop, in milliseconds. */
function threadMs() {
  readSync(file, bytes, 0, bytes.length, 0);
  return Number(bytes.toString('latin1', 0, bytes.indexOf(' '))) / 1e6;
}

let longest = { cpuMs: 0, wallMs: 0 };
let before = { cpuMs: threadMs(), wallMs: performance.now() };
let toldMs = before.wallMs;

setInterval(() => {
  const now = { cpuMs: threadMs(), wallMs: performance.now() };
  longest.cpuMs = Math.max(longest.cpuMs, now.cpuMs - before.cpuMs);
  longest.wallMs = Math.max(longest.wallMs, now.wallMs - before.wallMs - TICK_MS);
  before = now;
  if (now.wallMs - toldMs < TOLD_EVERY_MS) return;
  toldMs = now.wallMs;
  writeSync(2, `loop-watch ${longest.cpuMs.toFixed(1)} ${longest.wallMs.toFixed(1)}\n`);
  longest = { cpuMs: 0, wallMs: 0 };
}, TICK_MS).unref();
