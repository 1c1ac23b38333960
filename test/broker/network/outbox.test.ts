import { expect } from 'chai';
import { Outbox } from '../../../src/broker/network/outbox.ts';
import { ListenerTraffic } from '../../../src/broker/network/listener-traffic.ts';
import { PendingResponse } from '../../../src/broker/network/pending-response.ts';
import type { Connection } from '../../../src/runtime/index.ts';

function answer(...buffers: Uint8Array[]): PendingResponse {
  const pending = new PendingResponse(0);
  pending.buffers = buffers;
  return pending;
}

function sentBy(answers: readonly PendingResponse[], traffic = new ListenerTraffic()): Uint8Array[][] {
  const sent: Uint8Array[][] = [];
  const socket = { unsentBytes: 0, send: (buffers: Uint8Array[]) => void sent.push([...buffers]) };
  const outbox = new Outbox(socket as unknown as Connection, { total: 0 }, traffic);
  for (const pending of answers) outbox.add(pending);
  outbox.flush();
  outbox.flush();
  return sent;
}

describe('Outbox', () => {
  it('hands small answers of a turn to the network as one buffer, in their order', () => {
    const answers = [
      answer(Buffer.from('one ')),
      answer(Buffer.from('two '), Buffer.from('')),
      answer(),
      answer(Buffer.from('three')),
    ];
    const traffic = new ListenerTraffic();
    expect(sentBy(answers, traffic)).to.deep.equal([[Buffer.from('one two three')]]);
    expect(traffic).to.include({ responses: 3, bytesOut: 13 });
  });

  it('copies none that is alone, and none that is large', () => {
    const [alone, large] = [Buffer.from('alone'), Buffer.alloc(10_000)];
    expect(sentBy([answer(alone)])[0]?.[0]).to.equal(alone);
    expect(sentBy([answer(alone), answer(large)])[0]?.[1]).to.equal(large);
  });

  it('sends nothing where there is nothing', () => {
    expect(sentBy([])).to.deep.equal([]);
  });
});
