import { expect, test } from "@jest/globals";
import { printHelp } from "../../lib/options/help.js";
import { allNames } from "../../lib/options/switch.js";
import { switchesAt } from "../../lib/options/table.js";

test.each(["launch", "line"] as const)("help names every switch of a %s in lines that fit a window", (place) => {
  const help = printHelp(place, "usage: x");
  for (const row of switchesAt(place)) for (const name of allNames(row)) expect(help).toContain(name);
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test.each(["launch", "line"] as const)("help of a %s is short enough to read", (place) => {
  expect(printHelp(place, "usage: x").split("\n").length).toBeLessThanOrEqual(100);
});

test("what works comes first, then what does not, by reason", () => {
  const help = printHelp("launch", "usage: x");
  const places = ["--memory MODE", "Not available yet:", "web server: --web, --gui", "Without effect here:", "Old names"].map((text) =>
    help.indexOf(text),
  );
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});
