// A thread that somebody in this process has started, as a port: it is asked, and answers; it tells, and is not asked.

export interface Thread {
  /** Resolves with the answer, or rejects with what the other side has thrown, or when the thread has ended. Both are copied. */
  ask(question: unknown): Promise<unknown>;
  /**
   * The answer of a question that is answered in one turn. Nothing else happens in this thread meanwhile. Throws an Error when
   * none has come for 10 seconds.
   */
  askNow(question: unknown): unknown;
  /** Resolves when nothing of it is left. */
  end(): Promise<void>;
}

/** What a thread does for the one that has started it. */
export interface ThreadService {
  /** What it throws goes to who has asked. */
  ask(question: unknown): Promise<unknown>;
  askNow(question: unknown): unknown;
}
