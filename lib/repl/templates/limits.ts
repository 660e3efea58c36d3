/** Lines that one template may make. */
export const MOST_TEMPLATE_LINES = 10_000;

/** Characters of all its lines together. */
export const MOST_TEMPLATE_CHARACTERS = 20_000_000;

/** More lines than this are made only when somebody who can be asked says so. */
export const ASKED_ABOVE = 100;
