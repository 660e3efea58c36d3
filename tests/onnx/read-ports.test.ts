import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ExportedGraph } from "../../lib/onnx/exported-graph.js";
import { ProtoMessage } from "../../lib/onnx/protobuf.js";
import { readPorts } from "../../lib/onnx/read-ports.js";
import { FACES } from "../oracles/read-faces.js";
import { ORACLES } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();

describe("the runtime says the same", () => {
  test.each([
    path.join(FACES, "retinaface.onnx"),
    path.join(FACES, "yunet.onnx"),
    path.join(FACES, "codeformer.onnx"),
    path.join(ORACLES, "upscalers", "compact-x2.onnx"),
  ])("%s", async (file) => {
    const graph = await ExportedGraph.open(file, { threads: 1, releaseScratch: true });
    const { inputs, outputs } = await readPorts(file);
    await graph.release();
    const names = (ports: readonly { readonly name: string }[]) => ports.map(({ name }) => name);
    const fixed = ({ shape }: { readonly shape: readonly (number | string)[] }) =>
      shape.map((side) => (typeof side === "number" ? side : "?"));
    expect(names(inputs)).toEqual(names(graph.inputs));
    expect(names(outputs)).toEqual(names(graph.outputs));
    expect(inputs.map(fixed)).toEqual(graph.inputs.map(fixed));
  });
});

test("a gigabyte of weights is skipped, and weights are no inputs", async () => {
  const port = (name: string) => new ProtoMessage().string(1, name);
  const tail = new ProtoMessage().message(11, port("picture")).message(11, port("weight")).message(12, port("result")).finish();
  const [size, data] = [2 ** 30, new ProtoMessage().string(8, "weight").finish()];
  const head = (field: number, length: number) => Buffer.concat([Buffer.of(field * 8 + 2), varint(length)]);
  const raw = Buffer.concat([data, head(9, size)]);
  const tensor = Buffer.concat([head(5, raw.length + size), raw]);
  const start = Buffer.concat([head(7, tensor.length + size + tail.length), tensor]);
  const file = path.join(folder, "large.onnx");
  writeFileSync(file, start);
  truncateSync(file, start.length + size);
  writeFileSync(file, tail, { flag: "a" });
  const { inputs, outputs } = await readPorts(file);
  expect({ inputs, outputs }).toEqual({ inputs: [{ name: "picture", shape: [] }], outputs: [{ name: "result", shape: [] }] });
});

describe("what is no .onnx file", () => {
  const nested = (depth: number): ProtoMessage => (depth === 0 ? new ProtoMessage() : new ProtoMessage().message(7, nested(depth - 1)));
  test.each([
    ["nothing", Buffer.alloc(0), "holds no graph"],
    ["a text", Buffer.from("<html>not found</html>"), "is no .onnx file"],
    ["a length beyond the end", Buffer.of(58, 255, 255, 3, 0), "do not fit into one another"],
    ["a number without end", Buffer.alloc(30, 255), "has no end"],
    ["an unknown kind of field", Buffer.of(7 * 8 + 3, 0), "do not fit into one another"],
    ["two graphs", Buffer.from(new ProtoMessage().message(7, nested(2)).message(7, nested(1)).finish()), "holds no graph"],
    [
      "a name of a megabyte",
      Buffer.from(
        new ProtoMessage().message(7, new ProtoMessage().message(11, new ProtoMessage().string(1, "x".repeat(2 ** 20)))).finish(),
      ),
      "longer than any",
    ],
    [
      "two thousand inputs",
      Buffer.from(
        new ProtoMessage()
          .bytes(
            7,
            Buffer.concat(Array.from({ length: 2000 }, () => new ProtoMessage().message(11, new ProtoMessage().string(1, "x")).finish())),
          )
          .finish(),
      ),
      "more inputs and outputs than any network",
    ],
  ])("%s", async (_name, bytes, sentence) => {
    const file = path.join(folder, "hostile.onnx");
    writeFileSync(file, bytes);
    await expect(readPorts(file)).rejects.toMatchObject({ code: "model/not-a-model", message: expect.stringContaining(sentence) });
  });

  test("a named pipe is not waited for", async () => {
    const pipe = path.join(folder, "pipe.onnx");
    execFileSync("mkfifo", [pipe]);
    await expect(readPorts(pipe)).rejects.toMatchObject({ code: "file/unreadable", message: `${pipe} is not a regular file` });
  });

  test("a file that is not there", async () => {
    await expect(readPorts(path.join(folder, "nowhere.onnx"))).rejects.toMatchObject({ code: "file/unreadable" });
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) + 128 : rest);
    if (rest < 128) return Buffer.from(bytes);
  }
}
