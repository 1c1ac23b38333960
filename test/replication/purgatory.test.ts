import { expect } from 'chai';
import { Purgatory } from '../../src/replication/purgatory.ts';
import { AssertionFailure } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';

describe('the purgatory', () => {
  it('ends every wait when it closes, and takes nobody in then', () => {
    const purgatory = new Purgatory(new SimClock({ nextTurn }), 2);
    let expired = 0;
    const request = { expired: () => void (expired += 1) };
    purgatory.park(request, 100);
    purgatory.park(request, 100);
    expect(purgatory.park(request, 100)).to.equal(undefined);
    purgatory.close();
    expect(expired).to.equal(2);
    expect(purgatory.size).to.equal(0);
    expect(purgatory.park(request, 100)).to.equal(undefined);
  });

  it('has a place left as often as one likes, and forgets it once', () => {
    const purgatory = new Purgatory(new SimClock({ nextTurn }), 2);
    const place = purgatory.park({ expired: () => undefined }, 100);
    place?.leave();
    place?.leave();
    expect(purgatory.size).to.equal(0);
    if (place === undefined) throw new Error('there is room');
    expect(() => purgatory.forget(place)).to.throw(AssertionFailure, 'a place is left once');
  });
});
