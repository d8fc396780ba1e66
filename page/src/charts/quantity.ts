/** What a quantity is called, how it is computed (with its numbers) and what it means. */
export interface Quantity {
  name: string;
  /** "" where there is none. */
  formula: string;
  meaning: string;
}
