// Resigned: we led this epoch and will not again, be it that we restarted, that the disk failed, or that we go.
// Leads to Candidate in a new epoch.
export class ResignedState {
  readonly name = 'resigned';
  readonly leaderId = undefined;
  readonly epoch: number;

  constructor(epoch: number) {
    this.epoch = epoch;
  }
}
