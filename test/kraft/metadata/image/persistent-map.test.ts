import { expect } from 'chai';
import fc from 'fast-check';
import { PersistentMap } from '../../../../src/kraft/metadata/index.ts';

describe('the persistent map', () => {
  const change = fc.record({ key: fc.string({ maxLength: 3 }), value: fc.option(fc.integer(), { nil: undefined }) });

  it('holds what a Map would hold after the same changes, and leaves older versions alone', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        let map = PersistentMap.empty<number>();
        const model = new Map<string, number>();
        const versions: [PersistentMap<number>, [string, number][]][] = [];
        for (const { key, value } of changes) {
          versions.push([map, [...model]]);
          if (value === undefined) model.delete(key);
          else model.set(key, value);
          map = value === undefined ? map.delete(key) : map.set(key, value);
          expect(map.size).to.equal(model.size);
          expect(map.get(key)).to.equal(value);
        }
        for (const [version, entries] of versions) expect([...version]).to.have.deep.members(entries);
        expect([...map]).to.have.deep.members([...model]);
        expect([...map.values()]).to.have.members([...model.values()]);
      }),
    );
  });

  it('has an order that depends on its keys alone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 60 }), fc.uniqueArray(fc.string()), (keys, others) => {
        const build = (list: readonly string[]) =>
          list.reduce((map, key) => map.set(key, 1), PersistentMap.empty<number>());
        const extra = others.filter((key) => !keys.includes(key));
        const detour = extra.reduce((map, key) => map.delete(key), build([...extra, ...[...keys].reverse()]));
        expect([...detour.keys()]).to.deep.equal([...build(keys).keys()]);
      }),
    );
  });

  it('survives keys with the same hash', () => {
    // Two pairs that FNV-1a cannot tell apart, found by search.
    const colliding = collisions(2);
    let map = PersistentMap.empty<string>();
    for (const key of colliding) map = map.set(key, key);
    for (const key of colliding) expect(map.get(key)).to.equal(key);
    expect(map.size).to.equal(colliding.length);
    for (const key of colliding) map = map.delete(key);
    expect(map.size).to.equal(0);
    expect([...map]).to.deep.equal([]);
  });
});

/** Pairs of strings whose FNV-1a hashes are equal: the birthday of 2^32 needs some hundred thousand tries. */
function collisions(pairs: number): string[] {
  const seen = new Map<number, string>();
  const found: string[] = [];
  for (let number = 0; found.length < 2 * pairs && number < 1_000_000; number++) {
    const key = number.toString(36);
    let hash = 0x811c9dc5;
    for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    const other = seen.get(hash);
    if (other !== undefined) found.push(other, key);
    seen.set(hash, key);
  }
  return found;
}
