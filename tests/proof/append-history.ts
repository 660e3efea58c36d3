/** A program of its own: adds lines to the history of a folder, with a fresh start now and then, and says every line that is kept. */
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { History } from "../../lib/repl/history/history.js";
import { sleep } from "./rounds.js";

const [folder = "", who = "", count = "0"] = process.argv.slice(2);
/** Lines from one start to the next. */
const SESSION = 8;

const warn = (text: string) => {
  console.error(text);
  process.exit(1);
};
let history = new History(folder, warn);
history.load();
for (let number = 1; number <= Number(count); number++) {
  if (number % SESSION === 0) {
    history = new History(folder, warn);
    history.load();
  }
  // Every fifth is longer than a page of memory, for the kernel writes page by page.
  const text = `${who} ${number} ${"a word ".repeat(number % 5 === 0 ? 3000 : number)}`.trim();
  const line = `${text} ${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
  history.append(line);
  // At once, for the next moment may be the last.
  writeSync(1, `${line}\n`);
  await sleep(Math.random() * 3);
}
