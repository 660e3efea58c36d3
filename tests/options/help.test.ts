import { expect, test } from "@jest/globals";
import { printHelp } from "../../lib/options/help.js";
import { switchesAt } from "../../lib/options/table.js";

test.each(["launch", "line"] as const)("help names every switch of a %s in lines that fit a window", (place) => {
  const help = printHelp(place, "usage: x");
  for (const { names } of switchesAt(place)) for (const name of names) expect(help).toContain(name);
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});
