import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { readPicture } from "../../lib/images/pixels/decode-picture.js";
import { openSession } from "./commands/open-session.js";

test("--init_color gives the picture the colours of a file, which the command records and !verify finds again", async () => {
  const { session, folder, said } = await openSession();
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "#285ac8" } }).toFile(join(folder, "blue.png"));
  expect(await session.submit("a -S5 --init_color blue.png")).toBe("done");
  const path = join(folder, "000001.5.png");
  const { rgb } = await readPicture(path);
  // One colour, as near as Lab in 8 bits comes.
  for (const [channel, level] of [0x28, 0x5a, 0xc8].entries()) expect(Math.abs(rgb[channel]! - level)).toBeLessThanOrEqual(3);
  expect(new Set(rgb).size).toBeLessThanOrEqual(3);
  const [dream, metadata] = readPngText(readFileSync(path), path);
  expect(dream?.text).toBe(`"a" -s 3 -S 5 -W 128 -H 64 -C 7.5 -A k_lms --init_color ${join(folder, "blue.png")} # model_id=tiny`);
  expect(JSON.parse(metadata?.text ?? "")).toMatchObject({ image: { init_color: join(folder, "blue.png") } });
  expect(await session.submit(`!verify ${path}`)).toBe("done");
  expect(said("text")).toContain("identical");
});

test.each([
  ["nowhere.png", "nowhere.png does not exist"],
  ["dream_log.txt", "is not a picture that can be read"],
])("%s ends in one line before anything is drawn", async (name, sentence) => {
  const { session, engine, said } = await openSession();
  if (name === "dream_log.txt") await session.submit("a -S1");
  const before = engine.jobs.length;
  expect(await session.submit(`a --init_color ${name}`)).toBe("failed");
  expect(said("problem")).toContain(sentence);
  expect(said("problem").trim().split("\n")).toHaveLength(1);
  expect(engine.jobs).toHaveLength(before);
});
