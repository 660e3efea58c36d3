"""Writes cases.jsonl: what compel 1.1.5 and InvokeAI 2.3's handling of prompts make of generated texts; the form of KIND `prompt`.

Usage: pip install --no-deps compel==1.1.5 pyparsing==3.0.9; python make.py [SEED COUNT FILE]

Only compel's parser is loaded, so torch is not needed. What InvokeAI adds (negative part, mixtures with colons) is written down here from its
documented behaviour. Texts on which the reference takes more than a second (it is exponential in nesting) are left out.
"""

import importlib.util
import json
import random
import re
import signal
import sys
from pathlib import Path

PACKAGE = Path(importlib.util.find_spec("compel").submodule_search_locations[0])
SPEC = importlib.util.spec_from_file_location("compel_parser", PACKAGE / "prompt_parser.py")
compel = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(compel)
PARSER = compel.PromptParser()

SWAP_OPTIONS = ("s_start", "s_end", "t_start", "t_end")
PART = re.compile(r"((?:\\:|[^:])+)(?::+(-?\d+(?:\.\d+)?)?\s*|$)")
BRACKETS = re.compile(r"\[(.*?)\]")


def fragment(item):
    if not isinstance(item, compel.CrossAttentionControlSubstitute):
        return [item.text, item.weight]
    options = {key: value for key, value in item.options.items() if key in SWAP_OPTIONS}
    return {"swap": [[fragment(x) for x in item.original], [fragment(x) for x in item.edited]], "opts": options}


def plain(prompt):
    if isinstance(prompt, compel.Blend):
        return {"blend": [plain(x) for x in prompt.prompts], "weights": prompt.weights, "normalize": prompt.normalize_weights}
    return {"frags": [fragment(x) for x in prompt.children]}


def loras(conjunction):
    found = [[lora.model, float(lora.weight)] for lora in conjunction.lora_weights]
    return {"loras": found} if found else {}


def split_weights(text, skip):
    parts = [(part.replace("\\:", ":"), float(weight or 1)) for part, weight in PART.findall(text)]
    total = sum(weight for _, weight in parts)
    if skip:
        return parts
    return [(part, weight / total if total else 1 / len(parts)) for part, weight in parts]


def legacy_blend(text, skip):
    parts = split_weights(text, skip)
    if len(parts) <= 1:
        return None
    parsed = [(PARSER.parse_conjunction(part), weight) for part, weight in parts]
    kept = [(conjunction.prompts[0], weight) for conjunction, weight in parsed if conjunction.prompts]
    blend = compel.Blend(prompts=[p for p, _ in kept], weights=[w for _, w in kept], normalize_weights=not skip)
    return compel.Conjunction([blend], lora_weights=[lora for conjunction, _ in parsed for lora in conjunction.lora_weights])


def split_negative(text):
    found = BRACKETS.findall(text)
    positive = re.sub(" +", " ", BRACKETS.sub(" ", text)) if found else text
    return {"positive": positive, "negative": " ".join(found)}


def run_parse(text, _skip):
    conjunction = PARSER.parse_conjunction(text)
    return {"prompts": [plain(p) for p in conjunction.prompts], "weights": conjunction.weights, **loras(conjunction)}


def run_legacy_blend(text, skip):
    conjunction = legacy_blend(text, skip)
    return conjunction and {**plain(conjunction.prompts[0]), **loras(conjunction)}


def run_full(text, skip):
    halves = split_negative(text.replace("\n", " "))
    conjunction = legacy_blend(halves["positive"], skip) or PARSER.parse_conjunction(halves["positive"])
    positive = conjunction.prompts[0]
    negative = PARSER.parse_conjunction(halves["negative"]).prompts[0]
    return {"positive": plain(positive), "negative": plain(negative), "ignored_prompts": len(conjunction.prompts) - 1, **loras(conjunction)}


MODES = {
    "parse": run_parse,
    "legacy_blend": run_legacy_blend,
    "split_weights": split_weights,
    "split_negative": lambda text, _skip: split_negative(text),
    "full": run_full,
}

WORDS = ["a", "b", "cat dog", "x-y", "a\\(", "é", "c.d", "e,f", "", "1.5", "g+", "h--", '\\"q\\"', "k=l", "<t>"]
WEIGHTS = ["", "", "", "+", "-", "++", "----", "1.2", ".5", "2", "-0.5", ".attend(1.1)", ".attend(++)", ".attend(-)", " +", "1e1"]
SWAP_TAILS = ["", "", ", t_start=0.1", ",t_end=.5, s_start=0.2", ", shape_freedom=0.3", ", foo", ", 0.3"]
LORA_TAILS = ["", ",0.5", ", -1", ",  1."]
OPERATORS = [".blend", ".blend", ".and", ".add", " .blend "]
OPTIONS = ["", "1,1", "0.3,0.7", "1", "1,2,3", "1,-1", "1,1,no_normalize", "no_normalize", "+1.5,.5", "a,b"]
ATOMS = [*'()()""",.+-=   :[]\\\n\t\f\v\u00a0', "a", "b", "cat", "x1", "++", "--", ".swap(", ".blend(", ".and(", ".add(", ".attend(", "withLora(a",
         "withLora(b,0.5)", "useLora(c-d)", "1.5", "2", ".5", "-1", "1e1", "\\(", "\\)", '\\"', "\\+", "\\\\(", "t_start=0.2", "shape_freedom=0.5",
         "no_normalize", "é", "<t>", "+a", "-b", "a-b", "\\t", "\\n", '("a","b").blend(', '("a","b").and(', "(a, b)", "a.swap(b)", '"a, b"', ":0.5 "]


def construct(pick, depth=0):
    """A text with the language's constructs in each other."""
    if depth > 2 or pick.random() < 0.25:
        return pick.choice(WORDS)
    inner = [construct(pick, depth + 1) for _ in range(3)]
    first, second, _ = inner
    weight = pick.choice(WEIGHTS)
    items = ", ".join(pick.choice([text, f'"{text}"']) for text in inner[: pick.randrange(1, 4)])
    return pick.choice([
        f"({first}){weight}", f'"{first}"{weight}', f"{first} {second}", f"{first}, {second}", f"{first}{weight}", f"{first}{weight}{second}",
        f"({first}).swap({second}{pick.choice(SWAP_TAILS)}){pick.choice(['', '', '+'])}", f"cat.swap({first})", f"{first} [{second}]",
        f"{first} withLora({pick.choice(['a', 'b-c'])}{pick.choice(LORA_TAILS)}) {second}",
        f"({items}){pick.choice(OPERATORS)}({pick.choice(OPTIONS)}){pick.choice(['', '', '', ' tail', ' withLora(z)'])}",
        f"{first}:{pick.choice(['1', '0.5', '-1', '2', ''])} {second}",
    ])


def generate(pick):
    """Noise of the language's pieces, constructs, or constructs with damage."""
    kind = pick.random()
    if kind < 0.4:
        return "".join(pick.choice(ATOMS) for _ in range(pick.randrange(1, 14)))
    letters = list(construct(pick))
    for _ in range(pick.randrange(1, 3) if kind > 0.75 else 0):
        at = pick.randrange(len(letters) + 1)
        letters[at : at + pick.randrange(3)] = pick.choice([[], [pick.choice(ATOMS)]])
    return "".join(letters)


class TooSlow(Exception):
    pass


def too_slow(*_):
    raise TooSlow()


def outcome(mode, text, skip):
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        return MODES[mode](text, skip)
    except TooSlow:
        return TooSlow
    except Exception as error:
        return {"error": type(error).__name__}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main(seed=1, count=700, file=Path(__file__).with_name("cases.jsonl")):
    signal.signal(signal.SIGALRM, too_slow)
    pick = random.Random(int(seed))
    lines = []
    while len(lines) < int(count):
        text = generate(pick)
        if len(text) > 70:
            continue
        mode = pick.choice(["parse", "parse", "parse", "legacy_blend", "split_weights", "split_negative", "full", "full"])
        skip = pick.random() < 0.3
        expect = outcome(mode, text, skip)
        if expect is not TooSlow:
            lines.append(json.dumps({"mode": mode, "prompt": text, "skip_normalize": skip, "expect": expect}, ensure_ascii=False))
    Path(file).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
