"""Reference values for faces, and small stand-ins for the networks that find and restore them.

    retinaface.onnx, yunet.onnx     find drawn faces by the colours of their five landmarks, in the input and output form of the real ones
    gfpgan.onnx, codeformer.onnx    turn a face brighter; the second one less so the larger w is (double), in the form of the real ones
    faces.png                       three drawn faces, two of them turned
    picture.png -> cut.png          OpenCV's warpAffine onto 128x128 with facexlib's border
    face.png -> pasted.png          facexlib's paste_faces_to_input_image with its square mask, over picture.png
    values.safetensors              what facexlib, OpenCV and numpy compute (fp32, read by ../read-oracle.ts):
        priors, loc, conf, landms -> boxes, points          facexlib's PriorBox, decode and decode_landm for 96x64 pixels
        candidates [n, 5] -> kept                           greedy suppression at 0.4, in plain numpy
        landmarks [n, 10] -> matrices [n, 6]                least squares by singular values (Umeyama) onto facexlib's template at 512
        alignment, inside [6]                               of two faces in picture.png into a square of 128 pixels, for cut.png and pasted.png; the
                                                            first one reaches beyond the picture
        yunet [n, 15]                                       faces.png read by the stand-in and by OpenCV's procedure (face_detect.cpp): corners
                                                            of the box, score, landmarks
        gaussian-N                                          OpenCV's kernels of N pixels

Usage: python make.py        (torch, onnx, opencv-python-headless, facexlib; versions: versions.json)
"""

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

# facexlib asks for these when it is imported, and for nothing of them here.
for name in ("torchvision", "torchvision.models", "torchvision.models._utils", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.ops"):
    sys.modules[name] = MagicMock()

import cv2  # noqa: E402
import numpy  # noqa: E402
import onnx  # noqa: E402
import torch  # noqa: E402
from facexlib.detection.retinaface_utils import PriorBox, decode, decode_landm  # noqa: E402
from facexlib.utils.face_restoration_helper import FaceRestoreHelper  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

HERE = Path(__file__).parent
STRIDES = (8, 16, 32)
SIDES = ((16, 32), (64, 128), (256, 512))
MEAN = (104.0, 117.0, 123.0)
# Left eye, right eye, nose, left and right corner of the mouth: blue, green, red.
MARKERS = ((40, 200, 40), (220, 60, 40), (40, 40, 220), (40, 210, 220), (210, 60, 210))
SKIN = (150, 180, 225)
TEMPLATE = numpy.array(
    [[192.98138, 239.94708], [318.90277, 240.1936], [256.63416, 314.01935], [201.26117, 371.41043], [313.08905, 371.15118]]
)
WINDOW = 96


class Markers(nn.Module):
    """For each square of 16 pixels: where the marker of each colour has its centre within a window of 96 pixels, and whether a nose lies here."""

    def forward(self, picture):
        colours = torch.tensor(MARKERS, dtype=torch.float32).view(1, 5, 3, 1, 1)
        distance = (picture.unsqueeze(1) - colours).abs().sum(2)
        masks = F.relu(1 - distance / 40)
        columns = torch.cumsum(picture.mean(1, keepdim=True) * 0 + 1, 3) - 1
        rows = torch.cumsum(picture.mean(1, keepdim=True) * 0 + 1, 2) - 1
        pool = lambda values: F.avg_pool2d(values, WINDOW, 16, (WINDOW - 16) // 2, count_include_pad=True)
        mass = pool(masks)
        x = pool(masks * columns) / (mass + 1e-9)
        y = pool(masks * rows) / (mass + 1e-9)
        # The centre of the nose lies in this square, and everything else is somewhere around.
        centre = F.avg_pool2d(columns, 16, 16), F.avg_pool2d(rows, 16, 16)
        near = ((x[:, 2:3] - centre[0]).abs() <= 8) & ((y[:, 2:3] - centre[1]).abs() <= 8)
        there = (mass.min(1, keepdim=True).values > 1e-4) & near
        return torch.cat([x, y], 1), there.float()


def face_of(points):
    """Corners of the box around five points, as far out as a face goes."""
    x, y = points[:, :5], points[:, 5:]
    wide = 1.2 * (x[:, 1:2] - x[:, 0:1]).square().add((y[:, 1:2] - y[:, 0:1]).square()).sqrt()
    return x[:, 2:3], y[:, 2:3], 2 * wide


def interleaved(points):
    return torch.stack([points[:, :5], points[:, 5:]], 2).flatten(1, 2)


class RetinaFace(nn.Module):
    def __init__(self):
        super().__init__()
        self.markers = Markers()

    def forward(self, picture):
        points, there = self.markers(picture + torch.tensor(MEAN).view(1, 3, 1, 1))
        outputs = []
        for stride, sides in zip(STRIDES, SIDES):
            if stride < 16:
                points_here, there_here = (F.interpolate(values, scale_factor=16 // stride, mode="nearest") for values in (points, there))
            else:
                points_here, there_here = (values[:, :, :: stride // 16, :: stride // 16] for values in (points, there))
            columns = (torch.cumsum(there_here * 0 + 1, 3) - 0.5) * stride
            rows = (torch.cumsum(there_here * 0 + 1, 2) - 0.5) * stride
            # Only the level in the middle is sure enough; the others see the same and doubt it.
            score = there_here * (0.99 if stride == 16 else 0.6)
            for_side = []
            for side in sides:
                x, y, size = face_of(points_here)
                boxes = torch.cat([(x - columns) / (0.1 * side), (y - rows) / (0.1 * side)] + 2 * [torch.log(size.clamp(1) / side) / 0.2], 1)
                marks = interleaved(torch.cat([points_here[:, :5] - columns, points_here[:, 5:] - rows], 1)) / (0.1 * side)
                certainty = score * (1 if side == sides[0] else 0.99)
                for_side.append([boxes, torch.cat([1 - certainty, certainty], 1), marks])
            outputs.append([torch.stack(pair, 1).permute(0, 3, 4, 1, 2).flatten(1, 3) for pair in zip(*for_side)])
        return tuple(torch.cat(level, 1) for level in zip(*outputs))


class Yunet(nn.Module):
    def __init__(self):
        super().__init__()
        self.markers = Markers()

    def forward(self, picture):
        points, there = self.markers(picture)
        outputs = {}
        for stride in STRIDES:
            if stride < 16:
                points_here, there_here = (F.interpolate(values, scale_factor=16 // stride, mode="nearest") for values in (points, there))
            else:
                points_here, there_here = (values[:, :, :: stride // 16, :: stride // 16] for values in (points, there))
            columns = (torch.cumsum(there_here * 0 + 1, 3) - 1) * stride
            rows = (torch.cumsum(there_here * 0 + 1, 2) - 1) * stride
            x, y, size = face_of(points_here)
            boxes = torch.cat([(x - columns) / stride, (y - rows) / stride] + 2 * [torch.log(size.clamp(1) / stride)], 1)
            marks = interleaved(torch.cat([points_here[:, :5] - columns, points_here[:, 5:] - rows], 1)) / stride
            score = there_here * (0.99 if stride == 16 else 0.7)
            for kind, values in (("cls", score), ("obj", score), ("bbox", boxes), ("kps", marks)):
                outputs[f"{kind}_{stride}"] = values.flatten(2).transpose(1, 2)
        return tuple(outputs[f"{kind}_{stride}"] for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES)


class Gfpgan(nn.Module):
    def forward(self, face):
        return (face * 0.8 + 0.3).clamp(-1, 1)


class CodeFormer(nn.Module):
    def forward(self, face, weight):
        fidelity = weight.float()
        return face * fidelity + (1 - fidelity) * 0.5


def export(network, name, example, inputs, outputs, axes=None):
    path = str(HERE / name)
    torch.onnx.export(network.eval(), example, path, input_names=inputs, output_names=outputs, dynamic_axes=axes, dynamo=False, opset_version=17, do_constant_folding=False)
    model = onnx.load(path)
    kept = {*inputs, *outputs}
    short = {}
    for number, node in enumerate(model.graph.node):
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
        node.name = f"n{number}"
        for names in (node.input, node.output):
            for i, value in enumerate(names):
                if value and value not in kept:
                    names[i] = short.setdefault(value, f"v{len(short)}")
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)


def draw(picture, eyes, middle, angle):
    """A face with this many pixels between the eyes, its nose at `middle`. @returns its landmarks"""
    scale = eyes / (TEMPLATE[1, 0] - TEMPLATE[0, 0])
    turn = scale * numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
    points = (TEMPLATE - TEMPLATE[2]) @ turn.T + middle
    head = (numpy.array([256, 290]) - TEMPLATE[2]) @ turn.T + middle
    axes = (int(140 * scale), int(180 * scale))
    cv2.ellipse(picture, tuple(int(v) for v in head.round()), axes, numpy.degrees(angle), 0, 360, SKIN, -1)
    for point, colour in zip(points, MARKERS):
        cv2.circle(picture, tuple(int(v) for v in point.round()), max(1, int(0.11 * eyes)), colour, -1)
    return points


def umeyama(points, target):
    """The closed form with singular values, as in the paper and in scikit-image."""
    mean, to = points.mean(0), target.mean(0)
    covariance = (target - to).T @ (points - mean) / len(points)
    left, values, right = numpy.linalg.svd(covariance)
    signs = numpy.array([1, numpy.sign(numpy.linalg.det(left) * numpy.linalg.det(right))])
    turn = left @ numpy.diag(signs) @ right
    scale = (values * signs).sum() / ((points - mean) ** 2).sum(1).mean()
    return numpy.hstack([scale * turn, (to - scale * turn @ mean)[:, None]])


def suppress(rows, threshold):
    kept = []
    for i in numpy.argsort(-rows[:, 4], kind="stable"):
        x1, y1, x2, y2, _ = rows[i]
        def shared(j):
            wide, high = min(x2, rows[j, 2]) - max(x1, rows[j, 0]), min(y2, rows[j, 3]) - max(y1, rows[j, 1])
            both = max(0, wide) * max(0, high)
            own = (x2 - x1) * (y2 - y1) + (rows[j, 2] - rows[j, 0]) * (rows[j, 3] - rows[j, 1])
            return both / (own - both)
        if all(shared(j) <= threshold for j in kept):
            kept.append(i)
    return numpy.array(kept, dtype=numpy.float32)


def smooth(generator, height, width):
    small = generator.integers(0, 256, (height // 8, width // 8, 3), dtype=numpy.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def yunet_faces(picture):
    with torch.no_grad():
        outputs = [output[0].numpy() for output in Yunet()(torch.from_numpy(picture.transpose(2, 0, 1)[None]).float())]
    rows = []
    for level, stride in enumerate(STRIDES):
        kinds = [outputs[kind * 3 + level] for kind in range(4)]
        columns = picture.shape[1] // stride
        for place, (cls, obj, box, marks) in enumerate(zip(*kinds)):
            row, column = divmod(place, columns)
            score = float(numpy.sqrt(numpy.clip(cls[0], 0, 1) * numpy.clip(obj[0], 0, 1)))
            centre = (numpy.array([column, row]) + box[:2]) * stride
            size = numpy.exp(box[2:]) * stride
            points = (marks.reshape(5, 2) + (column, row)) * stride
            if score > 0.9:
                rows.append([*(centre - size / 2), *(centre + size / 2), score, *points.flatten()])
    rows = numpy.array(rows, dtype=numpy.float32)
    return rows[suppress(rows[:, :5], 0.3).astype(int)]


def pasted(picture, face, matrix):
    helper = FaceRestoreHelper.__new__(FaceRestoreHelper)
    helper.upscale_factor, helper.face_size, helper.use_parse = 1, face.shape[1::-1], False
    helper.input_img, helper.restored_faces = picture, [face]
    helper.affine_matrices, helper.inverse_affine_matrices = [matrix], []
    helper.get_inverse_affine()
    # What it gives is cut off to whole levels; the same with the fractions is asked for here.
    return helper.paste_faces_to_input_image(upsample_img=None)


def main():
    generator = numpy.random.default_rng(7)
    values = {}
    free = {"input": {2: "height", 3: "width"}}
    export(RetinaFace(), "retinaface.onnx", (torch.zeros(1, 3, 96, 128),), ["input"], ["loc", "conf", "landms"], {**free, **{name: {1: "boxes"} for name in ("loc", "conf", "landms")}})
    names = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES]
    export(Yunet(), "yunet.onnx", (torch.zeros(1, 3, 256, 256),), ["input"], names)
    export(Gfpgan(), "gfpgan.onnx", (torch.zeros(1, 3, 512, 512),), ["input"], ["output"])
    export(CodeFormer(), "codeformer.onnx", (torch.zeros(1, 3, 512, 512), torch.tensor(0.5, dtype=torch.float64)), ["x", "w"], ["y"])

    picture = numpy.full((256, 256, 3), (120, 90, 60), numpy.uint8)
    for eyes, middle, angle in ((28, (60, 60), 0), (22, (190, 70), 0.5), (34, (130, 190), -0.3)):
        draw(picture, eyes, numpy.array(middle), angle)
    cv2.imwrite(str(HERE / "faces.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    values["yunet"] = yunet_faces(picture)

    config = {"min_sizes": SIDES, "steps": STRIDES, "clip": False}
    priors = PriorBox(config, image_size=(64, 96)).forward()
    rows = len(priors)
    loc, landms = (torch.from_numpy(generator.normal(size=(rows, columns)).astype(numpy.float32)) for columns in (4, 10))
    conf = torch.from_numpy(generator.normal(size=(rows, 2)).astype(numpy.float32) * 3).softmax(1)
    size = torch.tensor([96, 64] * 5, dtype=torch.float32)
    values.update(loc=loc.numpy(), conf=conf.numpy(), landms=landms.numpy(), priors=(priors * size[:4]).numpy())
    values["boxes"] = (decode(loc, priors, [0.1, 0.2]) * size[:4]).numpy()
    values["points"] = (decode_landm(landms, priors, [0.1, 0.2]) * size).numpy()

    corners = generator.uniform(0, 80, (60, 2))
    sides = generator.uniform(10, 50, (60, 2))
    values["candidates"] = numpy.hstack([corners, corners + sides, generator.uniform(0.5, 1, (60, 1))])
    values["kept"] = suppress(values["candidates"].astype(numpy.float32), 0.4)

    turned = [draw(picture.copy(), eyes, numpy.array(middle), angle) for eyes, middle, angle in ((28, (60, 60), 0), (80, (300, 200), 2.5), (9, (5, 5), -1))]
    landmarks = numpy.array(turned) + generator.normal(size=(3, 5, 2)) * 2
    values["landmarks"] = landmarks.reshape(3, 10)
    values["matrices"] = numpy.array([umeyama(points, TEMPLATE) for points in landmarks]).reshape(3, 6)

    background, face = smooth(generator, 136, 136), smooth(generator, 128, 128)
    # At the upper border of the picture, turned by a quarter of a radian.
    where = draw(background.copy(), 24, numpy.array((60, 30)), 0.25)
    matrix = umeyama(where, TEMPLATE / 4)
    inside = umeyama(draw(background.copy(), 22, numpy.array((68, 78)), -0.25), TEMPLATE / 4)
    values["alignment"], values["inside"] = matrix.reshape(6), inside.reshape(6)
    cut = cv2.warpAffine(background, matrix, (128, 128), borderMode=cv2.BORDER_CONSTANT, borderValue=(135, 133, 132))
    for name, pixels in (("picture", background), ("face", face), ("cut", cut), ("pasted", pasted(background, face, inside))):
        cv2.imwrite(str(HERE / f"{name}.png"), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    for pixels in (3, 5, 7, 11, 41):
        values[f"gaussian-{pixels}"] = cv2.getGaussianKernel(pixels, 0)[:, 0]

    save_file({key: numpy.ascontiguousarray(value, dtype=numpy.float32) for key, value in values.items()}, str(HERE / "values.safetensors"))
    versions = {"torch": torch.__version__, "onnx": onnx.__version__, "opencv-python-headless": cv2.__version__, "facexlib": "0.3.0", "numpy": numpy.__version__}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
