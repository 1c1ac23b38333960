// Where Ottla knowingly does something else than Kafka 4.3.1. Every line a check lets pass for this reason is named here,
// with the reason; both lists want to be empty.

/** A golden line that may fail: `id` is what the golden runner prints in front of a failure. */
export interface GoldenDeviation {
  readonly id: RegExp;
  readonly reason: string;
}

/** Recorded exchanges that are answered differently, and how: a body, or how the connection ends. */
export interface TranscriptDeviation {
  readonly ids: readonly string[];
  readonly answer: unknown;
  readonly reason: string;
}

export const deviations: {
  readonly golden: readonly GoldenDeviation[];
  readonly transcripts: readonly TranscriptDeviation[];
} = {
  golden: [],
  transcripts: [],
};
