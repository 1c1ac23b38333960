// Stands for `using` and `await using` where the language has them not yet (Node 20): the resources of one block, in the shape that the
// compiler asks for. `u` and `a` take one in, `e` is what the block has thrown, `d` lets go of all, the last one first.
export function usingContext() {
  const resources = [];
  let isAsync = false;
  let failure;

  function take(value, dispose) {
    if (value === null || value === undefined) return value;
    if (typeof dispose !== 'function') throw new TypeError('What is used cannot be disposed of');
    resources.push(() => dispose.call(value));
    return value;
  }

  /** An error that comes while another one is on its way does not hide it. */
  function failed(error) {
    failure = { error: failure === undefined ? error : new AggregateError([error, failure.error], error?.message) };
  }

  function end() {
    if (failure !== undefined) throw failure.error;
  }

  async function letGoInTurn() {
    for (const letGo of resources.reverse()) await Promise.resolve().then(letGo).catch(failed);
    end();
  }

  function letGo() {
    for (const one of resources.reverse()) {
      try {
        one();
      } catch (error) {
        failed(error);
      }
    }
    end();
  }

  return {
    set e(error) {
      failed(error);
    },
    u: (value) => take(value, value?.[Symbol.dispose]),
    a: (value) => {
      isAsync = true;
      return take(value, value?.[Symbol.asyncDispose] ?? value?.[Symbol.dispose]);
    },
    d: () => (isAsync ? letGoInTurn() : letGo()),
  };
}
