"""Small files by torch.save in all of its forms, and what is in them.

    zip.pt, legacy.pt        the same values of both formats: element types, views, a parameter, an ordered dictionary with metadata
    protocol-4.pt            the zip format with the newer pickle protocol
    deflated.pt              zip.pt packed again by Python's zipfile, compressed
    float8.pt                tensors whose type stands in the tensor, not in the storage
    wrapped.ckpt             a checkpoint with training state around its tensors: classes, numpy numbers, nested dictionaries
    values.json              what torch.load reads of them: name -> [type, shape, values in row-major order]

Usage: python make.py
"""

import collections
import json
import sys
import zipfile
from pathlib import Path

import numpy
import torch

HERE = Path(__file__).parent


def tensors():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8 - 1
    state = collections.OrderedDict(
        single=base.clone(),
        half=(base / 3).half(),
        bfloat=(base / 3).bfloat16(),
        double=(base / 3).double(),
        whole=torch.tensor([-(2**40), 7, 2**40]),
        ints=torch.tensor([[-5, 6]], dtype=torch.int32),
        bytes=torch.tensor([0, 255], dtype=torch.uint8),
        flags=torch.tensor([True, False]),
        scalar=torch.tensor(0.5),
        nothing=torch.zeros(0, 3),
        transposed=base.t(),
        rows=base[1:3],
        columns=base[:, 2:4],
        every_second=base[::2, ::3],
        channels_last=base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
        parameter=torch.nn.Parameter(base[:2].clone()),
    )
    state._metadata = {"": {"version": 1}}
    return state


class Progress:
    """Stands for whatever a training program puts beside the weights."""

    def __init__(self):
        self.epoch = 3


def describe(value):
    return [str(value.dtype).removeprefix("torch."), list(value.shape), value.detach().double().flatten().tolist()]


def main():
    state = tensors()
    torch.save(state, HERE / "zip.pt")
    torch.save(state, HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(state, HERE / "protocol-4.pt", pickle_protocol=4)
    with zipfile.ZipFile(HERE / "zip.pt") as source, zipfile.ZipFile(HERE / "deflated.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        for name in source.namelist():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, source.read(name))
    float8 = {"eight": torch.tensor([1.0, -2.0, 0.5]).to(torch.float8_e4m3fn), "words": torch.tensor([1, 65535]).to(torch.uint16)}
    torch.save(float8, HERE / "float8.pt")
    sys.modules["trainer"] = type(sys)("trainer")
    sys.modules["trainer"].Progress = Progress
    Progress.__module__ = "trainer"
    checkpoint = {
        "epoch": 3,
        "best": numpy.float64(0.25),
        "callbacks": {Progress: {"progress": Progress(), "seen": {1, 2}}},
        "loss": float("inf"),
        "huge": 2**70,
        "state_dict": collections.OrderedDict(weight=state["single"], step=5, bias=state["rows"]),
    }
    torch.save(checkpoint, HERE / "wrapped.ckpt")

    values = {key: describe(value) for key, value in state.items()}
    wrapped = {key: describe(value) for key, value in checkpoint["state_dict"].items() if isinstance(value, torch.Tensor)}
    eights = {key: [str(value.dtype).removeprefix("torch."), list(value.shape)] for key, value in float8.items()}
    document = {"torch": torch.__version__, "state": values, "wrapped": wrapped, "typed": eights}
    lines = json.dumps(document).replace('], "', '],\n"')
    (HERE / "values.json").write_text(lines + "\n")


if __name__ == "__main__":
    main()
