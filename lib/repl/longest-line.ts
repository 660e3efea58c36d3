/** Characters of a line: far more than any model reads, far less than a picture's text may have. */
export const LONGEST_LINE = 100_000;
