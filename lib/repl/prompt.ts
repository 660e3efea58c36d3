/** What asks for a line, as in dream.py. */
export const PROMPT = "dream> ";
