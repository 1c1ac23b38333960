// Times of a lease with which tests need not wait long: between processes that live, and where nobody does.
export const QUICK = { renewMs: 50, confirmedForMs: 100, staleAfterMs: 1500, settleMs: 300, pollMs: 50 };
export const DEAD = { renewMs: 20, confirmedForMs: 60, staleAfterMs: 100, settleMs: 40, pollMs: 10 };
