import { elementCount } from "../../onnx/graph.js";
import type { ConvolutionForm } from "./policy.js";

/** A layout of a 3×3 kernel (O, I, 3, 3) that a convolution multiplies with. */
export type KernelForm = "winograd2" | "winograd4" | "im2col" | "im2col-half" | "taps-first";

/** The layout that a way to compute a convolution wants. */
export function kernelForm(form: ConvolutionForm): KernelForm {
  if (form.kind === "winograd") return form.outputTile === 2 ? "winograd2" : "winograd4";
  return form.kind === "im2col" && form.half ? "im2col-half" : form.kind;
}

/** Shape of a kernel (O, I, 3, 3) in a form. */
export function kernelShape(form: KernelForm, outChannels: number, inChannels: number): number[] {
  switch (form) {
    case "winograd2":
      return [16, outChannels, inChannels];
    case "winograd4":
      return [36, outChannels, inChannels];
    case "im2col":
    case "im2col-half":
      return [outChannels, 9 * inChannels];
    case "taps-first":
      return [9 * outChannels, inChannels];
  }
}

/** Bytes of a kernel in a form. */
export function kernelBytes(form: KernelForm, outChannels: number, inChannels: number): number {
  return elementCount(kernelShape(form, outChannels, inChannels)) * (form === "im2col-half" ? 2 : 4);
}
