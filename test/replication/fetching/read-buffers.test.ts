import { expect } from 'chai';
import { ReadBuffers, ReadLease } from '../../../src/replication/fetching/read-buffers.ts';
import { ResponseMemory } from '../../../src/replication/fetching/response-memory.ts';
import { AssertionFailure } from '../../../src/runtime/index.ts';

describe('read buffers', () => {
  it('are used again once their response has left, and given back once', () => {
    const buffers = new ReadBuffers();
    const lease = new ReadLease(buffers);
    const first = lease.take(1000);
    lease.sent();
    lease.sent();
    expect(buffers.usedBytes).to.equal(0);
    expect(buffers.take(1000)).to.equal(first);
  });

  it('are not given back twice, nor by whom they were not taken from', () => {
    const buffers = new ReadBuffers();
    const buffer = buffers.take(1000);
    buffers.give(buffer);
    expect(() => buffers.give(buffer)).to.throw(AssertionFailure, 'a buffer is given back once');
    expect(() => buffers.give(Buffer.alloc(10))).to.throw(AssertionFailure, 'only what was taken here');
  });
});

describe('the memory of responses', () => {
  it('gets back no more than was taken', () => {
    const memory = new ResponseMemory(100, () => 0);
    memory.take(60);
    expect(memory.freeBytes).to.equal(40);
    memory.give(60);
    expect(() => memory.give(1)).to.throw(AssertionFailure, 'no more is given back');
  });
});
