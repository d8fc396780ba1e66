"""Faults: one small change of meaning each, at every place of a source where one can be planted."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

OTHER = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "===": "!==",
    "!==": "===",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "//": "*",
    "%": "*",
    "**": "*",
    "&": "|",
    "|": "&",
    "<<": ">>",
    ">>": "<<",
    "and": "or",
    "or": "and",
    "&&": "||",
    "||": "&&",
    "+=": "-=",
    "-=": "+=",
    "*=": "/=",
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "True": "False",
    "False": "True",
    "true": "false",
    "false": "true",
    "floor": "ceil",
    "ceil": "floor",
}
SIGNS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.And: "and",
    ast.Or: "or",
}
IN_TEXT = re.compile(
    r"(?<= )(?:===|!==|==|!=|<=|>=|&&|\|\||\+=|-=|\*=|[-+*/<>])(?= )"
    r"|\b(?:true|false)\b|(?<=Math\.|std::)(?:min|max|floor|ceil)\b|(?<![\w.\"'])\d+(?:\.\d+)?f?(?![\w.\"'])"
)
NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
PASSED_OVER = re.compile(r"^\s*(#|import\b|export \{|template\b|static_assert|using\b|type\b|interface\b|return \[?$)")


@dataclass(frozen=True)
class Fault:
    """A change.

    Parameters
    ----------
    path : str
        Of the source, from the checkout's folder.
    line : int
        Counted from 1.
    code : str
        That line, as it was.
    start, end : int
        What is replaced, in bytes from the source's beginning.
    old, new : str
        What stands there, and what is planted.
    """

    path: str
    line: int
    code: str
    start: int
    end: int
    old: str
    new: str

    def planted(self, source: bytes) -> bytes:
        """Return the source with the fault."""
        assert source[self.start : self.end].decode() == self.old
        return source[: self.start] + self.new.encode() + source[self.end :]


def faults_in(path: str, source: bytes) -> list[Fault]:
    """Return every fault that can be planted in a source."""
    spans = in_python(source) if path.endswith(".py") else in_text(source, is_svelte=path.endswith(".svelte"))
    lines = source.decode().split("\n")
    found = []
    for start, end, new in spans:
        line = source.count(b"\n", 0, start)
        found.append(Fault(path, line + 1, lines[line].strip(), start, end, source[start:end].decode(), new))
    return sorted(set(found), key=lambda fault: (fault.start, fault.new))


Span = tuple[int, int, str]


def in_python(source: bytes) -> Iterator[Span]:
    """Yield places in Python: operators, numbers, conditions and calls whose result nobody takes."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def begin(node: ast.expr | ast.stmt) -> int:
        return starts[node.lineno - 1] + node.col_offset

    def end(node: ast.expr | ast.stmt) -> int:
        return starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    for node in walked(ast.parse(source)):
        if isinstance(node, ast.Compare | ast.BoolOp | ast.BinOp):
            yield from signs(node, source, begin, end)
        elif isinstance(node, ast.AugAssign) and (sign := SIGNS.get(type(node.op), "")) in "+-*":
            between = source[end(node.target) : begin(node.value)]
            at = end(node.target) + between.index(sign.encode())
            yield at, at + 1, {"+": "-", "-": "+", "*": "/"}[sign]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
            if not isinstance(node.operand, ast.Constant):
                yield begin(node), begin(node) + len("not" if isinstance(node.op, ast.Not) else "-"), ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            yield from ((begin(node), end(node), other) for other in other_values(node.value))
        elif isinstance(node, ast.Name) and node.id in ("min", "max", "any", "all"):
            yield begin(node), end(node), OTHER[node.id]
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.NamedExpr):
                yield begin(node.test), begin(node.test), "not "
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield begin(node), end(node), "pass"


def walked(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is computed: no annotations, texts, messages of errors, or assertions."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.Raise | ast.Assert):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from walked(child)


Place = Callable[[ast.expr | ast.stmt], int]


def signs(node: ast.Compare | ast.BoolOp | ast.BinOp, source: bytes, begin: Place, end: Place) -> Iterator[Span]:
    """Yield the signs between the operands of an expression."""
    if isinstance(node, ast.Compare):
        operands, operators = [node.left, *node.comparators], node.ops
    elif isinstance(node, ast.BoolOp):
        operands, operators = node.values, [node.op] * (len(node.values) - 1)
    else:
        operands, operators = [node.left, node.right], [node.op]
    for left, right, operator in zip(operands, operands[1:], operators, strict=False):
        sign = SIGNS.get(type(operator))
        if sign is None or isinstance(left, ast.JoinedStr) or isinstance(right, ast.JoinedStr):
            continue
        between = re.sub(rb"#[^\n]*", lambda comment: b" " * len(comment[0]), source[end(left) : begin(right)])
        if re.search(rb"[\w\"']", between.replace(sign.encode(), b"", 1)):
            continue  # a text of several parts
        at = end(left) + between.index(sign.encode())
        yield at, at + len(sign), OTHER[sign]


def other_values(value: complex) -> list[str]:
    """Return a number near another, or the other truth."""
    if isinstance(value, bool):
        return [str(not value)]
    if isinstance(value, int):
        return [repr(value + 1), repr(value - 1)] if value else ["1"]
    return [repr(value.real * 1.5) if value else "1.0"]


def in_text(source: bytes, *, is_svelte: bool) -> Iterator[Span]:
    """Yield places in C++ and TypeScript, outside comments and texts; of Svelte in its script."""
    text = source.decode()
    begin, end = (text.index("<script"), text.index("</script>")) if is_svelte else (0, len(text))
    blank = NOT_CODE.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]), text)
    for found in IN_TEXT.finditer(blank):
        line = blank[blank.rfind("\n", 0, found.start()) + 1 : (blank + "\n").index("\n", found.start())]
        if not begin < found.start() < end or PASSED_OVER.match(line):
            continue
        old = found[0]
        at = len(text[: found.start()].encode())
        if old[0].isdigit():
            suffix = "f" if old.endswith("f") else ""
            number = old.rstrip("f")
            news = [n + suffix for n in other_values(float(number) if "." in number else int(number))]
        else:
            news = [OTHER[old]]
        yield from ((at, at + len(old.encode()), new) for new in news)
