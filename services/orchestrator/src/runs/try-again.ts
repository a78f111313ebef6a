/** The world was not ready, and the run is not to blame: it is tried again as a new attempt, while it has one left. */
export class TryAgain extends Error {
  override name = "TryAgain";
  readonly afterSeconds: number;
  constructor(message: string, afterSeconds: number) {
    super(message);
    this.afterSeconds = afterSeconds;
  }
}
