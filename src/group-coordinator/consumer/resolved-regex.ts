// The topics that a regular expression has matched, and when (Kafka: ResolvedRegularExpression).
import type { Int64 } from '../../protocol/index.ts';

export interface ResolvedRegex {
  readonly topics: ReadonlySet<string>;
  /** The offset of the metadata whose topics were looked at. */
  readonly version: Int64;
  /** When they were looked at, milliseconds. */
  readonly timestampMs: Int64;
}
