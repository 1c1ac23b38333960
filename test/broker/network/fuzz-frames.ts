// Ten million mutated frames, a million on each broker unless told otherwise: nothing may end it, make its thread work for more than 100 ms in one turn of the
// event loop, or make it grow beyond a bound. By hand, on Linux, an hour or so:
// `node --import=tsx test/broker/network/fuzz-frames.ts [FRAMES] [SEED] [EACH]`; a failure names the seed of its broker.
import { FrameStorm } from './frame-storm.ts';
import { StormFrames } from './storm-frames.ts';

const MOST_RESIDENT_MB = 600;
/** Of the processor's time: by the clock other programs count as well. */
const LONGEST_TURN_MS = 100;
const TOLD_EVERY_MS = 10_000;

const total = Number(process.argv[2] ?? 10_000_000);
const firstSeed = Number(process.argv[3] ?? 1);
const onEachBroker = Number(process.argv[4] ?? 1_000_000);
const made = new StormFrames();

for (let done = 0, seed = firstSeed; done < total; seed++) {
  const frames = Math.min(onEachBroker, total - done);
  const storm = await FrameStorm.open({ seed, frames, made });
  const startedAt = performance.now();
  const telling = setInterval(() => {
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`seed ${seed}: ${done + storm.done} of ${total} frames, ${Math.round(storm.done / seconds)} a second`);
  }, TOLD_EVERY_MS);
  try {
    const { frames: sent, byKind, versions, mostResidentMb, longestTurn, faults } = await storm.run();
    const kinds = [...byKind].map(([kind, count]) => `${kind} ${count}`).join(', ');
    const turn = `a turn of ${longestTurn.cpuMs.toFixed(0)} ms at most, ${longestTurn.wallMs.toFixed(0)} ms late by the clock`;
    console.log(
      `seed ${seed}: ${sent} frames (${kinds}), ${versions} versions of APIs; ${Math.round(mostResidentMb)} MB, ${turn}`,
    );
    for (const fault of faults) console.log(`seed ${seed}: ${fault}`);
    const isRed = faults.length > 0 || mostResidentMb > MOST_RESIDENT_MB || longestTurn.cpuMs > LONGEST_TURN_MS;
    if (isRed) process.exitCode = 1;
  } catch (error) {
    console.log(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  } finally {
    clearInterval(telling);
    await storm.close();
  }
  done += frames;
}
