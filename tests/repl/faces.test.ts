import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { DreamError } from "../../lib/errors.js";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import { type OpenSession, openSession } from "./commands/open-session.js";

const REGISTRY = `
sharp: { kind: upscaler, path: sharp.safetensors }
eyes: { kind: face_detector, path: eyes.onnx }
skin: { kind: face_restorer, path: skin.onnx }
code: { kind: face_restorer, type: codeformer, path: code.onnx }
`;

/** A session whose registry names networks about faces. */
async function open(switches: readonly string[] = [], registry = REGISTRY): Promise<OpenSession> {
  const opened = await openSession(switches);
  writeFileSync(join(opened.folder, "models.yaml"), registry);
  return opened;
}

const pngs = ({ folder }: OpenSession) => readdirSync(folder).filter((name) => name.endsWith(".png"));
const bytesOf = ({ folder }: OpenSession, name: string) => readFileSync(join(folder, name));
const pixelsOf = (opened: OpenSession, name: string) => decodePicture(bytesOf(opened, name), name);
const textsOf = (opened: OpenSession, name: string) => readPngText(bytesOf(opened, name), name).map(({ text }) => text);
const imageOf = (opened: OpenSession, name: string) => JSON.parse(textsOf(opened, name)[1] ?? "").image;

describe("-G on a prompt line", () => {
  test("restores every picture with the registered networks and records it", async () => {
    const opened = await open();
    expect(await opened.session.submit("a man -S42 -n2 -W64 -H64 -G0.8")).toBe("done");
    expect(pngs(opened)).toHaveLength(2);
    const [dream] = textsOf(opened, "000001.42.png");
    expect(dream).toBe('"a man" -s 3 -S 42 -W 64 -H 64 -C 7.5 -A k_lms -G 0.8 -ft gfpgan # model_id=tiny');
    expect(imageOf(opened, "000001.42.png")).toMatchObject({ facetool: "gfpgan", facetool_strength: 0.8, face_restorer: "skin, eyes" });
    expect(opened.said("text")).toContain(">> GFPGAN - Restoring Faces for image seed:42\n>> 1 face restored");
    const { detector, restorer, strength, fidelity } = opened.engine.faceJobs[0] ?? {};
    const { folder } = opened;
    expect({ detector, restorer, strength, fidelity }).toEqual({
      detector: join(folder, "eyes.onnx"),
      restorer: join(folder, "skin.onnx"),
      strength: 0.8,
      fidelity: undefined,
    });
  });

  test("codeformer with its fidelity, 0.75 where none is given", async () => {
    const opened = await open();
    await opened.session.submit("a man -S42 -W64 -H64 -G1 -ft codeformer -cf 0.25");
    await opened.session.submit("a man -S42 -W64 -H64 -G1 -ft codeformer");
    expect(opened.engine.faceJobs.map(({ restorer, fidelity }) => [restorer, fidelity])).toEqual([
      [join(opened.folder, "code.onnx"), 0.25],
      [join(opened.folder, "code.onnx"), 0.75],
    ]);
    expect(textsOf(opened, "000001.42.png")[0]).toContain(" -G 1.0 -ft codeformer -cf 0.25 #");
    expect(imageOf(opened, "000002.42.png")).toMatchObject({ facetool: "codeformer", codeformer_fidelity: 0.75 });
  });

  test("without its networks a line is refused, and -S -1 still means the picture before it", async () => {
    const opened = await open([], "{}\n");
    await opened.session.submit("a man -S42 -W64 -H64");
    expect(await opened.session.submit("a man -S7 -W64 -H64 -G1")).toBe("failed");
    expect(await opened.session.submit("a dog -S -1 -W64 -H64")).toBe("done");
    expect(opened.engine.jobs.map(({ seed }) => seed)).toEqual([42, 42]);
  });

  test("goes after -U: the faces of the enlarged picture are restored", async () => {
    const opened = await open();
    expect(await opened.session.submit("a man -S42 -W64 -H64 -G1 -U2 -save_orig")).toBe("done");
    expect(opened.engine.faceJobs[0]?.picture).toMatchObject({ width: 128, height: 128 });
    expect(pngs(opened)).toEqual(["000001.42.png", "000001.42.postprocessed.png"]);
    expect(textsOf(opened, "000001.42.png")[0]).not.toMatch(/ -G | -U /);
    expect(textsOf(opened, "000001.42.postprocessed.png")[0]).toContain(" -A k_lms -G 1.0 -ft gfpgan -U 2.0 0.75 #");
    expect((await pixelsOf(opened, "000001.42.postprocessed.png")).width).toBe(128);
  });

  test("is asked again by the recorded line, verified, and brought back by !fetch", async () => {
    const opened = await open();
    await opened.session.submit("a man -S42 -W64 -H64 -U2 -G0.5 -ft codeformer -cf 1");
    const [dream] = textsOf(opened, "000001.42.png");
    expect(await opened.session.submit(dream ?? "")).toBe("done");
    expect(bytesOf(opened, "000002.42.png").equals(bytesOf(opened, "000001.42.png"))).toBe(true);
    expect(await opened.session.submit("!verify 000001.42.png")).toBe("done");
    expect(opened.said("text")).toContain("000001.42.png: identical");
    await opened.session.submit("!fetch 000001.42.png");
    expect(JSON.stringify(opened.events)).toContain("-G 0.5 -ft codeformer -cf 1.0");
  });

  test("where no face is, the picture stays, and -save_orig keeps no second one", async () => {
    const opened = await open();
    opened.engine.faces = 0;
    expect(await opened.session.submit("a house -S42 -W64 -H64 -G1 -save_orig")).toBe("done");
    expect(pngs(opened)).toEqual(["000001.42.png"]);
    expect(opened.said("text")).toContain(">> No face to restore, the picture stays as it is");
    expect(textsOf(opened, "000001.42.png")[0]).toContain(" -G 1.0 ");
  });

  test("says which faces were left as they are", async () => {
    const opened = await open();
    opened.engine.faces = 64;
    opened.engine.leftFaces = { tooSmall: 1, tooMany: 2 };
    await opened.session.submit("a crowd -S42 -W64 -H64 -G1 --fnformat {prefix}.{gfpgan_strength}.png");
    expect(opened.said("text")).toContain(
      ">> 64 faces restored\n>> 1 face with less than 5 pixels between the eyes is left as it is\n" +
        ">> 2 faces more are left as they are: 64 are the most that are restored in one picture",
    );
    expect(pngs(opened)).toEqual(["000001.1.0.png"]);
  });

  test("-G0 asks for nothing", async () => {
    const opened = await open();
    expect(await opened.session.submit("a man -S42 -W64 -H64 -G0 -ft nonsense")).toBe("done");
    expect(opened.engine.faceJobs).toEqual([]);
    expect(textsOf(opened, "000001.42.png")[0]).not.toMatch(/ -G | -ft /);
  });

  test("a failure keeps the picture as it was, and the line fails", async () => {
    const opened = await open();
    opened.engine.beforeFace = () => {
      throw new DreamError("face/unsupported", "skin.onnx is no face restorer");
    };
    expect(await opened.session.submit("a man -S42 -n2 -W64 -H64 -U2 -G1")).toBe("failed");
    expect(pngs(opened)).toHaveLength(2);
    expect((await pixelsOf(opened, "000001.42.png")).width).toBe(128);
    expect(textsOf(opened, "000001.42.png")[0]).toMatch(/ -A k_lms -U 2\.0 0\.75 #/);
    expect(opened.said("text")).toContain(">> Error running RealESRGAN or GFPGAN. Your image was not upscaled.");
    expect(opened.said("problem")).toContain("skin.onnx is no face restorer");
  });

  test("Ctrl-C between two faces keeps the picture as it was", async () => {
    const opened = await open();
    opened.engine.faces = 2;
    opened.engine.beforeFace = (face) => {
      if (face === 2) opened.session.interrupt();
    };
    expect(await opened.session.submit("a man -S42 -n3 -W64 -H64 -G1")).toBe("failed");
    expect(pngs(opened)).toEqual(["000001.42.png"]);
    expect(textsOf(opened, "000001.42.png")[0]).not.toContain(" -G ");
    expect(opened.said("text")).toContain("**Interrupted**");
  });
});

describe("without networks", () => {
  const DETECTOR = "eyes: { kind: face_detector, path: eyes.onnx }\n";
  test.each([
    [
      "no restorer",
      DETECTOR,
      "-G1",
      "GFPGAN not found. Face restoration is disabled: no face model is installed; register an exported one",
    ],
    [
      "only the other restorer",
      REGISTRY.replace("type: codeformer", "type: gfpgan"),
      "-G1 -ft codeformer",
      "CodeFormer not found. Face restoration is disabled: no CodeFormer is installed; register an exported one with !import_model FILE.onnx, take -ft gfpgan, or leave out -G",
    ],
    [
      "no detector",
      REGISTRY.replace(/eyes.*/, ""),
      "-G1",
      "** Face restoration is disabled: no face detector is installed; register an exported one",
    ],
  ])("%s: refused before anything is drawn", async (_name, registry, switches, sentence) => {
    const opened = await open([], registry);
    expect(await opened.session.submit(`a man -W64 -H64 ${switches}`)).toBe("failed");
    expect(opened.said("problem")).toContain(sentence);
    expect(opened.engine.jobs).toEqual([]);
  });

  test("--no_restore draws all the same", async () => {
    const opened = await open(["--no_restore"], "");
    expect(await opened.session.submit("a man -S42 -W64 -H64 -G1")).toBe("done");
    expect(opened.said("text")).toContain(">> Face Restoration is disabled.");
    expect(textsOf(opened, "000001.42.png")[0]).not.toContain(" -G ");
  });

  test("-ft that is no tool", async () => {
    const opened = await open();
    expect(await opened.session.submit("a man -W64 -H64 -G1 -ft nonsense")).toBe("failed");
    expect(opened.said("problem")).toContain('-ft is gfpgan or codeformer, not "nonsense"');
  });
});

describe("--gfpgan_model_path", () => {
  test("stands in for the registered restorer, below --gfpgan_dir", async () => {
    const folder = (await openSession()).folder;
    writeFileSync(join(folder, "own.onnx"), "");
    const opened = await open(["--gfpgan_dir", folder, "--gfpgan_model_path", "own.onnx"]);
    expect(await opened.session.submit("a man -S42 -W64 -H64 -G1")).toBe("done");
    expect(opened.engine.faceJobs[0]?.restorer).toBe(join(folder, "own.onnx"));
    expect(imageOf(opened, "000001.42.png")).toMatchObject({ face_restorer: "own.onnx, eyes" });
  });

  test("that is not there is told by its place", async () => {
    const opened = await open(["--gfpgan_model_path", "/nowhere/GFPGANv1.4.pth"]);
    expect(await opened.session.submit("a man -S42 -W64 -H64 -G1")).toBe("failed");
    expect(opened.said("problem")).toContain("GFPGAN not found. Face restoration is disabled: there is no /nowhere/GFPGANv1.4.pth");
  });
});

describe("-G in !fix", () => {
  async function drawn(switches: readonly string[] = [], registry = REGISTRY): Promise<OpenSession> {
    const opened = await open(switches, registry);
    await opened.session.submit("a man -S42 -W64 -H64");
    return opened;
  }

  test("names the picture after its tool, and keeps the chain of what was done", async () => {
    const opened = await drawn();
    const before = bytesOf(opened, "000001.42.png");
    expect(await opened.session.submit("!fix 000001.42.png -G 0.8")).toBe("done");
    expect(await opened.session.submit("!fix 000002.42.gfpgan-00.png -G 1 -ft codeformer -cf 0.5 -U 2 1")).toBe("done");
    expect(pngs(opened)).toEqual(["000001.42.png", "000002.42.gfpgan-00.png", "000003.42.codeformer-00.png"]);
    expect(bytesOf(opened, "000001.42.png").equals(before)).toBe(true);
    const { postprocessing } = imageOf(opened, "000003.42.codeformer-00.png");
    expect(postprocessing).toEqual([
      { tool: "gfpgan", dream_command: expect.stringMatching(/^!fix ".*000001\.42\.png" .* -G 0\.8 -ft gfpgan #/), method: "skin, eyes" },
      {
        tool: "codeformer",
        dream_command: expect.stringMatching(/ -G 1\.0 -ft codeformer -cf 0\.5 -U 2\.0 1\.0 #/),
        method: "sharp; code, eyes",
      },
    ]);
    expect((await pixelsOf(opened, "000003.42.codeformer-00.png")).width).toBe(128);
    expect(opened.said("text")).toMatch(
      /Restoring Faces for image seed:42\n>> 1 face restored\n.*\nOutputs:\n\[2\] .*000002\.42\.gfpgan-00\.png: !fix/s,
    );
  });

  test("the recorded line makes the same pixels again", async () => {
    const opened = await drawn();
    await opened.session.submit("!fix 000001.42.png -G 0.8 -U2");
    const [dream] = textsOf(opened, "000002.42.gfpgan-00.png");
    expect(await opened.session.submit(dream ?? "")).toBe("done");
    const [one, other] = await Promise.all(["000002", "000003"].map((prefix) => pixelsOf(opened, `${prefix}.42.gfpgan-00.png`)));
    expect(other?.rgb).toEqual(one?.rgb);
  });

  test("where no face is, nothing is written", async () => {
    const opened = await drawn();
    opened.engine.faces = 0;
    expect(await opened.session.submit("!fix 000001.42.png -G 1")).toBe("failed");
    expect(opened.said("problem")).toMatch(/no face was found in .*000001\.42\.png: nothing was written/);
    expect(pngs(opened)).toEqual(["000001.42.png"]);
  });

  test("where no face is, -U is done and recorded alone", async () => {
    const opened = await drawn();
    opened.engine.faces = 0;
    expect(await opened.session.submit("!fix 000001.42.png -G 1 -U2")).toBe("done");
    expect(textsOf(opened, "000002.42.upscale-00.png")[0]).not.toContain(" -G ");
    expect(imageOf(opened, "000002.42.upscale-00.png").postprocessing).toMatchObject([{ tool: "upscale", method: "sharp" }]);
  });

  test.each([
    ["--no_restore", "Face restoration is disabled: the program was started with --no_restore", "upscale-00"],
    ["--no_upscale", "ESRGAN is disabled. Image not upscaled: the program was started with --no_upscale", "gfpgan-00"],
  ])("after %s the rest is done, and the line fails", async (launch, sentence, made) => {
    const opened = await drawn([launch]);
    expect(await opened.session.submit("!fix 000001.42.png -G 1 -U2")).toBe("failed");
    expect(opened.said("problem")).toContain(`** ${sentence}`);
    expect(pngs(opened)).toEqual(["000001.42.png", `000002.42.${made}.png`]);
  });

  test("a failure writes nothing", async () => {
    const opened = await drawn();
    opened.engine.beforeFace = () => {
      throw new DreamError("face/unsupported", "skin.onnx is no face restorer");
    };
    expect(await opened.session.submit("!fix 000001.42.png -G 1")).toBe("failed");
    expect(opened.said("problem")).toContain("skin.onnx is no face restorer");
    expect(pngs(opened)).toEqual(["000001.42.png"]);
  });
});
