"""The reference of the external API, written from the docstrings.

``python3 setup/toolkit/reference.py`` writes ``docs/api.md``; with ``--check`` it only
says whether the file is up to date.
"""

import ast
import inspect
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs/api.md"
# Models that clients call, beside the services: their records have methods.
MODELS = (
    "lifecycle.engine",
    "engagement.campaign",
    "customer.loyalty",
    "customer.onboarding",
    "onboarding.journey",
    "winback.campaign",
    "winback.attempt",
    "nps.survey",
)
# What a class says of its fields and of the ORM is no door for clients.
HIDDEN = re.compile(
    r"^(_|action_(?!start|stop|move_runs|cancel)|create$|write$|unlink$|copy|web_|read)"
)
FIELD = re.compile(r"^:(\w+)(?: ([^:]*))?:(?: (.*))?$")
INTRODUCTION = """\
# External API

Written from the docstrings by `python3 setup/toolkit/reference.py`.

Every method below is called alike by XML-RPC and by JSON-2; arguments are plain values,
and so are results. Times are naive UTC (`2026-03-01 12:30:00`), days ISO
(`2026-03-01`), money is a number in the company's currency.

**XML-RPC** takes arguments in order or by name:

```python
models.execute_kw(db, uid, key, "MODEL", "METHOD", [ARGUMENTS], {"name": value})
```

**JSON-2** takes them by name, with an API key as bearer:

```http
POST /json/2/MODEL/METHOD
Authorization: bearer API_KEY
Content-Type: application/json

{"name": value}
```

A method **of records** wants their ids: the first argument of XML-RPC (`[[7]]`),
`"ids"` of JSON-2 (`{"ids": [7]}`). What a method refuses comes back as an error whose
message names the field and what is allowed: a fault with XML-RPC, status 4xx with
`name` and `message` with JSON-2.
"""


class Method(NamedTuple):
    name: str
    signature: str
    is_of_model: bool
    doc: str


class Model:
    """Classes of one model, over all addons."""

    def __init__(self, name):
        self.name = name
        self.addons, self.parents, self.methods = [], [], {}
        self.doc, self.is_abstract = "", False

    def add(self, addon, node, parents):
        self.addons += [addon] if addon not in self.addons else []
        self.parents += [name for name in parents if name != self.name]
        self.doc = self.doc or ast.get_docstring(node) or ""
        self.is_abstract |= any(
            ast.unparse(b).endswith("AbstractModel") for b in node.bases
        )
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and _is_door(item):
                self.methods.setdefault(item.name, _method(item))


def read(root):
    """Return {name: Model} of what the addons define."""
    models = {}
    for path in sorted(root.glob("addons/*/models/*.py")):
        addon = path.parts[-3]
        if addon.startswith("test_"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                name, parents = _names(node)
                if name:
                    models.setdefault(name, Model(name)).add(addon, node, parents)
    return models


def _names(node):
    """Return (name of the model, what it inherits) of a class."""
    found = {"_name": None, "_inherit": []}
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            key = item.targets[0].id
            if key in found:
                found[key] = ast.literal_eval(item.value)
    parents = found["_inherit"]
    parents = [parents] if isinstance(parents, str) else parents
    return found["_name"] or (parents[0] if len(parents) == 1 else None), parents


def _is_door(item):
    decorators = {ast.unparse(decorator) for decorator in item.decorator_list}
    bars = ("api.private", "api.depends", "api.constrains", "api.onchange")
    return (
        not HIDDEN.match(item.name)
        and not any(name.startswith(bars) for name in decorators)
        and bool(ast.get_docstring(item))
    )


def _method(item):
    decorators = {ast.unparse(decorator) for decorator in item.decorator_list}
    arguments = item.args
    arguments.args = arguments.args[1:]
    doc = inspect.cleandoc(ast.get_docstring(item))
    return Method(item.name, ast.unparse(arguments), "api.model" in decorators, doc)


def _all_methods(models, name, seen=()):
    """Return the methods of a model and of the parts that it is made of."""
    model = models[name]
    found = {}
    for parent in model.parents:
        if parent in models and parent not in seen:
            found |= _all_methods(models, parent, (*seen, name))
    return found | model.methods


# ------------------------------------------------------------------------- as Markdown
def render(models):
    services = sorted(name for name in models if name.endswith(".service"))
    names = [*services, *(name for name in MODELS if name in models)]
    parts = [INTRODUCTION]
    parts.append("\n".join(f"- [`{n}`](#{n.replace('.', '')})" for n in names) + "\n")
    for name in names:
        methods = _all_methods(models, name)
        parts.append(_section(models[name], methods))
    return "\n".join(parts)


def _section(model, methods):
    lines = [f"## {model.name}", "", f"Addon `{model.addons[0]}`.", ""]
    lines += [_prose(model.doc), ""]
    for _name, method in sorted(methods.items()):
        lines += _method_lines(
            model.name, method, model.is_abstract or method.is_of_model
        )
    return "\n".join(lines)


def _method_lines(model, method, is_of_model):
    text, fields = _split(method.doc)
    kind = "" if is_of_model else " *of records*"
    lines = [
        f"### {model}.{method.name}",
        "",
        f"`{method.signature or 'no arguments'}`",
    ]
    lines[-1] += kind
    lines += ["", _prose(text), ""]
    lines += [*(f"- {_field(*field)}" for field in fields), ""] if fields else []
    body = ", ".join(
        f'"{name}": …' for name in _required(method.signature, is_of_model)
    )
    lines += [f"`POST /json/2/{model}/{method.name}` `{{{body}}}`", ""]
    return lines


def _required(signature, is_of_model):
    names = [] if is_of_model else ["ids"]
    for argument in filter(None, signature.split(", ")):
        if "=" not in argument and not argument.startswith("*"):
            names.append(argument)
    return names


def _split(doc):
    """Return the text before the fields, and the fields as (kind, what, text)."""
    text, fields = [], []
    for line in doc.splitlines():
        match = FIELD.match(line.strip())
        if match:
            fields.append([match[1], match[2] or "", match[3] or ""])
        elif fields and line.startswith(" "):
            fields[-1][2] += f" {line.strip()}"
        elif not fields:
            text.append(line)
    return "\n".join(text).strip(), fields


def _field(kind, what, text):
    text = _prose(text)
    if kind == "param":
        *type_, name = what.split()
        type_ = f" ({' '.join(type_)})" if type_ else ""
        return f"`{name}`{type_}: {text}"
    if kind in ("return", "returns"):
        return f"**returns** {text}"
    return f"**raises** `{what}`: {text}"


def _prose(text):
    return re.sub(r"``(.+?)``", r"`\1`", text)


def main(*options):
    text = render(read(ROOT))
    if "--check" not in options:
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        print(f"docs/api.md is out of date: python3 {Path(__file__).relative_to(ROOT)}")
        return True
    return False


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
