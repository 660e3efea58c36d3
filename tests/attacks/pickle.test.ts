import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openTorchFile, openTorchSource } from "../../lib/checkpoints/pickle/open-torch-file.js";
import { DreamError } from "../../lib/errors.js";
import { ORACLES } from "../oracles/read-oracle.js";
import { join, legacyFile, legacyStorage, pickle, text, uint32 } from "../support/pickle-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { torchZip, zipBytes } from "../support/zip-bytes.js";

const root = await temporaryFolder();
const mark = joinPath(root, "executed");

function written(bytes: Uint8Array): string {
  const file = joinPath(mkdtempSync(joinPath(root, "case-")), "hostile.pt");
  writeFileSync(file, bytes);
  return file;
}

const { name, text: word, integer, tuple, dictionary, call, storage, tensor } = pickle;
const zipOf = (...parts: readonly Uint8Array[]) => torchZip(pickle.of(...parts));

describe("nothing is run", () => {
  const command = word(`touch ${mark}`);
  test.each([
    ["os.system", call("os", "system", command), "os.system"],
    ["its real name", call("posix", "system", command), "posix.system"],
    ["builtins.eval", call("builtins", "eval", word(`open(${JSON.stringify(mark)}, "w")`)), "builtins.eval"],
    ["builtins.exec of Python 2", call("__builtin__", "execfile", word(mark)), "__builtin__.execfile"],
    ["subprocess", call("subprocess", "Popen", word("sh")), "subprocess.Popen"],
    ["torch's own loader of pickles", call("torch.storage", "_load_from_bytes", word("x")), "torch.storage._load_from_bytes"],
    ["nested getattr", call("builtins", "getattr", call("builtins", "getattr", name("os", "path"), word("os")), word("system")), "getattr"],
    ["a way through a name with dots", call("torch._utils", "os.system", command), "torch._utils.os.system"],
    ["an unknown class", call("trainer", "Callback"), "trainer.Callback"],
    ["a name from the prototype", call("__proto__", "constructor"), "__proto__.constructor"],
    ["what a call gave", join(call("collections", "OrderedDict"), tuple(command), [0x52]), "what it has made itself"],
  ])("%s", async (_case, value, words) => {
    for (const bytes of [zipOf(value), legacyFile(pickle.of(value))]) {
      const wanted = { code: "pickle/code", message: expect.stringContaining(words) };
      await expect(openTorchFile(written(bytes))).rejects.toMatchObject(wanted);
    }
    expect(existsSync(mark)).toBe(false);
  });

  test("a name that is only mentioned is a name", async () => {
    const { value } = await openTorchFile(written(zipOf(name("os", "system"))));
    expect(value).toMatchObject({ module: "os", name: "system" });
  });

  test("a name is shown in one printable line", async () => {
    const stacked = join(word("o\u001b[31m\n"), word("x".repeat(10_000)), [0x93], tuple(), [0x52]);
    const error = await openTorchFile(written(zipOf(stacked))).catch((thrown: DreamError) => thrown);
    expect((error as DreamError).message).toMatch(/^[ -~…]{1,400}$/);
  });
});

describe("refused as damaged", () => {
  const four = new Uint8Array(16);
  const data = { "0": four };
  test.each([
    ["an empty file", new Uint8Array(0), "no file of tensors"],
    ["a text", text("version https://git-lfs.github.com/spec/v1\n"), "no file of tensors"],
    ["a pickle that is not torch's", pickle.of(integer(1)), "no file of tensors"],
    ["a pickle without end", torchZip(Uint8Array.of(0x80, 2, 0x4e)), "ends at byte 3"],
    ["an empty stack", zipOf(), "takes more values than it has"],
    ["values from below a mark", zipOf(join([0x4e, 0x28, 0x61])), "takes more values than it has"],
    ["a mark that is missing", zipOf(join([0x74])), "a mark is missing"],
    ["an unknown instruction", zipOf(join([0xff])), "the byte 255"],
    ["an extension registry", zipOf(join([0x82, 1])), "the byte 130"],
    ["a protocol of the future", torchZip(Uint8Array.of(0x80, 9, 0x4e, 0x2e)), "the protocol 9"],
    ["memory that was never filled", zipOf(join([0x68, 7])), "number 7 of its memory"],
    ["a text longer than the file", zipOf(join([0x58], uint32(0xffff_ffff))), "4294967295 bytes were due"],
    ["a number without end", zipOf(join([0x8b], uint32(100_000), new Uint8Array(100_000))), "no number"],
    ["a state of a number", zipOf(integer(1), integer(2), Uint8Array.of(0x62)), "gives a state"],
    ["items of a number", zipOf(integer(1), word("a"), integer(2), Uint8Array.of(0x73)), "no dictionary"],
    ["a key without a value", zipOf(join([0x7d, 0x28], word("a"), [0x75])), "no dictionary"],
    ["another persistent id", zipOf(join(tuple(word("module"), integer(1)), [0x51])), "no storage"],
    ["a storage of a class that is none", zipOf(storage("0", 4, "Tensor")), "no storage"],
    ["a storage of a negative size", zipOf(storage("0", -4)), "no storage"],
    ["a tensor of no storage", zipOf(tensor(integer(0), 0, [4], [1])), "other values than torch"],
    ["data that is missing", zipOf(storage("0", 4)), "lacks the data"],
    ["data of another place", torchZip(pickle.of(storage("../data.pkl", 4)), data), "lacks the data"],
  ])("%s", async (_case, bytes, words) => {
    await expect(openTorchFile(written(bytes))).rejects.toMatchObject({ code: "pickle/format", message: expect.stringContaining(words) });
  });

  test.each([
    ["more elements than there are", tensor(storage("0", 4), 0, [5], [1]), "only 4 elements"],
    ["an expanded view", tensor(storage("0", 4), 0, [1000, 1000, 1000], [0, 0, 0]), "only 4 elements"],
    ["an offset beyond the storage", tensor(storage("0", 4), 4, [1], [1]), "reaches to element 4"],
    ["a negative offset", tensor(storage("0", 4), -1, [1], [1]), "no valid shape"],
    ["a negative stride", tensor(storage("0", 4), 3, [2], [-1]), "no valid shape"],
    ["strides that reach beyond", tensor(storage("0", 4), 0, [2, 2], [3, 1]), "reaches to element 4"],
    ["a negative extent", tensor(storage("0", 4), 0, [-4], [1]), "no valid shape"],
    ["fewer strides than extents", tensor(storage("0", 4), 0, [2, 2], [1]), "no valid shape"],
    ["a thousand axes", tensor(storage("0", 4), 0, new Array<number>(1000).fill(1), new Array<number>(1000).fill(1)), "no valid shape"],
    ["a storage that claims more", tensor(storage("0", 1_000_000), 0, [1_000_000], [1]), "claims a storage"],
  ])("a tensor with %s", async (_case, value, words) => {
    const file = written(torchZip(pickle.of(dictionary({ t: value })), data));
    await expect(openTorchSource(file)).rejects.toMatchObject({ code: "pickle/format", message: expect.stringContaining(words) });
  });

  test.each([
    ["a count that is not the pickle's", legacyFile(pickle.of(storage("a", 4)), ["a"], [legacyStorage(5, 16)]), "5 elements"],
    ["data that is cut off", legacyFile(pickle.of(storage("a", 4)), ["a"], [legacyStorage(4, 15)]), "cut short"],
    ["a storage of exabytes", legacyFile(pickle.of(storage("a", 2 ** 31 - 1)), ["a"], [legacyStorage(4, 16)]), "cut short"],
    ["data of nobody", legacyFile(pickle.of(integer(1)), ["a"], [legacyStorage(4, 16)]), "does not have"],
    ["data twice", legacyFile(pickle.of(storage("a", 0)), ["a", "a"], [legacyStorage(0, 0), legacyStorage(0, 0)]), "does not have"],
    ["no end", legacyFile(pickle.of(integer(1))).subarray(0, -1), "ends at byte"],
  ])("the older format with %s", async (_case, bytes, words) => {
    await expect(openTorchFile(written(bytes))).rejects.toMatchObject({ code: "pickle/format", message: expect.stringContaining(words) });
  });
});

describe("archives that lie", () => {
  const data = pickle.of(dictionary({ t: tensor(storage("0", 4), 0, [4], [1]) }));
  const honest = { name: "a/data.pkl", data };
  const zeros = new Uint8Array(1_000_000);
  test.each([
    ["a directory that is cut off", zipBytes([honest]).subarray(0, -1), "no directory"],
    ["more files than there are", zipBytes([honest], 2), "ends behind 1 of 2"],
    ["no pickle", zipBytes([{ name: "a/x", data }]), "0 data.pkl"],
    ["two pickles", zipBytes([honest, { name: "b/data.pkl", data }]), "2 data.pkl"],
    ["a file twice", zipBytes([honest, honest]), "is there twice"],
    ["an encrypted file", zipBytes([{ ...honest, flags: 1 }]), "is encrypted"],
    ["another compression", zipBytes([{ ...honest, method: 14 }]), "method 14"],
    ["a size that is not its own", zipBytes([{ ...honest, bytes: 1 }]), "but claims 1"],
    ["a file beyond the end", zipBytes([{ ...honest, bytes: 1e9, storedBytes: 1e9 }]), "ends outside"],
    ["a file that begins beyond the end", zipBytes([{ ...honest, headerOffset: 1e9 }]), "begins outside"],
    ["a file without a header", zipBytes([{ ...honest, headerOffset: 1 }]), "has no header"],
    ["files in the same place", zipBytes([honest, { name: "a/data/0", data, headerOffset: 0 }]), "overlaps"],
    ["more than deflate can hold", zipBytes([{ name: "a/data.pkl", data: zeros, deflate: true, bytes: 2 ** 31 }]), "can unfold to"],
    ["less than it claims", zipBytes([{ ...honest, deflate: true, bytes: data.byteLength + 1 }]), "does not unfold"],
    ["more than it claims", zipBytes([{ ...honest, deflate: true, bytes: data.byteLength - 1 }]), "does not unfold"],
    ["what does not unfold", zipBytes([{ ...honest, method: 8 }]), "does not unfold"],
    ["another byte order", zipBytes([honest, { name: "a/byteorder", data: text("big") }]), "another byte order"],
  ])("%s", async (_case, bytes, words) => {
    await expect(openTorchFile(written(bytes))).rejects.toMatchObject({ code: "pickle/format", message: expect.stringContaining(words) });
  });

  test("numbers of 64 bits are read, and are no way around the checks", async () => {
    const zeros = { name: "a/data/0", data: new Uint8Array(16), wide: true };
    const good = written(zipBytes([{ ...honest, wide: true }, zeros]));
    expect((await openTorchSource(good)).get("t")).toMatchObject({ shape: [4], byteLength: 16 });
    const far = written(zipBytes([honest, { ...zeros, headerOffset: 2 ** 31 }]));
    await expect(openTorchSource(far)).rejects.toMatchObject({ message: expect.stringContaining("begins outside") });
  });

  test("a bomb: nothing is unfolded that is not asked for", async () => {
    const bomb = { name: "a/data/bomb", data: new Uint8Array(50_000_000), deflate: true };
    const file = written(zipBytes([honest, { name: "a/data/0", data: new Uint8Array(16) }, bomb]));
    const before = process.memoryUsage().arrayBuffers;
    expect((await openTorchSource(file)).get("t")?.bytes).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });
});

describe("small files that stand for much", () => {
  test("lists of lists of lists, each ten times", async () => {
    // Each level holds the one before it, by memory: a thousand levels would have 10^1000 members.
    const levels = Array.from({ length: 1000 }, () => join([0x71, 0, 0x30, 0x28], ...Array.from({ length: 10 }, () => [0x68, 0]), [0x74]));
    await expect(openTorchSource(written(zipOf(integer(1), ...levels)))).rejects.toMatchObject({
      message: expect.stringContaining("no tensors"),
    });
  });

  test("such lists as the version and the list of storages", async () => {
    const laughs = join(integer(1), ...Array.from({ length: 100 }, () => join([0x71, 0, 0x30, 0x28], [0x68, 0, 0x68, 0, 0x68, 0], [0x74])));
    const list = join([0x28], laughs, [0x6c]);
    const whole = legacyFile(pickle.of(integer(1)));
    const end = pickle.of(join([0x28], [0x6c]));
    const file = written(join(whole.subarray(0, -end.byteLength), pickle.of(list)));
    await expect(openTorchFile(file)).rejects.toMatchObject({ code: "pickle/format" });
  });

  test("a depth of 100,000", async () => {
    const deep = join(new Uint8Array(100_000).fill(0x5d), new Uint8Array(99_999).fill(0x61));
    await expect(openTorchSource(written(zipOf(deep)))).rejects.toMatchObject({ message: expect.stringContaining("no tensors") });
  });

  test("more instructions than any checkpoint has", async () => {
    await expect(openTorchFile(written(zipOf(new Uint8Array(2_000_001).fill(0x4e))))).rejects.toMatchObject({
      message: expect.stringContaining("more than 2000000 instructions"),
    });
  });

  test("a dictionary that contains itself", async () => {
    const { value } = await openTorchFile(written(zipOf(join([0x7d, 0x71, 0], word("self"), [0x68, 0, 0x73]))));
    expect(value instanceof Map && value.get("self")).toBe(value);
  });
});

test("every byte of a good file may be cut off or changed", async () => {
  for (const name of ["zip.pt", "legacy.pt"]) {
    const good = readFileSync(joinPath(ORACLES, "pickle", name));
    const file = written(good);
    for (let at = 0; at < good.byteLength; at += 97) {
      const changed = Uint8Array.from(good);
      changed[at] = changed[at]! ^ (1 << (at % 8));
      for (const bytes of [changed, good.subarray(0, at)]) {
        writeFileSync(file, bytes);
        const error = await openTorchSource(file).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(DreamError);
      }
    }
  }
});
