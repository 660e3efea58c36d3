import { describe, expect, test } from "@jest/globals";
import { itermPicture } from "../../lib/terminal-images/iterm.js";
import { kittyPicture } from "../../lib/terminal-images/kitty.js";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) % 256);

/** Control data and payload of every sequence; throws at anything between them. */
function sequences(text: string): { readonly control: string; readonly payload: string }[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  const found = [...text.matchAll(/\x1b_G([^;]*);([A-Za-z0-9+/=]*)\x1b\\/g)];
  expect(`${found.map(([whole]) => whole).join("")}\n`).toBe(text);
  return found.map(([, control = "", payload = ""]) => ({ control, payload }));
}

describe("kitty", () => {
  test.each([1, 3072, 3073, 10_000])("%i bytes come back", (length) => {
    const pieces = sequences(kittyPicture(bytes(length), 40));
    expect(new Uint8Array(Buffer.from(pieces.map(({ payload }) => payload).join(""), "base64"))).toEqual(bytes(length));
    expect(pieces).toHaveLength(Math.ceil(length / 3072));
    expect(pieces.every(({ payload }) => payload.length <= 4096)).toBe(true);
  });

  test("the first piece says what it is, the last that it is the last", () => {
    const controls = sequences(kittyPicture(bytes(7000), 40)).map(({ control }) => control);
    expect(controls).toEqual(["a=T,f=100,q=2,c=40,m=1", "m=1", "m=0"]);
    expect(sequences(kittyPicture(bytes(9), 3)).map(({ control }) => control)).toEqual(["a=T,f=100,q=2,c=3,m=0"]);
  });
});

test("iTerm2: size, columns and bytes", () => {
  const text = itermPicture(bytes(5000), 40);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  const [, control, payload] = /^\x1b\]1337;File=([^:]*):([A-Za-z0-9+/=]*)\x07\n$/.exec(text)!;
  expect(control).toBe("inline=1;size=5000;width=40;preserveAspectRatio=1");
  expect(new Uint8Array(Buffer.from(payload!, "base64"))).toEqual(bytes(5000));
});
