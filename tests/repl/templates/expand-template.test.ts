import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parseYamlMapping } from "../../../lib/models/read-yaml.js";
import { expandTemplate } from "../../../lib/repl/templates/expand-template.js";
import { ORACLES } from "../../oracles/read-oracle.js";

const expand = (text: string) => expandTemplate(parseYamlMapping(text, "x.yaml", "file/unreadable").document);
const cases = Object.entries(
  JSON.parse(readFileSync(join(ORACLES, "templates", "cases.json"), "utf8")) as Record<string, { template: string; lines: string[] }>,
);

test.each(cases)("as invokeai-dynamic-prompts: %s", (_name, { template, lines }) => expect(expand(template).lines).toEqual(lines));

const LINE = "-S0 -Addim -C7.5 -s30  --perlin=0 --threshold=0 -W512 -H512";

describe("where that tool fails", () => {
  test.each([
    ["no model: the one in use", "prompt: a cat", [`a cat ${LINE}`]],
    ["an empty file", "", [`banana sushi ${LINE}`]],
    ["an empty list", "prompt: {a: [], template: '{a}'}\nseed: []", [`banana sushi ${LINE}`]],
    ["a range without a step", "prompt: a cat\nseed: 3;4", [`a cat ${LINE}`.replace("-S0", "-S3"), `a cat ${LINE}`.replace("-S0", "-S4")]],
    ["one value instead of a list", "prompt: {thing: cat, template: 'a {thing}'}", [`a cat ${LINE}`]],
    ["a text of several lines", "prompt: |\n  a cat\n  in a hat\n", [`a cat in a hat ${LINE}`]],
    ["a path with blanks", "prompt: x\ninit_img: my cat.png", [`x ${LINE}`.replace("-s30 ", '-s30 -I"my cat.png" -f0.75')]],
    ["doubled braces", "prompt: {a: [1], template: '{a} {{red|blue}}'}", [`1 {red|blue} ${LINE}`]],
  ])("%s", (_what, template, lines) => expect(expand(template).lines).toEqual(lines));
});

test("sections that mean nothing are named", () => {
  expect(expand("prompt: x\ncfg_scale: 5\nW: 64").unknown).toEqual(["cfg_scale", "W"]);
});

test.each([
  ["dimensions: 512", "dimensions: must be like 512x512, not 512"],
  ["dimensions: 1x2x3", "dimensions: must be like 512x512, not 1x2x3"],
  ["prompt: {a: [1]}", 'the "prompt" section must contain a "template" definition'],
  ["prompt: {template: 'a {b}'}", "the template holds {b}, but prompt: has no list of that name"],
  ["prompt: {a: [1], template: '{a} {'}", "the template holds a single {; a brace that stays is written twice"],
  ["prompt: {a: [1], template: '{a} }'}", "the template holds a single }"],
  ["prompt: {a: [1], template: '{a} {}'}", "the template holds a single {}"],
  ["prompt: [[a]]", "prompt: must hold texts"],
  ["prompt: {a: [{b: c}], template: '{a}'}", "a: must hold texts"],
  ["prompt: '!del_model x'", 'the prompt "!del_model x" of the template is a command'],
  ["steps: {a: b}", "steps: must hold a value, a range or a list of values"],
  ['model: "x\\n!del_model y"', "model: must hold a value"],
  ["seed: 0;99999;1", "the range 0;99999;1 of seed has 100000 values; at most 10000 are made"],
  ["cfg: 0.0;1.0;0.000001", "has 1000001 values"],
  ["seed: 1;200;1\nsteps: 1;200;1", "the template makes 40000 lines; at most 10000 are made"],
])("%s is refused", (template, message) => expect(() => expand(template)).toThrow(message));
