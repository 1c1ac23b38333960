// Unattached: we know an epoch, perhaps whom we voted for or who leads, and follow nobody.
// Leads to Candidate when the election timeout passes (at once, if we are the only voter).
export class UnattachedState {
  readonly name = 'unattached';
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly votedId: number | undefined;

  constructor(facts: { epoch: number; leaderId: number | undefined; votedId: number | undefined }) {
    this.epoch = facts.epoch;
    this.leaderId = facts.leaderId;
    this.votedId = facts.votedId;
  }
}
