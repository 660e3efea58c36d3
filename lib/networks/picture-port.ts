import type { PortDescription } from "../onnx/exported-graph.js";

type Side = number | string | undefined;

/** Whether one picture (1, 3, H, W) fits into an input of an exported graph. */
export function isPicturePort({ shape }: Pick<PortDescription, "shape">): boolean {
  const [batch, channels] = shape;
  return shape.length === 4 && (typeof batch !== "number" || batch <= 1) && (typeof channels !== "number" || channels === 3);
}

/** Whether a graph names this side in pixels; otherwise it is free. */
export function isFixedSide(side: Side): side is number {
  return typeof side === "number" && side > 0;
}

/** Inputs or outputs inside a sentence. */
export function describePorts(ports: readonly Pick<PortDescription, "name" | "shape">[]): string {
  return ports.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ");
}
