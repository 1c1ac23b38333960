// The topics that a regular expression has matched, and when (Kafka: ResolvedRegularExpression).

export interface ResolvedRegex {
  readonly topics: ReadonlySet<string>;
  /** The offset of the metadata whose topics were looked at. */
  readonly version: number;
  /** When they were looked at, milliseconds. */
  readonly timestampMs: number;
}
