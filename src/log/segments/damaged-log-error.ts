// What stands in a segment is not what was written there. Whoever asked for it is answered CORRUPT_MESSAGE; the operator finds
// the file and the place in the log.
import { Errors, KafkaError } from '../../protocol/index.ts';

export class DamagedLogError extends KafkaError {
  readonly path: string;
  /** Where in the file the damage begins. */
  readonly position: number;
  readonly reason: string;

  constructor(path: string, position: number, reason: string) {
    super(Errors.CORRUPT_MESSAGE, `${path} is damaged at position ${position}: ${reason}`);
    this.path = path;
    this.position = position;
    this.reason = reason;
  }
}
