import fc from "fast-check";

/** What is put in the place of something: signs that mean something to one reader or another, and any characters. */
const PIECES = fc.oneof(
  fc.constantFrom(
    ..."{}[]()<>|,.:;\"'\\#=-! \n\r\t",
    "null",
    "1e999",
    "-1",
    "0.5",
    "\0",
    "\x1b[2J",
    "\u2028",
    "💧",
    "--",
    "-S",
    " # ",
    '\\"',
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** A text with up to six places cut out, changed or repeated. */
export function damagedText(text: string): fc.Arbitrary<string> {
  const wound = fc.tuple(fc.nat(), fc.nat(12), PIECES, fc.integer({ min: 1, max: 40 }));
  return fc.array(wound, { minLength: 1, maxLength: 6 }).map((wounds) =>
    wounds.reduce((damaged, [place, length, piece, times]) => {
      const start = place % (damaged.length + 1);
      return damaged.slice(0, start) + piece.repeat(times % 7 === 0 ? times : 1) + damaged.slice(start + length);
    }, text),
  );
}

/** Bytes of which some are others, or which end early. */
export function damagedBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const wounds = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  return fc.tuple(wounds, fc.nat(), fc.boolean()).map(([changes, end, isCut]) => {
    const damaged = Uint8Array.from(isCut ? bytes.subarray(0, end % (bytes.length + 1)) : bytes);
    if (damaged.length > 0) for (const [place, value] of changes) damaged[place % damaged.length] = value;
    return damaged;
  });
}
