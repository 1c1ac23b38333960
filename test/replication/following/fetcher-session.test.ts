import { expect } from 'chai';
import fc from 'fast-check';
import { Errors } from '../../../src/protocol/index.ts';
import { FetcherSession, type SessionStep } from '../../../src/replication/following/fetcher-session.ts';
import type { FollowedPartition } from '../../../src/replication/following/followed-partition.ts';

const followed = (key: string): FollowedPartition => ({ key }) as FollowedPartition;
const keys = (list: readonly FollowedPartition[]): string[] => list.map(({ key }) => key);

/** What a leader remembers of the session, by the rules of KIP-227. */
class Leader {
  readonly remembered = new Map<string, FollowedPartition>();
  #id = 0;
  #epoch = 0;
  #ids = 0;

  /** The code and the session id of the answer. */
  ask({ sessionId, sessionEpoch, asked, forgotten }: SessionStep): { errorCode: number; sessionId: number } {
    if (sessionEpoch === 0) {
      this.remembered.clear();
      this.#id = ++this.#ids;
      this.#epoch = 1;
    } else {
      if (sessionId !== this.#id) return { errorCode: Errors.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0 };
      if (sessionEpoch !== this.#epoch) return { errorCode: Errors.INVALID_FETCH_SESSION_EPOCH, sessionId: 0 };
      this.#epoch += 1;
    }
    for (const { key } of forgotten) this.remembered.delete(key);
    for (const one of asked) this.remembered.set(one.key, one);
    return { errorCode: 0, sessionId: this.#id };
  }

  forgetSession(): void {
    this.#id = -1;
  }
}

describe("a follower's fetch session", () => {
  it('names all partitions once, then what has changed', () => {
    const session = new FetcherSession();
    const [a, b] = [followed('a'), followed('b')];
    session.ask(a);
    session.ask(b);
    expect(session.next()).to.deep.include({ sessionId: 0, sessionEpoch: 0, asked: [a, b] });
    session.answered(0, 7);
    expect(session.next()).to.deep.equal({ sessionId: 7, sessionEpoch: 1, asked: [], forgotten: [] });
    session.answered(0, 7);
    session.ask(b);
    session.drop(a);
    expect(session.next()).to.deep.equal({ sessionId: 7, sessionEpoch: 2, asked: [b], forgotten: [a] });
  });

  it('goes on without a session where the leader makes none', () => {
    const session = new FetcherSession();
    session.ask(followed('a'));
    session.next();
    session.answered(0, 0);
    expect(session.next()).to.deep.include({ sessionId: 0, sessionEpoch: 0 });
  });

  it('closes the session of which it does not know what the leader has seen', () => {
    const session = new FetcherSession();
    session.ask(followed('a'));
    session.next();
    session.answered(0, 7);
    session.next();
    session.failed();
    expect(session.next()).to.deep.include({ sessionId: 7, sessionEpoch: 0 });
    session.answered(Errors.FETCH_SESSION_ID_NOT_FOUND, 0);
    expect(session.next()).to.deep.include({ sessionId: 0, sessionEpoch: 0 });
  });

  it('has the leader remember just what is wanted, whatever befalls requests and answers', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      what: fc.constantFrom('ask', 'drop', 'fetch', 'fetch', 'lost request', 'lost answer', 'forget'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const session = new FetcherSession();
        const leader = new Leader();
        const wanted = new Map<string, FollowedPartition>();
        const fetch = (): void => {
          const answer = leader.ask(session.next());
          session.answered(answer.errorCode, answer.sessionId);
          if (answer.errorCode === 0) expect(leader.remembered).to.deep.equal(wanted);
        };
        for (const { key, what } of steps) {
          const before = wanted.get(key);
          if (what === 'ask') {
            const one = followed(key);
            if (before !== undefined) session.drop(before);
            wanted.set(key, one);
            session.ask(one);
          } else if (what === 'drop' && before !== undefined) {
            wanted.delete(key);
            session.drop(before);
          } else if (what === 'fetch') fetch();
          else if (what === 'lost request') {
            session.next();
            session.failed();
          } else if (what === 'lost answer') {
            leader.ask(session.next());
            session.failed();
          } else if (what === 'forget') leader.forgetSession();
        }
        fetch();
        fetch();
        expect(keys([...leader.remembered.values()]).sort()).to.deep.equal([...wanted.keys()].sort());
      }),
    );
  });
});
