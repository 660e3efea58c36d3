import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { anchors, localLinks } from "./read-markdown.js";

const pages = ["README.md", ...readdirSync(join(PACKAGE_ROOT, "docs")).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);

test.each(pages)("every link of %s leads somewhere", (page) => {
  const place = join(PACKAGE_ROOT, page);
  const dead = localLinks(readFileSync(place, "utf8")).filter(({ path, anchor }) => {
    const target = path === "" ? place : join(dirname(place), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchors(readFileSync(target, "utf8")).includes(anchor);
  });
  expect(dead).toEqual([]);
});
