// Tests run in a realm of their own. onnxruntime-node checks `instanceof Float32Array` in the outer realm, so both share one set.
const { TestEnvironment } = require("jest-environment-node");

// The tests' own `process.env` is a copy, which the runtime does not see.
process.env.ORT_DISABLE_TELEMETRY ??= "1";
// A root folder or initialization file of whoever runs the tests must not change what they test.
delete process.env.INVOKEAI_ROOT;
delete process.env.VIRTUAL_ENV;
process.env.HOME = require("node:path").join(require("node:os").tmpdir(), "dream-repl-tests-have-no-home");

class SharedTypedArrays extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const shared of [Float32Array, Float64Array, Int8Array, Uint8Array, Int32Array, Uint32Array, Uint16Array, BigInt64Array, BigUint64Array]) {
      this.global[shared.name] = shared;
    }
    this.global.ArrayBuffer = ArrayBuffer;
  }
}

module.exports = SharedTypedArrays;
