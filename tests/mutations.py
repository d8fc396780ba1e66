"""Files as accidents and attackers change them: the same seed always makes the same change."""

import copy
import struct

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
WORDS = (
    *(
        b"",
        b"0",
        b"-1",
        b"1e999",
        b"NaN",
        b"9" * 30,
        b"9" * 5000,
        b"null",
        b"{}",
        b"[]",
        b"true",
        b"\0",
        b"\n",
        b"\xe9",
    ),
    *(
        b'"',
        b"'",
        b"\\",
        b",",
        b"/",
        b"\x1b[31m",
        b"|O",
        b"../..",
        b"[" * 2000,
        b"{" * 300,
        "⁧".encode(),
        b"\xed\xa0\x80",
    ),
)
VALUES = (
    *(None, True, False, 0, -1, 0.5, 1.5, 1e308, -1e308, 10**30, 10**400, 2**53 + 1),
    *("", "x", "7", "two\nlines", "\0", "x" * 3000, [], {}, [[]], [1], {"x": 1}, [None] * 3),
)


def flipped(data, rng):
    """Flip up to eight bits."""
    for place in rng.integers(0, 8 * len(data), int(rng.integers(1, 9))).tolist():
        data[place // 8] ^= 1 << place % 8
    return data


def cut(data, rng):
    """Cut it short, or leave its beginning out."""
    place = int(rng.integers(0, len(data)))
    return data[:place] if rng.random() < 0.8 else data[place:]


def inserted(data, rng):
    """Insert noise."""
    place = int(rng.integers(0, len(data) + 1))
    return data[:place] + rng.bytes(int(rng.integers(1, 64))) + data[place:]


def repeated(data, rng):
    """Repeat a part, up to 20 times."""
    first, last = sorted(rng.integers(0, len(data) + 1, 2).tolist())
    last = min(last, first + 2000)
    return data[:last] + data[first:last] * int(rng.integers(1, 20)) + data[last:]


def moved(data, rng):
    """Put a part elsewhere, over what is there."""
    first, to = rng.integers(0, len(data), 2).tolist()
    part = data[first : first + int(rng.integers(1, 64))]
    return data[:to] + part + data[to + len(part) :]


def extreme(data, rng):
    """Write the extreme of some integer type, among the first bytes more often than elsewhere."""
    most = len(data) if rng.random() < 0.5 else min(len(data), 64)
    place, kind = int(rng.integers(0, most)), str(rng.choice(list("BHIQ")))
    for order in rng.choice(["<", ">"], 1).tolist():
        number = EXTREMES[int(rng.integers(len(EXTREMES)))] % (1 << 8 * struct.calcsize(kind))
        packed = struct.pack(order + kind, number)
        data[place : place + len(packed)] = packed
    return data


def reworded(data, rng):
    """Put a word where there was a number, a name or a sign."""
    place, word = int(rng.integers(0, len(data))), WORDS[int(rng.integers(len(WORDS)))]
    end = place
    while end < len(data) and end < place + 20 and (chr(data[end]).isalnum() or end == place):
        end += 1
    return data[:place] + word + data[end:]


KINDS = (flipped, cut, inserted, repeated, moved, extreme, reworded)


def mutated(whole, rng, kinds=KINDS):
    """Return bytes with one to three things changed in them."""
    data = bytearray(whole)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        if data:
            data = kinds[int(rng.integers(len(kinds)))](data, rng)
    return bytes(data)


def remade(told, rng):
    """Return what JSON holds with one to three entries missing, doubled or something else, however deep they lie."""
    told = copy.deepcopy(told)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        places = list(places_in(told))
        if not places:
            break
        parent, key = places[int(rng.integers(len(places)))]
        what = rng.random()
        if what < 0.15:
            del parent[key]
        elif what < 0.25 and isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
        elif what < 0.35:
            other, name = places[int(rng.integers(len(places)))]
            parent[key] = copy.deepcopy(other[name])
        else:
            parent[key] = copy.deepcopy(VALUES[int(rng.integers(len(VALUES)))])
    return told


def places_in(told):
    """Yield every entry as the list or dict that it is in, and its key."""
    entries = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in list(entries):
        yield told, key
        yield from places_in(value)
