import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { DreamError } from "../../lib/errors.js";
import { encodePng } from "../../lib/images/pixels/encode-png.js";
import { parseLaunch } from "../../lib/options/read.js";
import { COMMANDS } from "../../lib/repl/commands/table.js";
import { ModelCatalogue } from "../../lib/repl/model-catalogue.js";
import { Session } from "../../lib/repl/session.js";
import { FakeEngine } from "../repl/fake-engine.js";
import { hostileLines } from "../support/hostile-lines.js";
import { MINIATURE } from "../support/run-program.js";
import { claim, inTemporaryFolder } from "./rounds.js";

/*
 * Claim: whatever stands behind a `!` command, and whatever its questions are answered, the session ends the line with its own sentences
 * and takes the next one: no internal error, and no line that takes longer than a minute.
 */
const SECONDS = 20;
const LIMIT_MS = 60_000;
const BATCH = 100;
/** Stands for the slash of a path below the working folder; any other slash is taken out, so that nothing outside is touched. */
const SLASH = "\uE000";

const FILES = ["a.png", "broken.png", "lines.txt", `sub${SLASH}a.png`, "sub", "model", "*.png", "missing.png", "out.txt", "tiny", "other"];
const SWITCHES = ["-U 2", "-G 0.5", "-f", "--name x", "--description 'y z'", "--default", "--steps 5", "-s2 -n2", "-S1", "-h", "-o sub"];
const words = fc.array(fc.constantFrom(...FILES, ...SWITCHES, "1", "-1", '"', "'", "\\", "#", "{a|b}"), { maxLength: 6 });

/** Commands that ask. */
const dialogues = fc.constantFrom("!edit_model tiny", "!edit_model other", "!del_model other", "!import_model model", "!import_model .");
const anyCommand = fc
  .tuple(
    fc.constantFrom(...COMMANDS.flatMap(({ name, prefix }) => [name, prefix]), "!1", "!99999999999", "!", "!!", "!fet", "!-"),
    fc.oneof(
      words.map((all) => all.join(" ")),
      hostileLines,
    ),
    fc.constantFrom(" ", "", "  ", "\t"),
  )
  .map(([command, argument, space]) => (command + space + argument).replaceAll(/[/\\~]/g, "_").replaceAll(SLASH, "/"));
const commandLines = fc.oneof({ weight: 4, arbitrary: anyCommand }, { weight: 1, arbitrary: dialogues });
const answers = fc.array(fc.option(fc.oneof(fc.constantFrom("", "y", "n", "tiny", "model", "1"), hostileLines), { nil: undefined }), {
  maxLength: 5,
});

/** Draws three small pictures a line and then fails: a series of a hundred thousand proves nothing here. */
class QuickEngine extends FakeEngine {
  left = 3;

  override async generate(...[job, handlers]: Parameters<FakeEngine["generate"]>): ReturnType<FakeEngine["generate"]> {
    if (job.width * job.height > 256 * 256 || this.left-- <= 0) throw new DreamError("engine/failed", "no pictures here");
    return super.generate({ ...job, steps: 1 }, handlers);
  }
}

await inTemporaryFolder(async (root) => {
  // Two levels above the working folder still belong to the proof.
  const folder = join(root, "one", "two", "work");
  const place = await furnish(folder);
  process.env.HOME = root;
  const seen = { lines: 0, failed: 0, questions: 0, slowest: 0 };
  const started = performance.now();
  while (performance.now() - started < SECONDS * 1000) {
    await place();
    const property = fc.asyncProperty(commandLines, answers, (line, replies) => runLine(folder, line, replies, seen));
    await fc.assert(property, { numRuns: BATCH });
  }
  process.chdir(root);
  console.log(
    `${seen.lines} lines in ${SECONDS} s, ${seen.failed} refused, ${seen.questions} questions answered, ` +
      `the slowest took ${seen.slowest.toFixed(0)} ms`,
  );
});

interface Seen {
  lines: number;
  failed: number;
  questions: number;
  slowest: number;
}

async function runLine(folder: string, line: string, replies: readonly (string | undefined)[], seen: Seen): Promise<void> {
  const problems: string[] = [];
  let said = "";
  let asked = 0;
  const session: Session = new Session({
    engine: new QuickEngine(),
    model: {
      id: "tiny",
      request: { path: join(folder, "model"), memory: "auto", modelCache: "off", threads: 1 },
      defaults: { steps: 1, width: 64, height: 64 },
      notices: [],
    },
    launch: parseLaunch(["-o", "out"]),
    app: { id: "dream-repl", version: "0.0.1" },
    catalogue: new ModelCatalogue(join(folder, "models.yaml"), { memory: "auto", modelCache: "off", threads: 1 }),
    emit: (event) => {
      if (event.type === "problem") problems.push(event.text);
      if (event.type === "text") said += event.text;
      if (event.type === "question") setImmediate(() => session.answer(replies[asked++]));
    },
    interactive: replies.length > 0,
  });
  await session.start();
  said = "";
  const started = performance.now();
  const result = await inTime(session.submit(line), line);
  seen.slowest = Math.max(seen.slowest, performance.now() - started);
  seen.lines++;
  seen.questions += asked;
  if (result === "failed") seen.failed++;
  claim(result !== "failed" || problems.join("") + said !== "", `${JSON.stringify(line)} failed without a word`);
  const defect = problems.find(
    (text) => /internal error|undefined|\[object/.test(text) && !/undefined|\[object/.test(line + replies.join()),
  );
  claim(defect === undefined, `${JSON.stringify(line)} (${JSON.stringify(replies)}): ${defect}`);
  claim((await session.submit("!help")) === "done", `${JSON.stringify(line)}: the session does not go on`);
}

async function inTime<Result>(work: Promise<Result>, line: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${JSON.stringify(line)} takes longer than ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns puts everything back that commands may have changed or deleted */
async function furnish(folder: string): Promise<() => Promise<void>> {
  const rgb = new Uint8Array(64 * 64 * 3).fill(90);
  const picture = await encodePng({ width: 64, height: 64, rgb }, [
    { keyword: "Dream", text: '"a cat" -s 1 -S 5 -W 64 -H 64 -C 7.5 -A k_lms' },
  ]);
  return async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "sub"), { recursive: true });
    process.chdir(folder);
    cpSync(MINIATURE, join(folder, "model"), { recursive: true });
    for (const name of ["a.png", join("sub", "a.png")]) writeFileSync(join(folder, name), picture);
    writeFileSync(join(folder, "broken.png"), picture.subarray(0, picture.length / 2));
    writeFileSync(join(folder, "lines.txt"), "# a comment\na cat -S1\n!history\n!replay lines.txt\n");
    writeFileSync(join(folder, "models.yaml"), "tiny:\n  path: model\n  default: true\nother:\n  path: sub\n");
  };
}
