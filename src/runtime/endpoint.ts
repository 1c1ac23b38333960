// Where a node listens: what configurations name, the metadata writes down and voters are reached by.
export interface Endpoint {
  /** The listener's name in upper case: Kafka's listener names do not tell cases apart. */
  readonly name: string;
  /** As given: '' or '0.0.0.0' mean every address. */
  readonly host: string;
  readonly port: number;
}
