import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng } from "../../lib/images/pixels/encode-png.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { proofModel } from "./embedded-model.js";

/*
 * Claim: Embiggen to 1536×1536 (tiles of 512×512) and -U 4 of 2048×2048 pixels take less than 6 GB, program and engine together, where 8 GB are
 * free. Argument: the path of another model; with one of the size of Stable Diffusion 1.5 the claim means something. Two of the
 * sixteen tiles are drawn, one step each: every further one takes the same memory again. Needs Linux.
 */
const LIMIT = 6e9;
const FREE = 8e9;
const LOOKS_A_SECOND = 5;

const folder = mkdtempSync(join(tmpdir(), "large-memory-"));
const drawing = (side: number) => {
  const rgb = Uint8Array.from({ length: side * side * 3 }, (_, i) => (((i % (side * 3)) >> 4) + i / (side * 48)) % 256);
  return encodePng({ width: side, height: side, rgb }, []);
};
writeFileSync(join(folder, "small.png"), await drawing(512));
writeFileSync(join(folder, "big.png"), await drawing(2048));

const model = await proofModel();
const jobs = {
  "1536×1536 by Embiggen": `a red house -I ${join(folder, "small.png")} -W 512 -H 512 --embiggen 3 --embiggen_tiles 1 16 -f 0.5 -s 2 -S 1`,
  "2048×2048 -U 4": `!fix ${join(folder, "big.png")} -U 4`,
};
let holds = true;
for (const [what, line] of Object.entries(jobs)) {
  const started = performance.now();
  const { peak, output, status } = await run(line);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${what}: at most ${(peak / 1e9).toFixed(2)} GB, ${seconds} s with loading`);
  if (status !== 0 || peak === 0) console.log(output);
  holds &&= status === 0 && peak > 0 && peak < LIMIT;
}
rmSync(folder, { recursive: true });
process.exitCode = holds ? 0 : 1;

async function run(line: string): Promise<{ peak: number; output: string; status: number | null }> {
  const words = [join(PACKAGE_ROOT, "bin", "dream.js"), "--model", model, "-o", folder, "--model_cache", "off"];
  const child = spawn(process.execPath, words, { env: { ...process.env, DREAM_AVAILABLE_MEMORY: String(FREE) } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  child.stdin.end(`${line}\n`);
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, bytesOf(child.pid as number))), 1000 / LOOKS_A_SECOND);
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(timer);
  return { peak, output, status };
}

/** Memory of a process and of everything that it started; a process that has just ended counts for nothing. */
function bytesOf(pid: number): number {
  try {
    const own = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    const threads = readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean));
    return Number(own?.[1] ?? 0) * 1024 + children.reduce((sum, child) => sum + bytesOf(Number(child)), 0);
  } catch {
    return 0;
  }
}
