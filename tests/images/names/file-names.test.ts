import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { PictureNames, pictureName } from "../../../lib/images/names/file-names.js";
import { writeNewFile } from "../../../lib/images/names/new-file.js";
import { claimPrefix, nextPrefix } from "../../../lib/images/names/prefix-claim.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "test-"));
});
const touch = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), "");
};
const bytes = Uint8Array.of(1, 2, 3);

describe("the number of the next command", () => {
  test("an empty folder begins at 1", async () => expect(await nextPrefix(folder)).toBe(1));

  test("gaps are never filled; other names do not count", async () => {
    touch("000001.5.png", "000007.42.postprocessed.png", "000009.5.jpg", "x.png", "12.png", "000008.tmp", ".000020.5.png.1-ab.tmp");
    expect(await nextPrefix(folder)).toBe(8);
  });

  test("shorter and longer numbers of other programs are compared as numbers", async () => {
    touch("00009.1.png", "000010.1.png", "1000000.1.png", "99999999999999999999999.1.png");
    expect(await nextPrefix(folder)).toBe(1_000_001);
  });

  test("six digits, growing beyond when needed", () => {
    expect(pictureName(17, 4829112)).toBe("000017.4829112.png");
    expect(pictureName(1_234_567, 0)).toBe("1234567.0.png");
  });
});

test("the pictures of !mask carry the source, the text and what they are, under one number", async () => {
  const names = new PictureNames(folder);
  await names.writeMask("000001.5", 'a hat / "red"', "deselected", bytes);
  await names.writeMask("000001.5", 'a hat / "red"', "masked", bytes);
  await names.writeMask("x".repeat(300), "\u00e9".repeat(80), "masked", bytes);
  await names.close();
  const [long = "", ...others] = readdirSync(folder).sort().reverse();
  expect(others).toEqual(["000001.000001.5.a hat _ _red_.masked.png", "000001.000001.5.a hat _ _red_.deselected.png"]);
  expect(long).toMatch(/^000001\.x+\.\u00e9{50}\.masked\.png$/);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
});

describe("a claimed number", () => {
  test("is nobody else's until it is released", async () => {
    const one = await claimPrefix(folder);
    const other = await claimPrefix(folder);
    expect([one.prefix, other.prefix]).toEqual([1, 2]);
    await Promise.all([one.release(), other.release()]);
    expect(readdirSync(folder)).toEqual([]);
    expect((await claimPrefix(folder)).prefix).toBe(1);
  });

  test("that a killed program left is passed over, and cleared away when a higher one is in use", async () => {
    touch("000004.1.png", ".5.claim");
    const claim = await claimPrefix(folder);
    expect(claim.prefix).toBe(6);
    touch("000006.1.png");
    await claim.release();
    expect((await claimPrefix(folder)).prefix).toBe(7);
    expect(readdirSync(folder).sort()).toEqual([".7.claim", "000004.1.png", "000006.1.png"]);
  });

  test("clears away what killed programs left the day before, nothing younger and nobody else's files", async () => {
    const theirs = [".hidden", ".theirs.tmp", "000001.1.png"];
    const names = [".9.claim", ".000001.5.png.1-0123abcd.tmp", ".0.1-0123abcd.tmp", ...theirs];
    touch(".8.claim", ".000001.6.png.1-0123abcd.tmp", ...names);
    const dayBefore = Date.now() / 1000 - 25 * 60 * 60;
    for (const name of names) utimesSync(join(folder, name), dayBefore, dayBefore);
    await (await claimPrefix(folder)).release();
    expect(readdirSync(folder).sort()).toEqual([".000001.6.png.1-0123abcd.tmp", ".8.claim", ...theirs].sort());
  });

  test("in a folder that is not there is said", async () => {
    rmSync(folder, { recursive: true });
    await expect(claimPrefix(folder)).rejects.toMatchObject({ code: "output/unwritable" });
  });
});

describe("writing pictures", () => {
  test("one number for all pictures of a command", async () => {
    const names = new PictureNames(folder);
    expect(await names.write(5, bytes)).toBe(join(folder, "000001.5.png"));
    expect(await names.write(6, bytes)).toBe(join(folder, "000001.6.png"));
    expect(readdirSync(folder).sort()).toEqual(["000001.5.png", "000001.6.png"]);
  });

  test("a name that is taken is never overwritten", async () => {
    const names = new PictureNames(folder);
    await names.write(4, bytes);
    writeFileSync(join(folder, "000001.5.png"), "theirs");
    expect(await names.write(5, bytes)).toBe(join(folder, "000001.5-01.png"));
    expect(readFileSync(join(folder, "000001.5.png"), "utf8")).toBe("theirs");
  });

  test("a sweep's pictures have the same seed and one number", async () => {
    const names = new PictureNames(folder);
    const paths = [await names.write(5, bytes), await names.write(5, bytes), await names.write(5, bytes)];
    expect(paths.map((path) => basename(path))).toEqual(["000001.5.png", "000001.5-01.png", "000001.5-02.png"]);
  });

  test("a number asked for early is the one that the pictures get, whatever others do meanwhile", async () => {
    const [slow, quick] = [new PictureNames(folder), new PictureNames(folder)];
    expect(await slow.prefix()).toBe(1);
    expect(await quick.write(5, bytes)).toBe(join(folder, "000002.5.png"));
    expect(await slow.write(5, bytes)).toBe(join(folder, "000001.5.png"));
  });

  test("a command that made nothing leaves nothing and its number is free", async () => {
    const names = new PictureNames(folder);
    await names.prefix();
    await names.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(await new PictureNames(folder).prefix()).toBe(1);
  });

  test("many commands at once have numbers of their own", async () => {
    const paths = await Promise.all(Array.from({ length: 8 }, (_, i) => new PictureNames(folder).write(i, bytes)));
    expect(new Set(paths.map((path) => basename(path).slice(0, 6))).size).toBe(8);
    expect(readdirSync(folder)).toHaveLength(8);
  });

  test("two programs in one folder: no picture is lost, no number belongs to both", async () => {
    const program = join(PACKAGE_ROOT, "dist", "tests", "support", "write-pictures.js");
    const write = async (who: string) => (await promisify(execFile)(process.execPath, [program, folder, who, "25", "2"])).stdout;
    const outputs = await Promise.all(["one", "other"].map(write));
    const [one, other] = outputs.map((output) => output.trim().split("\n"));
    expect(new Set([...one!, ...other!]).size).toBe(100);
    expect(readdirSync(folder)).toHaveLength(100);
    expect(one!.map((path) => readFileSync(path, "utf8"))).toEqual(one!.map((_, i) => `one ${Math.floor(i / 2)} ${i % 2}`));
    expect(other!.map((path) => readFileSync(path, "utf8"))).toEqual(other!.map((_, i) => `other ${Math.floor(i / 2)} ${i % 2}`));
    const numbers = (paths: readonly string[]) => new Set(paths.map((path) => basename(path).slice(0, 6)));
    expect([...numbers(one!)].filter((number) => numbers(other!).has(number))).toEqual([]);
  });

  test("killed at any moment: nothing half-written, and the numbers go on", async () => {
    const program = join(PACKAGE_ROOT, "dist", "tests", "support", "write-pictures.js");
    for (let run = 0; run < 4; run++) {
      const child = spawn(process.execPath, [program, folder, `run ${run}`, "1000", "1"]);
      await once(child.stdout, "data");
      await setTimeout(7 * run);
      child.kill("SIGKILL");
      await once(child, "close");
    }
    const whole = readdirSync(folder).filter((name) => !name.startsWith("."));
    expect(whole.every((name) => /^run \d \d+ 0$/.test(readFileSync(join(folder, name), "utf8")))).toBe(true);
    const highest = Math.max(...whole.map((name) => Number.parseInt(name, 10)));
    const next = Number.parseInt(basename(await new PictureNames(folder).write(5, bytes)), 10);
    expect(next).toBeGreaterThan(highest);
    expect(next).toBeLessThanOrEqual(highest + 5);
  });

  test("a folder that vanished is said, and nothing stays behind", async () => {
    await expect(writeNewFile(join(folder, "gone", "x.png"), bytes)).rejects.toMatchObject({ code: "output/unwritable" });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("other names", () => {
  test("a format of the line's own, numbered when taken", async () => {
    const names = new PictureNames(folder, { format: "{prompt} {prefix} {seed}", onProblem: () => {} });
    const fields = { prompt: { type: "text", value: "a cat" } } as const;
    expect(await names.write(5, bytes, fields)).toBe(join(folder, "a cat 000001 5.png"));
    expect(await names.write(5, bytes, fields)).toBe(join(folder, "a cat 000001 5-01.png"));
    await names.close();
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test("a name of the greatest length is numbered by cutting it", async () => {
    const names = new PictureNames(folder, { format: "x".repeat(300), onProblem: () => {} });
    expect(basename(await names.write(5, bytes))).toBe(`${"x".repeat(251)}.png`);
    expect(basename(await names.write(5, bytes))).toBe(`${"x".repeat(248)}-01.png`);
  });

  test("a broken format is told once and the usual name taken", async () => {
    const problems: string[] = [];
    const names = new PictureNames(folder, { format: "{sauce}", onProblem: (text) => problems.push(text) });
    expect(basename(await names.write(5, bytes))).toBe("000001.5.png");
    expect(basename(await names.write(6, bytes))).toBe("000001.6.png");
    expect(problems).toEqual(["** The filename format contains an unknown key 'sauce'. Will use {prefix}.{seed}.png' instead"]);
  });

  test("a grid never has the line's own format", async () => {
    const names = new PictureNames(folder, { format: "{seed}", onProblem: () => {} });
    expect(basename(await names.writeGrid(2685670268, bytes))).toBe("000001.2685670268.png");
  });

  test("the second version of a picture", async () => {
    const names = new PictureNames(folder);
    await names.write(5, bytes);
    expect(basename(await names.writePostprocessed(5, bytes))).toBe("000001.5.postprocessed.png");
    expect(basename(await names.writePostprocessed(5, bytes))).toBe("000001.5.postprocessed-01.png");
  });

  test("!fix has a new number and counts from 00", async () => {
    touch("000016.4829112.png");
    const names = new PictureNames(folder);
    expect(basename(await names.writeFixed(4829112, "upscale", bytes))).toBe("000017.4829112.upscale-00.png");
    expect(basename(await names.writeFixed(4829112, "upscale", bytes))).toBe("000017.4829112.upscale-01.png");
    expect(basename(await new PictureNames(folder).writeFixed(2273800735, "embiggen", bytes))).toBe("000018.2273800735.embiggen-00.png");
  });
});
