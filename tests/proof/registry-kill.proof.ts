import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { editRegistry } from "../../lib/models/registry/edit-registry.js";
import { readRegistry } from "../../lib/models/registry/registry.js";
import { claim, inTemporaryFolder, rounds, sleep } from "./rounds.js";
import { startScript } from "./start-program.js";

/*
 * Claim: however many programs are killed with `kill -9` while they edit a registry, it is whole, has every comment and unknown key, and
 * the last edit that was done is in it. The lock that they leave is taken over by the next program within seconds.
 */
const EDITOR = fileURLToPath(new URL("./edit-registry-loop.js", import.meta.url));
const TEXT = `# My models.

# the small one
one:
  path: one # beside this file
  shelf: 3 # nobody knows this key
  description: nothing yet
  default: true

# the big one
two: { path: "two", description: 'all of it' }

# the end
`;
const REST = TEXT.split("\n").filter((line) => !line.startsWith("  description:"));

await inTemporaryFolder(async (folder) => {
  const runs = rounds(200);
  const path = join(folder, "models.yaml");
  writeFileSync(path, TEXT);
  const seen = { edits: 0, leftovers: 0, locks: 0, slowest: 0 };

  for (let run = 1; run <= runs; run++) {
    const names = [`${run}a`, `${run}b`].slice(0, 1 + (run % 2));
    const programs = names.map((who) => startScript(EDITOR, [path, who, "1000000"]));
    while (programs.every(({ output, errors }) => output() + errors() === "")) await sleep(2);
    await sleep(Math.random() * 60);
    for (const program of programs) program.kill();
    await Promise.all(programs.map(({ ended }) => ended));
    claim(programs.map(({ errors }) => errors()).join("") === "", `run ${run}: ${programs.map(({ errors }) => errors()).join("")}`);

    const text = readFileSync(path, "utf8");
    claim(
      text
        .split("\n")
        .filter((line) => !line.startsWith("  description:"))
        .join("\n") === REST.join("\n"),
      `run ${run}: something else was changed:\n${text}`,
    );
    const description = (await readRegistry(path)).entries.get("one")?.description ?? "";
    const done = programs.map(({ output }) => output().split("\n").slice(0, -1));
    seen.edits += done.flat().length;
    // The edit after the last one that was told may have been done, too.
    const acceptable = done.flatMap((edits, index) => [...edits.slice(-1), `${names[index]} ${edits.length + 1}`]);
    claim(acceptable.includes(description), `run ${run}: ${description} is there instead of ${acceptable.join(", ")}`);

    const left = readdirSync(folder).filter((name) => name !== "models.yaml");
    seen.leftovers = Math.max(seen.leftovers, left.length);
    if (left.includes("models.yaml.lock")) seen.locks++;
    const started = performance.now();
    await editRegistry(path, (draft) => draft.change("one", { description: `between ${run}` }));
    seen.slowest = Math.max(seen.slowest, performance.now() - started);
    const after = readdirSync(folder);
    claim(after.length === 1, `run ${run}: ${after.join(", ")} lie there after the next edit`);
  }
  claim(seen.slowest < 5000, `the next edit waited ${seen.slowest.toFixed(0)} ms`);
  console.log(
    `${runs} runs: ${seen.edits} edits, the registry was whole after every kill\n` +
      `${seen.locks} locks were left and taken over, the slowest edit after a kill took ${seen.slowest.toFixed(0)} ms; ` +
      `at most ${seen.leftovers} files lay beside the registry, none after the next edit`,
  );
});
