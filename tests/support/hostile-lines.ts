import fc from "fast-check";
import { allNames } from "../../lib/options/switch.js";
import { switchesAt } from "../../lib/options/table.js";

/** Lines as people type them, for mutation. */
const REAL_LINES = [
  "waterfall and rainbow -W640 -H480",
  '"there\'s a fly in my soup" -n6 -g',
  "a {red|green} cat -C{5,7.5,10} -s{10..50..10} -A{k_euler,ddim} -S42",
  '"say \\"hi\\" to \\{him|her\\}" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms -V 784039624:0.2,1:1.0 # model_id=x',
  "fire -I./x.png -f 0.85 --fit -tm 'a hat' 0.5 -U 2 0.75 -G0.8 -ft codeformer --embiggen 2 0.75 0.25",
  "-n2 --prompt 'a dog' --seamless --seamless_axes=x --fnformat {prefix}.{seed}.png -o C:\\\\path",
  "a man, 5'10\" tall - with -- a -1 degree hat -h",
];

const SWITCH_NAMES = switchesAt("line").flatMap(allNames);
const PIECES = [...SWITCH_NAMES, ..."{}|,.\"'\\#=-:5 \t", "..", "1", "0.5", "-1", "1e9", "{1..9}", "{a|b}", "\\{", "k_lms", "💧", "--no-"];

/** What a line parser may meet: any characters, printable noise, words of its own language in any order, real lines with damage. */
export const hostileLines: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("utf8")),
  fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join("")),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((pieces) => `a ${pieces.join(" ")}`),
  fc
    .tuple(fc.constantFrom(...REAL_LINES), fc.nat(), fc.nat(20), fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom(...PIECES)))
    .map(([line, at, length, text]) => {
      const start = at % (line.length + 1);
      return line.slice(0, start) + text + line.slice(start + length);
    }),
);
