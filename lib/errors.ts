/**
 * The one registry of errors. Every failure that a user can meet has a code here; `DreamError` carries the sentence that says what is
 * wrong with *this* input, and the registry adds what to do next, the exit status outside the prompt and (for the later server) the
 * HTTP status.
 */
interface ErrorEntry {
  /** What the user can do next; one sentence without a final stop, or empty when the message says it all. */
  readonly advice: string;
  /** Process exit status outside the REPL: 1 failure, 2 bad usage. */
  readonly exit: 1 | 2;
  readonly http: number;
}

const REGISTRY = {
  "usage/launch": { advice: "see dream --help", exit: 2, http: 400 },
  "usage/line": { advice: "", exit: 1, http: 400 },
  "usage/not-available": { advice: "", exit: 2, http: 501 },
  "usage/sampler": { advice: "", exit: 1, http: 400 },
  "usage/steps": { advice: "", exit: 1, http: 400 },
  "usage/strength": { advice: "", exit: 1, http: 400 },
  "usage/size": { advice: "give -W and -H as whole numbers of pixels; they are rounded down to multiples of 64", exit: 1, http: 400 },
  "model/not-found": { advice: "give a name from the registry, a checkpoint (.safetensors, .ckpt) or a model folder", exit: 1, http: 404 },
  "model/not-a-model": { advice: "give a Stable Diffusion checkpoint", exit: 1, http: 400 },
  "model/unsupported": { advice: "use a Stable Diffusion 1.x or 2.x model", exit: 1, http: 400 },
  "upscaler/unsupported": { advice: "give a Real-ESRGAN file (.pth, .safetensors) or an exported upscaler (.onnx)", exit: 1, http: 400 },
  "tool/missing": { advice: "", exit: 1, http: 501 },
  "tool/unsupported": { advice: "register another folder, or complete this one", exit: 1, http: 400 },
  "face/unsupported": {
    advice: "give an exported GFPGAN or CodeFormer (.onnx), and for finding faces a RetinaFace or YuNet (.onnx)",
    exit: 1,
    http: 400,
  },
  "face/none-found": { advice: "", exit: 1, http: 422 },
  "model/format": {
    advice: "give a checkpoint (.safetensors, .ckpt) or a model folder",
    exit: 1,
    http: 400,
  },
  "model/side-config": { advice: "put the model's YAML configuration beside the file, under the same name", exit: 1, http: 400 },
  "model/config": { advice: "mend the file or remove it", exit: 1, http: 400 },
  "model/missing-file": { advice: "complete the model folder", exit: 1, http: 400 },
  "registry/unreadable": { advice: "mend the YAML file or pass another with --config", exit: 1, http: 500 },
  "registry/unwritable": { advice: "nothing was changed", exit: 1, http: 500 },
  "registry/locked": { advice: "nothing was changed; try again when it is done", exit: 1, http: 503 },
  "lora/unsuitable": { advice: "", exit: 1, http: 400 },
  "weights/missing-key": { advice: "the file is incomplete or belongs to another architecture", exit: 1, http: 400 },
  "weights/surplus-key": { advice: "the file belongs to another architecture", exit: 1, http: 400 },
  "weights/shape": { advice: "the file belongs to another architecture", exit: 1, http: 400 },
  "weights/dtype": { advice: "convert the tensors to fp32, fp16 or bf16", exit: 1, http: 400 },
  "safetensors/header": { advice: "download or export the file again", exit: 1, http: 400 },
  "safetensors/truncated": { advice: "download the file again", exit: 1, http: 400 },
  "pickle/format": { advice: "download the file again", exit: 1, http: 400 },
  "pickle/code": { advice: "get it as .safetensors, or from somebody whom you trust", exit: 1, http: 400 },
  "embedding/unusable": { advice: "", exit: 1, http: 400 },
  "tokenizer/vocabulary": { advice: "restore tokenizer/vocab.json and merges.txt", exit: 1, http: 400 },
  "scheduler/config": { advice: "mend scheduler_config.json", exit: 1, http: 400 },
  "memory/predicted": { advice: "make the picture smaller, close other programs, or pass --memory lean", exit: 1, http: 507 },
  "memory/exhausted": { advice: "make the picture smaller, close other programs, or pass --memory lean", exit: 1, http: 507 },
  "engine/crashed": { advice: "the engine restarts and reloads the model", exit: 1, http: 500 },
  "engine/cancelled": { advice: "", exit: 1, http: 499 },
  "engine/failed": { advice: "", exit: 1, http: 500 },
  "picture/not-a-number": {
    advice: "try a smaller -C or another sampler; when every picture fails, the model's file is damaged",
    exit: 1,
    http: 500,
  },
  "output/unwritable": { advice: "free some space or choose another folder with -o", exit: 1, http: 500 },
  "image/unreadable": { advice: "give a PNG, JPEG, WebP or GIF file", exit: 1, http: 400 },
  "image/too-large": { advice: "", exit: 1, http: 413 },
  "image/not-png": { advice: "only PNG files carry a command", exit: 1, http: 400 },
  "image/metadata": { advice: "type its command yourself", exit: 1, http: 400 },
  "file/unreadable": { advice: "check what it is and who may read it", exit: 1, http: 400 },
  "file/not-found": { advice: "check the path", exit: 1, http: 404 },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof REGISTRY;

/** An expected failure: one sentence for the user, a code for programs. Anything else that is thrown is a defect of ours. */
export class DreamError extends Error {
  override readonly name = "DreamError";
  readonly code: ErrorCode;

  /**
   * @param code entry of the registry
   * @param message what is wrong with this input: names the file, key, value; no final stop
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get advice(): string {
    return REGISTRY[this.code].advice;
  }

  get exitStatus(): 1 | 2 {
    return REGISTRY[this.code].exit;
  }

  get httpStatus(): number {
    return REGISTRY[this.code].http;
  }

  /** The message and the advice as the one line that is printed. */
  get sentence(): string {
    return this.advice === "" ? this.message : `${this.message}; ${this.advice}`;
  }
}

/** Every code, for the documentation and its test. */
export const ERROR_CODES = Object.keys(REGISTRY) as readonly ErrorCode[];
