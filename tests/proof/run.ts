import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run proof [-- NAME…]`: proofs that take too long for `npm test`. Each is a program `NAME.proof.ts` beside this file that prints
 * what it measured and ends with status 0 when its claim holds. They run one after the other, so that timings mean something.
 */
const folder = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".proof.js"))
  .map((file) => file.replace(/\.proof\.js$/, ""))
  .sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));

if (unknown.length > 0) {
  console.error(`there is no proof ${unknown.join(", ")}; there are ${names.join(", ")}`);
  process.exitCode = 2;
} else {
  const failed = (wanted.length > 0 ? wanted : names).filter((name) => {
    console.log(`\n=== ${name}`);
    const { status } = spawnSync(process.execPath, [join(folder, `${name}.proof.js`)], { stdio: "inherit" });
    console.log(status === 0 ? `${name}: holds` : `${name}: FAILS (status ${status})`);
    return status !== 0;
  });
  console.log(failed.length === 0 ? "\nall proofs hold" : `\nfailing: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
