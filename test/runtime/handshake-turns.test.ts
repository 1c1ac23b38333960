import { expect } from 'chai';
import { HandshakeTurns } from '../../src/runtime/node/handshake-turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Handshakes of TLS', () => {
  it('are begun four in a turn, in the order in which they came', async () => {
    const turns = new HandshakeTurns();
    const begun: number[] = [];
    for (let index = 0; index < 10; index++) turns.begin(() => begun.push(index));
    expect(begun).to.deep.equal([0, 1, 2, 3]);
    await turn();
    expect(begun).to.have.length(8);
    turns.begin(() => begun.push(10));
    expect(begun).to.have.length(8);
    await turn();
    expect(begun).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await turn();
    await turn();
    turns.begin(() => begun.push(11));
    expect(begun).to.include(11);
  });
});
