// The only place that loads onnxruntime; the order matters.
import "./no-telemetry.js";

export { env, InferenceSession, Tensor } from "onnxruntime-node";
