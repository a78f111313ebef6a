/** Where a fact was read, and as of when: what every entry of the catalog says about itself. */
export interface Sourced {
  /** Address, or repository and path. */
  readonly source: string;
  /** Date of the source as `YYYY-MM-DD`, or `unknown` when it has none. */
  readonly asOf: string;
}
