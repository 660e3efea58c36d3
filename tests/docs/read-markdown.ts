/** A link to a place in this package, as it is written. */
export interface Link {
  readonly path: string;
  /** Behind `#`. */
  readonly anchor: string | undefined;
}

/** Links and pictures of a page that lead to no other host. */
export function localLinks(markdown: string): Link[] {
  return [...markdown.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { path, anchor };
    });
}

/** As GitHub names the headings of a page. */
export function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Rows of all blocks of code. */
export function codeRows(markdown: string): string[] {
  return [...markdown.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].flatMap(([, code = ""]) => code.trimEnd().split("\n"));
}

/** Seeds are drawn anew in every run, seconds differ; numbers of files begin with a zero. */
export function withoutChance(text: string): string {
  return text.replaceAll(/(?<!\d)[1-9]\d{3,}/g, "SEED").replaceAll(/\d+\.\d+s\b/g, "…s");
}
