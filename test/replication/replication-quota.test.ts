import { expect } from 'chai';
import { ReplicationQuota } from '../../src/replication/replication-quota.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';

describe('a replication quota', () => {
  let clock: SimClock;
  let limit: number;
  let quota: ReplicationQuota;

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    limit = 1000;
    quota = new ReplicationQuota(clock, 1, { samples: 11, sampleMs: 1000 }, () => limit);
  });

  it('is about the replicas that the topic names: all, or those of this broker', () => {
    expect(quota.isOn).to.equal(false);
    quota.configure('all', '*');
    quota.configure('some', '0:1,1:2, 3:1');
    quota.configure('others', '0:2');
    expect([0, 9].map((index) => quota.isThrottled('all', index))).to.deep.equal([true, true]);
    expect([0, 1, 2, 3].map((index) => quota.isThrottled('some', index))).to.deep.equal([true, false, false, true]);
    expect([quota.isThrottled('others', 0), quota.isThrottled('else', 0)]).to.deep.equal([false, false]);
    quota.configure('all', undefined);
    quota.configure('some', '');
    expect(quota.isOn).to.equal(false);
  });

  it('is exceeded by the rate of the samples that are kept, and by a lower bound at once', async () => {
    expect(quota.isExceeded).to.equal(false);
    quota.record(1000);
    expect(quota.isExceeded).to.equal(false);
    quota.record(1);
    expect(quota.isExceeded).to.equal(true);
    await clock.advance(2000);
    expect(quota.isExceeded).to.equal(false);
    limit = 500;
    expect(quota.isExceeded).to.equal(true);
    await clock.advance(10_000);
    expect(quota.isExceeded).to.equal(false);
  });

  it('lets through what the bound allows, over time', async () => {
    let bytes = 0;
    for (let ms = 0; ms < 60_000; ms += 50) {
      if (!quota.isExceeded) {
        quota.record(400);
        bytes += 400;
      }
      await clock.advance(50);
    }
    expect(bytes).to.be.within(54_000, 66_000);
  });
});
