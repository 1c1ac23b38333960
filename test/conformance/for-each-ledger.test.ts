// The judge of forEach: what it lets pass, and what it does not.
import { expect } from 'chai';
import { type Life, type Told, verdictOn } from '../../conformance/for-each/ledger.ts';

describe('for-each: the ledger', () => {
  let ns = 0;
  beforeEach(() => {
    ns = 0;
  });

  /** `+` assigned, `-` revoked, `!` lost, `b3k` begun offset 3 of key k, `d3k` done: all of partition 0, in the order of the calls. */
  function said(words: string): Told[] {
    return words.split(' ').map((word) => {
      const atNs = String(++ns);
      const what = { '+': 'assigned', '-': 'revoked', '!': 'lost' } as const;
      if (word in what) return { what: what[word as keyof typeof what], partitions: [0], atNs };
      const [, kind, offset, key] = /^([bd])(\d+)(\w+)$/.exec(word) as unknown as [string, string, string, string];
      return { what: kind === 'b' ? 'begun' : 'done', partition: 0, offset: Number(offset), key, atNs };
    });
  }

  const life = (words: string, wasKilled = false): Life => ({ told: said(words), wasKilled });
  const faultsOf = (lives: readonly Life[], end: number): readonly string[] => verdictOn(lives, [end]).faults;

  it('lets pass what is handed over in order, and what a kill repeats', () => {
    const inOrder = [life('+ b0a b1b d1b d0a b2a d2a -'), life('+ b3a d3a')];
    expect(verdictOn(inOrder, [4])).to.deep.equal({ faults: [], repeated: 0, tenures: 2, missing: 0 });
    const killed = [life('+ b0a d0a b1a d1a b2b', true), life('+ b1a d1a b2b d2b')];
    expect(verdictOn(killed, [4])).to.deep.equal({ faults: [], repeated: 1, tenures: 2, missing: 1 });
    const lost = [life('+ b0a d0a !'), life('+ b0a d0a')];
    expect(verdictOn(lost, [1])).to.include({ repeated: 1, missing: 0 });
  });

  it('sees two records of a key at once, or behind each other in the wrong order', () => {
    expect(faultsOf([life('+ b0a b1a d0a d1a')], 2).join()).to.match(/1 is begun while 0 is under way/);
    expect(faultsOf([life('+ b1a d1a b0a d0a')], 2).join()).to.match(/key a: 0 behind 1/);
    expect(faultsOf([life('+ b0a d0a b0a d0a')], 1).join()).to.match(/0 twice/);
  });

  it('sees a commit of what was not done', () => {
    expect(faultsOf([life('+ b0a b1b d1b', true), life('+ b2a d2a')], 3).join()).to.match(
      /begins at 2, and 0 was never done/,
    );
  });

  it('sees what is repeated though it was given up in order, and what was still under way', () => {
    expect(faultsOf([life('+ b0a d0a -'), life('+ b0a d0a')], 1).join()).to.match(/0 again/);
    const first = life('+ b0a');
    const second = life('+ b1b d1b');
    const late = { ...first, told: [...first.told, ...said('d0a -')] };
    expect(faultsOf([late, second], 2).join()).to.match(/0 was still under way/);
  });
});
