import fc from "fast-check";

/** Prompts as people type them, for damage. */
const REAL_PROMPTS = [
  "a tall thin man (picking (apricots)1.3)1.1, portrait++ [fog, (people)0.5]",
  '("a castle", "(a ship)- at sea").blend(0.3,0.7,no_normalize)',
  'a (cat).swap("dog, big", t_start=0.2, shape_freedom=0.5) on a mat withLora(film-look,0.8)',
  '("red", "blue").and(1,2) rest',
  "blue sphere:0.25 red (cube)++:0.75 hybrid <trigger>",
  "a (cat).swap(dog, s_start=0, s_end=.3, t_start=-1, t_end=1e9) and (a (b)+).swap((c)- d, shape_freedom=0) [x.swap(y)]",
  '("a cat.swap(dog)", "b").and(1,0.5)',
  "(masterpiece:1.2), [cat:dog:0.5], <lora:x:1> BREAK \\(escaped\\)",
];

const OPERATORS = [
  ".swap(",
  ".blend(",
  ".and(",
  ".add(",
  ".attend(",
  "withLora(",
  "useLora(",
  "<lora:",
  "BREAK",
  "AND",
  "Negative prompt:",
  "t_start=",
  "s_end=",
  "shape_freedom=",
  ", t_end=0.5)",
  "no_normalize",
];
const PIECES = [
  ...'()[]"\\,.+-=:<> \t\n\v\f\0a1|',
  "\\(",
  '\\"',
  "\\:",
  "1.5",
  "-1",
  "9".repeat(400),
  "🙂",
  "\ud800",
  "\u00a0",
  ...OPERATORS,
];

/** What the reader of prompts may meet: any characters, pieces of its language in any order, real prompts with damage. */
export const hostilePrompts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join("")),
  fc
    .tuple(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 400 }))
    .map(([pieces, times]) => pieces.join("").repeat(times).slice(0, 5000)),
  fc
    .tuple(fc.constantFrom(...REAL_PROMPTS), fc.nat(), fc.nat(20), fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }))
    .map(([prompt, at, length, pieces]) => {
      const start = at % (prompt.length + 1);
      return prompt.slice(0, start) + pieces.join("") + prompt.slice(start + length);
    }),
);
