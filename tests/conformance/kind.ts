/** One case of a reference file, run. */
export interface CaseResult {
  /** How to find the case in its file. */
  readonly name: string;
  /** Absent when the case passed. */
  readonly difference?: { readonly expected: unknown; readonly got: unknown };
}

/**
 * Runs every case in the text of a reference file. Throws only when the text is not of its format; a case that fails in an unforeseen
 * way is a difference.
 */
export type ConformanceKind = (text: string) => Promise<CaseResult[]>;
