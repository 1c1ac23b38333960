// What stands for `using` where Node has it not yet (scripts/typescript/using.mjs): this file is loaded with it.
import { expect } from 'chai';

describe('using', () => {
  const log: string[] = [];
  const named = (name: string): Disposable => ({ [Symbol.dispose]: () => void log.push(name) });
  const failing = (name: string): Disposable => ({
    [Symbol.dispose]: () => {
      throw new Error(name);
    },
  });

  const missing = (): AsyncDisposable | null => null;

  beforeEach(() => void log.splice(0));

  it('lets go at the end of the block, the last one first', async () => {
    {
      using first = named('first');
      await using second = { [Symbol.asyncDispose]: async () => void log.push('second') };
      await using nothing = missing();
      log.push(`${typeof first} ${typeof second} ${nothing === null}`);
    }
    expect(log).to.deep.equal(['object object true', 'second', 'first']);
  });

  it('lets go of all when the block throws, and when one of them does', () => {
    const block = (): void => {
      using first = named('first');
      using second = failing('second');
      void [first, second];
      throw new Error('the block');
    };
    let caught: unknown;
    try {
      block();
    } catch (error) {
      caught = error;
    }
    expect(log).to.deep.equal(['first']);
    expect(caught).to.be.an('error');
    const suppressed = 'suppressed' in (caught as object);
    const errors = suppressed
      ? [(caught as SuppressedError).error, (caught as SuppressedError).suppressed]
      : (caught as AggregateError).errors;
    expect(errors.map(String)).to.deep.equal(['Error: second', 'Error: the block']);
  });

  it('refuses what cannot be let go of', () => {
    const block = (): void => {
      using one = {} as Disposable;
      log.push(typeof one);
    };
    expect(block).to.throw(TypeError);
    expect(log).to.deep.equal([]);
  });
});
