"""Makes the tokenizer: CLIP's byte-level BPE with a vocabulary of its own, learned from the captions.

Files and order of ids are CLIP's: 256 byte units, the same 256 with "</w>", the merges, then start and end of text. Any
text can be encoded, for unknown words fall back to bytes.
"""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np

from captions import caption, sample_spec

BOS, EOS = "<|startoftext|>", "<|endoftext|>"
# CLIP's pattern with the letters that captions use; learning needs no more.
WORD = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]+")


def byte_units():
    """CLIP's printable character for every byte, in CLIP's order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + n) for n in range(len(rest))]


def merge(word, pair):
    """`word` (a tuple of units) with every occurrence of `pair` joined."""
    joined, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            joined.append(word[i] + word[i + 1])
            i += 2
        else:
            joined.append(word[i])
            i += 1
    return tuple(joined)


def learn_merges(texts, limit):
    """The most frequent pairs, one after the other, until every word is one unit or `limit` is reached."""
    counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
    words = {word: (*word[:-1], word[-1] + "</w>") for word in counts}
    merges = []
    while len(merges) < limit:
        pairs = Counter()
        for word, units in words.items():
            for pair in zip(units, units[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = {word: merge(units, best) for word, units in words.items()}
    return merges


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--captions", type=int, default=20000)
    parser.add_argument("--merges", type=int, default=600)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()

    rng = np.random.default_rng(args.seed)
    merges = learn_merges((caption(sample_spec(rng), rng) for _ in range(args.captions)), args.merges)
    units = byte_units()
    tokens = units + [u + "</w>" for u in units] + [a + b for a, b in merges] + [BOS, EOS]
    args.out.mkdir(parents=True, exist_ok=True)
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (args.out / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (args.out / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def special(token):
        return {"content": token, "lstrip": False, "normalized": token == BOS, "rstrip": False, "single_word": False}

    names = {"bos_token": special(BOS), "eos_token": special(EOS), "unk_token": special(EOS), "pad_token": EOS}
    (args.out / "special_tokens_map.json").write_text(json.dumps(names, indent=2) + "\n")
    config = {
        "add_prefix_space": False,
        "bos_token": {"__type": "AddedToken", **special(BOS)},
        "do_lower_case": True,
        "eos_token": {"__type": "AddedToken", **special(EOS)},
        "errors": "replace",
        "model_max_length": 77,
        "pad_token": EOS,
        "tokenizer_class": "CLIPTokenizer",
        "unk_token": {"__type": "AddedToken", **special(EOS)},
    }
    (args.out / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    print(f"{len(tokens)} tokens, {len(merges)} merges")


if __name__ == "__main__":
    main()
