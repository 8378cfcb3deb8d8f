"""Ten families of short questions with exactly one right answer.

An example is a line of characters: a capital letter naming the family, the question,
`=`, the answer, and a full stop, such as `A12+34=46.`. Every family has levels of
growing difficulty; `draw` makes one random example of a level.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

LETTERS = "abcdefghijklmnop"
TAGS = "ASMORCBVFN"
VOCABULARY = "_" + "0123456789" + LETTERS + TAGS + "+-*%,=." + "()[]<>{}"
CODE = {c: i for i, c in enumerate(VOCABULARY)}
HELD_OUT_BUCKETS = 8  # one question in eight is never trained on
N_FACTS = 4096

Draw = Callable[[random.Random, int], tuple[str, str]]


def _number(rng: random.Random, digits: int) -> int:
    return rng.randrange(0 if digits == 1 else 10 ** (digits - 1), 10**digits)


def _letters(rng: random.Random, n: int, alphabet: int) -> str:
    return "".join(rng.choices(LETTERS[:alphabet], k=n))


def add(rng: random.Random, level: int) -> tuple[str, str]:
    """`12+34`: two numbers of `level` digits."""
    a, b = _number(rng, level), _number(rng, level)
    return f"A{a}+{b}", str(a + b)


def subtract(rng: random.Random, level: int) -> tuple[str, str]:
    """`34-12`: two numbers of `level` digits, the larger first."""
    a, b = _number(rng, level), _number(rng, level)
    return f"S{max(a, b)}-{min(a, b)}", str(abs(a - b))


def modular(rng: random.Random, level: int) -> tuple[str, str]:
    """`37%7`, `3+5%7`, `3*5%7`, `37+51%7`: the whole left side modulo 2 to 9."""
    m = rng.randrange(2, 10)
    if level == 1:
        a = rng.randrange(100)
        return f"M{a}%{m}", str(a % m)
    a, b = _number(rng, 2 if level == 4 else 1), _number(rng, 2 if level == 4 else 1)
    if level == 3:
        return f"M{a}*{b}%{m}", str(a * b % m)
    return f"M{a}+{b}%{m}", str((a + b) % m)


def order(rng: random.Random, level: int) -> tuple[str, str]:
    """`dbca`: sort `level` + 1 letters out of eight."""
    s = _letters(rng, level + 1, 8)
    return f"O{s}", "".join(sorted(s))


def reverse(rng: random.Random, level: int) -> tuple[str, str]:
    """`dbca`: reverse `level` + 1 letters out of sixteen."""
    s = _letters(rng, level + 1, 16)
    return f"R{s}", s[::-1]


def count(rng: random.Random, level: int) -> tuple[str, str]:
    """`abac,a`: how often the last letter occurs among 2 * `level` letters out of three."""
    s = _letters(rng, 2 * level, 3)
    c = rng.choice("abc")
    return f"C{s},{c}", str(s.count(c))


def brackets(rng: random.Random, level: int) -> tuple[str, str]:
    """`([<>`: close the `level` brackets that are open; up to four pairs are closed already."""
    stack, text, closed = "", "", 0
    pairs = {"(": ")", "[": "]", "<": ">", "{": "}"}
    while True:
        if stack and closed < 4 and rng.random() < 0.4:
            text, stack, closed = text + pairs[stack[-1]], stack[:-1], closed + 1
        elif len(stack) < level:
            c = rng.choice("([<{")
            text, stack = text + c, stack + c
        else:
            break
    return f"B{text}", "".join(pairs[c] for c in reversed(stack))


def substitute(rng: random.Random, level: int) -> tuple[str, str]:
    """`a3,ba2,b`: a is 3, b is a plus 2 (modulo ten), what is b? `level` - 1 steps, 0 to 2 distractors."""
    n = level + rng.randrange(3)
    names = rng.sample(LETTERS[:8], n)
    values: dict[str, int] = {}
    parts: list[str] = []
    for i, name in enumerate(names):
        k = rng.randrange(10)
        if i == 0 or i >= level and rng.random() < 0.5:
            values[name], text = k, f"{name}{k}"
        else:
            source = names[i - 1] if i < level else names[rng.randrange(i)]
            values[name], text = (values[source] + k) % 10, f"{name}{source}{k}"
        parts.append(text)
    asked = names[level - 1]
    return f"V{','.join(parts)},{asked}", str(values[asked])


def fact(rank: int) -> tuple[str, str]:
    """The fact of a rank (1 is the commonest): a key of three letters and a value of two."""
    key = (rank * 1597 + 811) % N_FACTS  # a bijection: the factor is odd
    value = zlib.crc32(f"fact {rank}".encode()) % 256
    name = LETTERS[key // 256] + LETTERS[key // 16 % 16] + LETTERS[key % 16]
    return f"F{name}", LETTERS[value // 16] + LETTERS[value % 16]


_ZIPF: list[float] = []
for _rank in range(1, N_FACTS + 1):
    _ZIPF.append((_ZIPF[-1] if _ZIPF else 0.0) + 1 / _rank)


def facts(rng: random.Random, level: int) -> tuple[str, str]:
    """`kdb`: a stored value; level 1 draws ranks by frequency 1/rank, the only level trained on."""
    return fact(1 + rng.choices(range(N_FACTS), cum_weights=_ZIPF)[0])


def sequence(rng: random.Random, level: int) -> tuple[str, str]:
    """`3,7,11`: the next term; terms below 20, 50, 100, 300, 1000 by level."""
    top = (20, 50, 100, 300, 1000)[level - 1]
    step = rng.randrange(1, (top - 1) // 3 + 1)
    start = rng.randrange(top - 3 * step)
    a = [start + step * i for i in range(4)]
    if rng.random() < 0.3:
        a.reverse()
    return f"N{a[0]},{a[1]},{a[2]}", str(a[3])


def _falling(levels: int, ratio: float) -> tuple[float, ...]:
    return tuple(ratio**i for i in range(levels))


# Family: generator, share of the training examples, weight of each level within the family.
# Harder levels are rarer, so that they are learned later.
FAMILIES: dict[str, tuple[Draw, float, tuple[float, ...]]] = {
    "add": (add, 2.0, (2, 3, 1.5, 0.5)),
    "subtract": (subtract, 1.5, (2, 3, 1.5, 0.5)),
    "modular": (modular, 1.5, (2, 2, 2, 1)),
    "sort": (order, 1.0, _falling(9, 0.7)),
    "reverse": (reverse, 0.7, _falling(11, 0.7)),
    "count": (count, 1.0, _falling(6, 0.8)),
    "brackets": (brackets, 1.0, _falling(8, 0.7)),
    "substitute": (substitute, 1.3, (2, 2, 1.5, 1)),
    "facts": (facts, 1.5, (1,)),
    "sequence": (sequence, 1.3, (1, 1, 1, 1, 0.5)),
}


# Score of an answer drawn knowing the question's form but not its content: the mean of 1 over
# the modulus; the top-p truncated law of the count given the length; one digit in ten. Other
# families have too many answers for guessing to matter.
GUESSING = {"modular": 0.23, "count": 0.24, "substitute": 0.10}


def held_out(question: str) -> bool:
    """True where a question belongs to evaluation; facts are always trained on."""
    return question[0] != "F" and zlib.crc32(question.encode()) % HELD_OUT_BUCKETS == 0


def draw(rng: random.Random, family: str, level: int, evaluation: bool) -> tuple[str, str]:
    """One example from the training side or the evaluation side of a family's level."""
    make = FAMILIES[family][0]
    while True:
        question, answer = make(rng, level)
        if question[0] == "F" or held_out(question) == evaluation:
            return question, answer
