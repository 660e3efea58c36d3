import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { LatentPreview } from "../../lib/engine/protocol.js";
import { DreamError } from "../../lib/errors.js";
import { hidePicture } from "../../lib/images/painting/hide-picture.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import { encodePng } from "../../lib/images/pixels/encode-png.js";
import { type OpenSession, openSession } from "./commands/open-session.js";

const SENTENCE = "** An image with potential non-safe content has been detected. A blurred image will be returned. **";
const CHECKER = "guard: { kind: safety_checker, path: /m/guard }\n";

async function open(...switches: string[]): Promise<OpenSession> {
  const opened = await openSession(["--nsfw_checker", ...switches]);
  writeFileSync(join(opened.folder, "models.yaml"), CHECKER);
  return opened;
}

const pixelsOf = async (path: string) => decodePicture(readFileSync(path), path);
const pathsOf = ({ events }: OpenSession) => events.flatMap((event) => (event.type === "picture" ? [event.picture.path] : []));

test("without the switch nothing is checked", async () => {
  const { session, engine } = await openSession();
  expect(await session.submit("a cat -S1")).toBe("done");
  expect(engine.checks).toEqual([]);
});

test("an unsafe picture is blurred with a sign on it, said once, and keeps its texts", async () => {
  const plain = await openSession();
  await plain.session.submit("a cat -S1");
  const [drawn] = pathsOf(plain);
  const original = await pixelsOf(drawn as string);
  const opened = await open();
  opened.engine.isUnsafe = () => true;
  expect(await opened.session.submit("a cat -S1")).toBe("done");
  const [path] = pathsOf(opened);
  const hidden = await pixelsOf(path as string);
  expect(hidden.rgb).toEqual((await hidePicture(original)).rgb);
  expect(hidden.rgb).not.toEqual(original.rgb);
  expect(opened.said("text").split(SENTENCE)).toHaveLength(2);
  expect(readFileSync(path as string).includes('"a cat" -s 3 -S 1')).toBe(true);
  expect(opened.engine.checks).toMatchObject([{ checker: "/m/guard", picture: { width: 128, height: 64, rgb: original.rgb } }]);
});

test("each picture of a line is judged by itself, before it is enlarged", async () => {
  const opened = await open();
  opened.engine.isUnsafe = () => opened.engine.checks.length === 2;
  await opened.session.submit("a cat -S1 -n2 -U2");
  expect(opened.engine.checks.map(({ picture }) => picture.width)).toEqual([128, 128]);
  const [first, second] = await Promise.all(pathsOf(opened).map(pixelsOf));
  expect([first?.width, second?.width]).toEqual([256, 256]);
  expect(opened.said("text").split(SENTENCE)).toHaveLength(2);
});

test("a picture in tiles is judged as a whole", async () => {
  const opened = await open();
  opened.engine.isUnsafe = () => true;
  const path = join(opened.folder, "init.png");
  writeFileSync(path, await encodePng({ width: 128, height: 64, rgb: new Uint8Array(128 * 64 * 3).fill(90) }, []));
  expect(await opened.session.submit(`a cat -I ${path} -embiggen 2 0 -W 128 -H 64 -S1`)).toBe("done");
  expect(opened.engine.jobs.length).toBeGreaterThan(1);
  expect(opened.engine.checks).toMatchObject([{ picture: { width: 256, height: 128 } }]);
  expect(opened.said("text").split(SENTENCE)).toHaveLength(2);
});

test("what could not be checked is not shown", async () => {
  const opened = await open();
  opened.engine.isUnsafe = () => {
    throw new DreamError("tool/unsupported", "the checker is broken");
  };
  expect(await opened.session.submit("a cat -S1")).toBe("failed");
  expect(pathsOf(opened)).toEqual([]);
  expect(opened.said("problem")).toContain("** the checker is broken; register another folder");
});

test("without a checker no picture is made, and the sentence says how to get one", async () => {
  const opened = await openSession(["--nsfw_checker"]);
  expect(await opened.session.submit("a cat -S1")).toBe("failed");
  expect(opened.said("problem")).toMatch(/^\*\* there is no NSFW checker, .* tiny brings none; !import_model FOLDER registers one/);
  expect(opened.engine.jobs).toEqual([]);
});

test("the model's own checker is used where none is registered", async () => {
  const opened = await openSession(["--nsfw_checker"]);
  const model = join(opened.folder, "own");
  mkdirSync(join(model, "safety_checker"), { recursive: true });
  writeFileSync(join(opened.folder, "models.yaml"), `own: { path: ${model} }\n`);
  await opened.session.submit("!switch own");
  expect(await opened.session.submit("a cat -S1")).toBe("done");
  expect(opened.engine.checks).toMatchObject([{ checker: join(model, "safety_checker") }]);
});

test("previews are blurred, whatever they will show", async () => {
  const [plain, guarded] = [await openSession(), await open()];
  for (const { session } of [plain, guarded]) await session.submit("a cat -S1 --save_intermediates 1");
  const edge = async ({ folder }: OpenSession) => {
    const { rgb, width } = await pixelsOf(join(folder, "intermediates", "000001", "0000.png"));
    return rgb[(width / 2 + 8) * 3]! - rgb[(width / 2 - 8) * 3]!;
  };
  expect(await edge(plain)).toBeGreaterThan(240);
  expect(await edge(guarded)).toBeLessThan(100);
});

test("previews for somebody who watches are blurred, too", async () => {
  const opened = await openSession(["--nsfw_checker"], { livePreviews: true });
  writeFileSync(join(opened.folder, "models.yaml"), CHECKER);
  await opened.session.submit("a cat -S1");
  const [{ rgb, width }, ...others] = opened.events.flatMap((event) => (event.type === "preview" ? [event.preview] : [])) as [
    LatentPreview,
  ];
  expect(others).toEqual([]);
  expect(rgb[(width / 2 + 4) * 3]! - rgb[(width / 2 - 4) * 3]!).toBeLessThan(200);
});

test("an interrupt while a picture is checked writes nothing", async () => {
  const opened = await open();
  opened.engine.isUnsafe = () => {
    opened.session.interrupt();
    return true;
  };
  expect(await opened.session.submit("a cat -S1")).toBe("failed");
  expect(pathsOf(opened)).toEqual([]);
});
