"""Networks about faces that misbehave, in the form of the real ones.

    hostile/nowhere.onnx       a detector whose scores are no numbers
    hostile/everywhere.onnx    a detector that is sure of a small face at every place of every picture
    hostile/pointless.onnx     the same with all landmarks in one place
    hostile/endless.onnx       the same with landmarks and boxes that are infinite
    hostile/other.onnx         a detector with three outputs of other columns
    hostile/small.onnx         a restorer of 64 pixels, which inverts
    hostile/nothing.onnx       a restorer that gives no numbers
    hostile/twice.onnx         a restorer that gives twice as many pixels a side

Usage: python make-hostile.py        (onnx, numpy; versions: versions.json)
"""

from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent / "hostile"


def save(name, inputs, outputs, nodes, constants):
    values = [numpy_helper.from_array(numpy.array(value), key) for key, value in constants.items()]
    port = lambda item: helper.make_tensor_value_info(item[0], TensorProto.FLOAT, item[1])
    graph = helper.make_graph(nodes, name, [port(item) for item in inputs.items()], [port(item) for item in outputs.items()], values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(HERE / f"{name}.onnx"))


def detector(name, score, landmarks, size, columns=(4, 2, 10)):
    """128x96 pixels: 2·(12·16 + 6·8 + 3·4) prior boxes that all say the same."""
    rows = 504
    answers = {
        "loc": numpy.tile(numpy.array([0, 0, size, size], numpy.float32), (1, rows, 1)),
        "conf": numpy.tile(numpy.array([1 - score, score], numpy.float32), (1, rows, 1)),
        "landms": numpy.tile(numpy.array(landmarks, numpy.float32), (1, rows, 1)),
    }
    nodes, constants = [], {"nil": numpy.float32(0)}
    nodes.append(helper.make_node("ReduceMean", ["input"], ["mean"], axes=[1, 2, 3], keepdims=0))
    nodes.append(helper.make_node("Mul", ["mean", "nil"], ["silence"]))
    outputs = {}
    for (key, row), count in zip(answers.items(), columns):
        constants[f"{key}_row"] = numpy.resize(row[:, :1], (1, 1, count)).astype(numpy.float32)
        constants[f"{key}_shape"] = numpy.array([1, rows, count])
        nodes.append(helper.make_node("Expand", [f"{key}_row", f"{key}_shape"], [f"{key}_all"]))
        nodes.append(helper.make_node("Add", [f"{key}_all", "silence"], [key]))
        outputs[key] = [1, rows, count]
    save(name, {"input": [1, 3, 96, 128]}, outputs, nodes, constants)


def main():
    HERE.mkdir(exist_ok=True)
    numpy.seterr(all="ignore")
    spread = [-2, -1, 2, -1, 0, 0, -1, 2, 1, 2]
    detector("nowhere", float("nan"), spread, 0)
    # Boxes of a tenth of their priors overlap with no other.
    detector("everywhere", 1.0, spread, float(numpy.log(0.1) / 0.2))
    detector("pointless", 1.0, [0] * 10, float(numpy.log(0.1) / 0.2))
    detector("endless", 1.0, [float("inf")] * 10, 1e9)
    detector("other", 1.0, spread, 0, (4, 2, 136))
    face = {"input": [1, 3, 64, 64]}
    save("small", face, {"output": [1, 3, 64, 64]}, [helper.make_node("Neg", ["input"], ["output"])], {})
    save("nothing", face, {"output": [1, 3, 64, 64]}, [helper.make_node("Mul", ["input", "nan"], ["output"])], {"nan": numpy.float32("nan")})
    resize = helper.make_node("Resize", ["input", "", "scales"], ["output"], mode="nearest")
    save("twice", face, {"output": [1, 3, 128, 128]}, [resize], {"scales": numpy.array([1, 1, 2, 2], numpy.float32)})


if __name__ == "__main__":
    main()
