/** What restores faces, by the name that the registry (`type`) and -ft give it. */
export const FACE_TOOLS = ["gfpgan", "codeformer"] as const;
export type FaceTool = (typeof FACE_TOOLS)[number];

/** The same by the names that people know. */
export const FACE_TOOL_NAMES: Readonly<Record<FaceTool, string>> = { gfpgan: "GFPGAN", codeformer: "CodeFormer" };
