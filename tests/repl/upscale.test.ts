import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { DreamError } from "../../lib/errors.js";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import { type OpenSession, openSession } from "./commands/open-session.js";

/** A session whose registry names an upscaler. */
async function open(switches: readonly string[] = []): Promise<OpenSession> {
  const opened = await openSession(switches);
  const { folder } = opened;
  writeFileSync(join(folder, "models.yaml"), "sharp:\n  kind: upscaler\n  path: sharp.safetensors\n");
  return opened;
}

const pngs = ({ folder }: OpenSession) => readdirSync(folder).filter((name) => name.endsWith(".png"));
const bytesOf = ({ folder }: OpenSession, name: string) => readFileSync(join(folder, name));
const sizeOf = async (opened: OpenSession, name: string) => {
  const { width, height } = await decodePicture(bytesOf(opened, name), name);
  return [width, height];
};
const textsOf = (opened: OpenSession, name: string) => readPngText(bytesOf(opened, name), name).map(({ text }) => text);

describe("-U on a prompt line", () => {
  test("enlarges every picture with the registered upscaler and records it", async () => {
    const opened = await open();
    expect(await opened.session.submit("a cat -S42 -n2 -W64 -H64 -U2")).toBe("done");
    expect(pngs(opened)).toHaveLength(2);
    expect(await sizeOf(opened, "000001.42.png")).toEqual([128, 128]);
    const [dream, metadata] = textsOf(opened, "000001.42.png");
    expect(dream).toBe('"a cat" -s 3 -S 42 -W 64 -H 64 -C 7.5 -A k_lms -U 2.0 0.75 # model_id=tiny');
    expect(JSON.parse(metadata ?? "")).toMatchObject({ image: { width: 64, height: 64, upscale: [2, 0.75], upscaler: "sharp" } });
    expect(opened.said("text")).toContain(">> Real-ESRGAN Upscaling seed:42, scale:2x, tile:400, upscaler:sharp, strength:0.75");
    expect(opened.said("text")).toMatch(/\[1\.2\] .* -U 2\.0 0\.75 # model_id=tiny\n/);
    const { upscaler, tile, width } = opened.engine.upscales[0] ?? {};
    expect({ upscaler, tile, width }).toEqual({ upscaler: join(opened.folder, "sharp.safetensors"), tile: 400, width: 128 });
  });

  test("is asked again by the recorded line, and verified", async () => {
    const opened = await open();
    await opened.session.submit("a cat -S42 -W64 -H64 -U 3 0.5");
    const [dream] = textsOf(opened, "000001.42.png");
    expect(await opened.session.submit(dream ?? "")).toBe("done");
    expect(bytesOf(opened, "000002.42.png").equals(bytesOf(opened, "000001.42.png"))).toBe(true);
    expect(await opened.session.submit("!verify 000001.42.png")).toBe("done");
    expect(opened.said("text")).toContain("000001.42.png: identical");
  });

  test("-save_orig keeps the picture as it was, with a line that makes it", async () => {
    const opened = await open();
    await opened.session.submit("a cat -S42 -W64 -H64 -U2 -save_orig");
    expect(pngs(opened)).toEqual(["000001.42.png", "000001.42.postprocessed.png"]);
    expect(await sizeOf(opened, "000001.42.png")).toEqual([64, 64]);
    expect(await sizeOf(opened, "000001.42.postprocessed.png")).toEqual([128, 128]);
    expect(textsOf(opened, "000001.42.png")[0]).not.toContain("-U");
    expect(textsOf(opened, "000001.42.postprocessed.png")[0]).toContain("-U 2.0 0.75");
    expect(opened.said("text")).toMatch(/Outputs:\n\[1\.1\] .*000001\.42\.png: .*\n\[1\.2\] .*postprocessed\.png: /);
  });

  test("with -g the grid holds the enlarged pictures", async () => {
    const opened = await open();
    await opened.session.submit("a cat -S42 -n2 -W64 -H64 -U2 -g");
    expect(await sizeOf(opened, "000001.42.png")).toEqual([256, 128]);
  });

  test("without an upscaler the Lanczos filter does it, and the metadata say so", async () => {
    const opened = await openSession();
    expect(await opened.session.submit("a cat -S42 -W64 -H64 -U2")).toBe("done");
    expect(await sizeOf(opened, "000001.42.png")).toEqual([128, 128]);
    expect(opened.said("text")).toContain(">> Lanczos Upscaling seed:42, scale:2x, strength:0.75");
    expect(JSON.parse(textsOf(opened, "000001.42.png")[1] ?? "")).toMatchObject({ image: { upscaler: "lanczos3" } });
    expect(opened.engine.upscales).toEqual([]);
  });

  test("--no_upscale leaves the picture as it is", async () => {
    const opened = await open(["--no_upscale"]);
    expect(await opened.session.submit("a cat -S42 -W64 -H64 -U2")).toBe("done");
    expect(await sizeOf(opened, "000001.42.png")).toEqual([64, 64]);
    expect(opened.said("text")).toContain(">> ESRGAN is disabled. Image not upscaled.");
    expect(textsOf(opened, "000001.42.png")[0]).not.toContain("-U");
  });

  test("a failure keeps the picture as it was drawn, and the line fails", async () => {
    const opened = await open();
    opened.engine.beforePiece = () => {
      throw new DreamError("upscaler/unsupported", "sharp.safetensors is no upscaler");
    };
    expect(await opened.session.submit("a cat -S42 -n2 -W64 -H64 -U2")).toBe("failed");
    expect(pngs(opened)).toHaveLength(2);
    expect(await sizeOf(opened, "000001.42.png")).toEqual([64, 64]);
    expect(opened.said("text")).toContain(">> Error running RealESRGAN or GFPGAN. Your image was not upscaled.");
    expect(opened.said("problem")).toContain("sharp.safetensors is no upscaler");
  });

  test("Ctrl-C while a picture is enlarged keeps it as it was drawn", async () => {
    const opened = await open();
    opened.engine.beforePiece = (piece) => {
      if (piece === 2) opened.session.interrupt();
    };
    expect(await opened.session.submit("a cat -S42 -n3 -W64 -H64 -U2")).toBe("failed");
    expect(pngs(opened)).toEqual(["000001.42.png"]);
    expect(await sizeOf(opened, "000001.42.png")).toEqual([64, 64]);
    expect(opened.said("text")).toContain("**Interrupted**");
  });

  test("a picture that would be too large is refused before it is drawn", async () => {
    const opened = await open();
    expect(await opened.session.submit("a cat -W512 -H512 -U40")).toBe("failed");
    expect(opened.said("problem")).toContain("-U 40 would make 20480×20480 pixels");
    expect(opened.engine.jobs).toEqual([]);
  });
});

describe("-U in !fix", () => {
  test("uses the registered upscaler and names it", async () => {
    const opened = await open();
    await opened.session.submit("a cat -S42 -W64 -H64");
    expect(await opened.session.submit("!fix 000001.42.png -U 2 1")).toBe("done");
    expect(await sizeOf(opened, "000002.42.upscale-00.png")).toEqual([128, 128]);
    expect(JSON.parse(textsOf(opened, "000002.42.upscale-00.png")[1] ?? "")).toMatchObject({
      image: { postprocessing: [{ tool: "upscale", method: "sharp" }] },
    });
  });

  test("is refused after --no_upscale", async () => {
    const opened = await open(["--no_upscale"]);
    await opened.session.submit("a cat -S42 -W64 -H64");
    expect(await opened.session.submit("!fix 000001.42.png -U2")).toBe("failed");
    expect(opened.said("problem")).toContain("ESRGAN is disabled. Image not upscaled");
  });
});
