import { expect } from 'chai';
import { EarlyEvents } from '../../../src/broker/node/early-events.ts';

describe('Early events', () => {
  it('wait in order for who listens, and come at once from then on', () => {
    const events = new EarlyEvents<number>();
    const heard: number[] = [];
    events.tell(1);
    events.tell(2);
    events.listen((event) => heard.push(event));
    expect(heard).to.deep.equal([1, 2]);
    events.tell(3);
    expect(heard).to.deep.equal([1, 2, 3]);
  });

  it('are shown to whoever builds as well, and are not taken from who listens', () => {
    const events = new EarlyEvents<number>();
    const seen: number[] = [];
    events.tell(1);
    expect(events.first).to.equal(1);
    events.watch((event) => seen.push(event));
    events.tell(2);
    expect(seen).to.deep.equal([1, 2]);
    const heard: number[] = [];
    events.listen((event) => heard.push(event));
    events.tell(3);
    expect(heard).to.deep.equal([1, 2, 3]);
    expect(seen).to.deep.equal([1, 2]);
    expect(events.first).to.equal(undefined);
  });
});
