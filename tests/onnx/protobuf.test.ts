import { expect, test } from "@jest/globals";
import { ProtoMessage } from "../../lib/onnx/protobuf.js";

/** Bytes as the encoding guide of protocol buffers gives them. */
test.each<[string, ProtoMessage, number[]]>([
  ["a one-byte integer", new ProtoMessage().integer(1, 1), [0x08, 0x01]],
  ["the guide's 150", new ProtoMessage().integer(1, 150), [0x08, 0x96, 0x01]],
  [
    "a negative integer in ten bytes",
    new ProtoMessage().integer(1, -2),
    [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  ],
  ["an integer beyond 2^53", new ProtoMessage().integer(1, 2n ** 60n), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
  ["the guide's string", new ProtoMessage().string(2, "testing"), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]],
  ["a float", new ProtoMessage().float(2, 1), [0x15, 0, 0, 0x80, 0x3f]],
  ["the guide's submessage", new ProtoMessage().message(3, new ProtoMessage().integer(1, 150)), [0x1a, 0x03, 0x08, 0x96, 0x01]],
  ["a field number of two bytes", new ProtoMessage().integer(20, 4), [0xa0, 0x01, 0x04]],
])("%s", (_, message, bytes) => {
  expect([...message.finish()]).toEqual(bytes);
});
