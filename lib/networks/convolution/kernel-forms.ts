import { elementCount, type Value } from "../../onnx/graph.js";
import type { Operators } from "../../onnx/operators.js";
import type { ConvolutionForm } from "./policy.js";
import { winogradTransform } from "./winograd.js";

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

/**
 * The nodes that bring a kernel into a form; exact except for the Winograd transforms G g Gᵀ, which round to fp32.
 * @param kernel (O, I, 3, 3), float32
 */
export function transformKernel(ops: Operators, kernel: Value, form: KernelForm): Value {
  const [outChannels, inChannels] = kernel.shape as [number, number];
  const shape = kernelShape(form, outChannels, inChannels);
  switch (form) {
    case "winograd2":
    case "winograd4": {
      const { inputTile, kernel: matrix } = winogradTransform(form === "winograd2" ? 2 : 4);
      const places = inputTile ** 2;
      const transform = ops.graph.constant(`${form}.kernel`, "float32", [places, 9], () => matrix);
      return ops.reshape(ops.gemm(transform, ops.reshape(kernel, [outChannels * inChannels, 9])), shape);
    }
    case "im2col":
      return ops.reshape(ops.transpose(ops.reshape(kernel, [outChannels, inChannels, 9]), [0, 2, 1]), shape);
    case "im2col-half":
      return ops.toHalf(transformKernel(ops, kernel, "im2col"));
    case "taps-first":
      return ops.reshape(ops.transpose(kernel, [2, 3, 0, 1]), shape);
  }
}

/** Bytes of a kernel in a form. */
export function kernelBytes(form: KernelForm, outChannels: number, inChannels: number): number {
  return elementCount(kernelShape(form, outChannels, inChannels)) * (form === "im2col-half" ? 2 : 4);
}
