import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { openSession } from "./commands/open-session.js";

test("options for noise and steps reach the engine, the recorded command and the metadata, and are fetched back", async () => {
  const { session, engine, folder, events } = await openSession();
  const options = "--perlin 0.1 --threshold 5.0 --hires_fix --h_symmetry_time_pct 0.3 --v_symmetry_time_pct 1.0";
  await session.submit(`a -S5 ${options} -f 0.4`);
  expect(engine.jobs[0]).toMatchObject({ perlin: 0.1, threshold: 5, hSymmetryTime: 0.3, vSymmetryTime: 1, hiresStrength: 0.4 });
  const path = join(folder, "000001.5.png");
  const [dream, metadata] = readPngText(readFileSync(path), path);
  const line = `"a" -s 3 -S 5 -W 128 -H 64 -C 7.5 ${options} -A k_lms -f 0.4`;
  expect(dream?.text).toBe(`${line} # model_id=tiny`);
  expect(JSON.parse(metadata?.text ?? "")).toMatchObject({
    image: {
      type: "txt2img",
      perlin: 0.1,
      threshold: 5,
      hires_fix: true,
      strength_steps: 0.4,
      h_symmetry_time_pct: 0.3,
      v_symmetry_time_pct: 1,
    },
  });
  await session.submit(`!fetch ${path}`);
  expect(events.flatMap((event) => (event.type === "prefill" ? [event.line] : []))).toEqual([`${line} # model_id=tiny`]);
});

test("progress counts both passes from the start", async () => {
  const { session, events } = await openSession();
  await session.submit("a -S5 -s 10 --hires_fix -f 0.4");
  const first = events.find((event) => event.type === "progress");
  expect(first).toMatchObject({ progress: { step: 0, steps: 14 } });
});

test("one picture for each value of a sweep", async () => {
  const { session, engine, folder } = await openSession();
  await session.submit("a -S5 --perlin {0,0.2} --threshold {0,5}");
  expect(engine.jobs.map(({ perlin, threshold }) => [perlin, threshold])).toEqual([
    [undefined, undefined],
    [undefined, 5],
    [0.2, undefined],
    [0.2, 5],
  ]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".png"))).toHaveLength(4);
});
