// The short form of the storm of mutated frames; the long one is fuzz-frames.ts, by hand.
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { FrameStorm } from './frame-storm.ts';
import { StormFrames } from './storm-frames.ts';
import { LANE_KINDS } from './storm-lane.ts';

describe('A storm of mutated frames', function () {
  this.timeout(120_000);

  it('ends nothing and breaks nothing, before and after logins, in TLS and below it', async function () {
    // Memory of another process, and its ports, are told by Linux alone.
    if (!existsSync('/proc/self/status')) this.skip();
    const storm = await FrameStorm.open({ seed: 1, frames: 4000, made: new StormFrames() });
    try {
      const { frames, byKind, faults } = await storm.run();
      expect(frames).to.be.at.least(4000);
      for (const kind of LANE_KINDS) expect(byKind.get(kind) ?? 0, kind).to.be.above(0);
      expect(faults).to.deep.equal([]);
    } finally {
      await storm.close();
    }
  });
});
