// What the simulator judges clusters by, where a judge was wrong.
import { expect } from 'chai';
import { EndSeen, LEARNS_END_MS } from './cluster/end-seen.ts';
import { TraceHash } from './cluster/trace-hash.ts';

describe('The end of what was written', () => {
  it('has to be told for a while: a leader of yesterday told of too little (seed 596 at b88a9c1c)', () => {
    const end = new EndSeen();
    expect([end.look(true, 100, []), end.look(true, 99 + LEARNS_END_MS, [])]).to.deep.equal([false, false]);
    expect(end.look(true, 100 + LEARNS_END_MS, [])).to.equal(true);
  });

  it('begins anew when somebody tells of more', () => {
    const end = new EndSeen();
    end.look(true, 0, []);
    end.look(false, 1000, []);
    expect(end.look(true, 1500 + LEARNS_END_MS, [])).to.equal(false);
    expect(end.look(true, 1500 + 2 * LEARNS_END_MS, [])).to.equal(true);
  });

  it('is what was seen last: what a producer had given up may be written behind it (seed 100276 at bb99b5cb)', () => {
    const end = new EndSeen();
    end.look(true, 0, [{ partition: 1, offset: 15 }]);
    expect([end.reaches(1, 14), end.reaches(1, 15), end.reaches(0, 0)]).to.deep.equal([true, false, false]);
  });
});

describe('The trace of a run', () => {
  const hashOf = (error: Error, where: string): string => {
    const hash = new TraceHash();
    hash.line(`node1 error a disk has failed ${JSON.stringify({ error: error.stack, where })}`);
    return hash.value;
  };

  it('is the same whatever calls have led to an error: they are named otherwise by other versions of Node', () => {
    const deeper = (): Error => new Error('EIO');
    expect(hashOf(deeper(), 'here')).to.equal(hashOf(new Error('EIO'), 'here'));
    expect(hashOf(new Error('EIO'), 'here')).not.to.equal(hashOf(new Error('EIO'), 'there'));
    expect(hashOf(new Error('EIO'), 'here')).not.to.equal(hashOf(new Error('ENOSPC'), 'here'));
  });
});
