"""Templates of lines as InvokeAI 2.3.5's `invokeai-dynamic-prompts` expands them: cases.json.

    pip install omegaconf pyyaml numpy; python make.py

An implementation of its documented rules over the libraries that it uses (OmegaConf reads, Python formats, numpy counts in fractions), so
that numbers and texts are spelled as there. What makes the tool fail (no model, a range without a step, a label without a list) has no case.
"""

import io
import itertools
import json
import re
from importlib.metadata import version
from pathlib import Path

import numpy
from omegaconf import ListConfig, OmegaConf

HERE = Path(__file__).parent
CASES = {
    "one": "model: sd\nprompt: a cat\n",
    "nothing said": "model: sd\n",
    "lists": "model: [one, two]\nseed: [1, 2]\nprompt: [a cat, a dog]\nsampler: [ddim, k_lms]\n",
    "whole ranges": "model: sd\nprompt: a cat\nsteps: 30;50;10\nseed: -2;2;2\n",
    "a range that goes beyond its end": "model: sd\nprompt: a cat\nsteps: 30;50;15\n",
    "a range that runs backwards": "model: sd\nprompt: a cat\nsteps: 50;30;10\n",
    "ranges of fractions": "model: sd\nprompt: a cat\ncfg: 7.0;9.0;0.5\nperlin: 0.0;0.3;0.1\n",
    "a fraction between whole numbers": "model: sd\nprompt: a cat\ncfg: 7;9;0.5\n",
    "numbers": "model: sd\nprompt: a cat\ncfg: [7, 7.0, 12.50, 0.1]\nthreshold: 10.0\nperlin: 0.0\nstrength: 0.5\n",
    "pictures": "model: sd\nprompt: a cat\ninit_img: [a.png, /b/c.png]\nstrength: [0.5, 0.75]\n",
    "sizes": "model: sd\nprompt: a cat\ndimensions: [512x512, 768x512]\n",
    "a template": (
        "model: sd\nprompt:\n  style: [oil, ink]\n  thing:\n    - a cat\n    - a (dog)1.3 [fog]\n  template: a {thing} in {style}, {style}\n"
    ),
    "a template without labels": "model: sd\nprompt:\n  style: [oil]\n  template: a cat\n",
    "a template with braces": "model: sd\nprompt:\n  style: [oil, ink]\n  template: a {{ b }} {style}\n  ' b ': [x]\n",
    "numbers in a template": "model: sd\nprompt:\n  weight: [0.5, 1, 1.50, true]\n  template: a (cat){weight}\n",
    "models change": "model: [one, two, one]\nseed: 1;2;1\nprompt: a cat\n",
    "the example": (
        "model: stable-diffusion-1.5\nsteps: 30;50;10\nseed: 50\ndimensions: 512x512\nperlin: 0.0\nthreshold: 0\ncfg:\n  - 7\n  - 12\n"
        "sampler:\n  - k_euler_a\n  - k_lms\nprompt:\n  style:\n    - oil painting\n    - watercolor\n  location:\n    - the mountains\n"
        "    - a desert\n  object:\n    - luxurious dwelling\n    - crude tent\n  template: a {object} in {location}, in the style of {style}\n"
    ),
    "aliases": "model: sd\nseed: &numbers [1, 2]\nsteps: *numbers\nprompt: a cat\n",
    "json": '{"model": "sd", "prompt": {"a": ["x", "y"], "template": "{a} {a}"}, "cfg": [7.5, 8]}',
}


def spread(value):
    if not value:
        return None
    if isinstance(value, ListConfig):
        return list(value)
    text = str(value)
    whole = re.match(r"(-?\d+);(-?\d+);(\d+)", text)
    if whole:
        start, stop, step = (int(part) for part in whole.groups())
        return range(start, stop + (step or 1), step or 1)
    real = re.match(r"(-?[\d.]+);(-?[\d.]+);([\d.]+)", text)
    if real:
        start, stop, step = (float(part) for part in real.groups())
        return numpy.arange(start, stop + (step or 1.0), step or 1.0).tolist()
    return [value]


def prompts(section):
    if not section:
        return ["banana sushi"]
    if isinstance(section, str):
        return [section]
    if isinstance(section, ListConfig):
        return list(section)
    template = section["template"]
    labels = re.findall("{([^{}]+?)}", template)
    if not labels:
        return [template]
    return [template.format(**dict(zip(labels, values))) for values in itertools.product(*(section[label] for label in labels))]


def lines(template):
    order = dict(seed=[0], prompt=None, sampler=["ddim"], cfg=[7.5], steps=[30], perlin=[0], threshold=[0], init_img=[""], strength=[0.75],
                 dimensions=["512x512"])
    axes = [spread(template.get("model"))]
    axes += [prompts(template.get("prompt")) if key == "prompt" else spread(template.get(key)) or usual for key, usual in order.items()]
    made, last = [], None
    for model, seed, prompt, sampler, cfg, steps, perlin, threshold, picture, strength, size in itertools.product(*axes):
        if model != last:
            made.append(f"!switch {model}")
        last = model
        width, height = size.split("x")
        image = f"-I{picture} -f{strength}" if picture else ""
        made.append(
            f"{prompt} -S{seed} -A{sampler} -C{cfg} -s{steps} {image} --perlin={perlin} --threshold={threshold} -W{width} -H{height}"
        )
    return made


def main():
    cases = {name: {"template": text, "lines": lines(OmegaConf.load(io.StringIO(text)))} for name, text in CASES.items()}
    parts = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    (HERE / "cases.json").write_text("{\n" + parts + "\n}\n")
    versions = {name: version(name) for name in ("omegaconf", "PyYAML", "numpy")}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
