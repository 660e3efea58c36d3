// Tests run in a realm of their own. onnxruntime-node checks `instanceof Float32Array` in the outer realm, so both share one set.
const vm = require("node:vm");
const { TestEnvironment } = require("jest-environment-node");

// The tests' own `process.env` is a copy, which the runtime does not see.
process.env.ORT_DISABLE_TELEMETRY ??= "1";
// A root folder or initialization file of whoever runs the tests must not change what they test.
delete process.env.INVOKEAI_ROOT;
delete process.env.VIRTUAL_ENV;
process.env.HOME = require("node:path").join(require("node:os").tmpdir(), "dream-repl-tests-have-no-home");

class SharedTypedArrays extends TestEnvironment {
  constructor(config, context) {
    // Jest's own global object asks an interceptor for every global that code names: `Math.floor` took 460 ns instead of 3, most of a run's time.
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
    for (const shared of [Float32Array, Float64Array, Int8Array, Uint8Array, Int32Array, Uint32Array, Uint16Array, BigInt64Array, BigUint64Array]) {
      this.global[shared.name] = shared;
    }
    this.global.ArrayBuffer = ArrayBuffer;
  }
}

module.exports = SharedTypedArrays;
