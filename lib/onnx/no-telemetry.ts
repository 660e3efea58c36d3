/*
 * onnxruntime's official builds report every session they create to its maker: on by default, also on Linux and macOS since 1.29, with
 * an identifier of the machine in the user's cache folder. It looks at this variable once, when it is loaded. Source:
 * https://github.com/microsoft/onnxruntime/pull/27379
 */
process.env.ORT_DISABLE_TELEMETRY ??= "1";
