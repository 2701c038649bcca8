/** Owns what a bench tells: one measured value, and what it is held against. */
export interface Row {
  readonly name: string;
  /** What was measured, in `unit`. */
  readonly value: number;
  readonly unit: string;
  /** What it is held against, in the same unit; null = nothing. */
  readonly against: number | null;
  /** What `against` is. */
  readonly beside: string;
}
