"""Holds XML answers against a shape of botocore's models: names, nesting, and every text."""

import base64
import xml.etree.ElementTree as ElementTree

from . import values

INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


def local(element):
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def parse(body):
    """The root element, or `None` when the bytes are not XML."""
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None


def structure(shape, element, at, ignored=()):
    """Children of an element that stands for a structure. Names in `ignored` are allowed too."""
    problems = []
    members = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") in (None, "uri", "querystring"):
            members[_name_in_structure(member, name)] = (name, member)
    attributes = {
        m.serialization["name"].rpartition(":")[2]: name
        for name, m in shape.members.items()
        if m.serialization.get("xmlAttribute")
    }
    groups = {}
    for child in element:
        groups.setdefault(local(child), []).append(child)
    present = {members[key][0] for key in groups if key in members}
    for key in element.attrib:
        name = attributes.get(key.rpartition("}")[2])
        if name:
            present.add(name)
        elif key.startswith(INSTANCE):
            problems.append(f"{at}: attribute `{key}` is not in the model")
    for key, children in groups.items():
        if key in members:
            problems += _member(members[key][1], children, f"{at}.{key}")
        elif key not in ignored:
            problems.append(f"{at}: `{key}` is not in the model")
    return values.missing(shape, present | _elsewhere(shape), at) + problems


def _elsewhere(shape):
    """Members that do not travel in the body; whoever reads the headers looks for them."""
    return {name for name, m in shape.members.items() if m.serialization.get("location")}


def _name_in_structure(member, name):
    if member.type_name == "list" and member.serialization.get("flattened"):
        inner = member.member.serialization.get("name")
        if inner is not None:
            return inner
    return member.serialization.get("name", name)


def _member(shape, elements, at):
    flattened = shape.serialization.get("flattened")
    if shape.type_name == "list" and flattened:
        return [p for i, e in enumerate(elements) for p in value(shape.member, e, f"{at}[{i}]")]
    if shape.type_name == "map" and flattened:
        return [p for e in elements for p in _entry(shape, e, at)]
    if len(elements) > 1:
        return [f"{at}: {len(elements)} elements where one is expected"]
    return value(shape, elements[0], at)


def value(shape, element, at):
    """All that is wrong with one element."""
    kind = shape.type_name
    if kind == "structure":
        return structure(shape, element, at)
    if kind == "list":
        wanted = shape.member.serialization.get("name", "member")
        problems = [
            f"{at}: `{local(child)}` where `{wanted}` is expected"
            for child in element
            if local(child) != wanted
        ]
        for index, child in enumerate(element):
            problems += value(shape.member, child, f"{at}[{index}]")
        return problems
    if kind == "map":
        problems = [f"{at}: `{local(c)}` in a map" for c in element if local(c) != "entry"]
        return problems + [p for child in element for p in _entry(shape, child, at)]
    if len(element):
        return [f"{at}: elements where text is expected"]
    return text(shape, element.text or "", at, "iso8601")


def _entry(shape, element, at):
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    found = {local(child): child for child in element}
    if set(found) != {key_name, value_name}:
        return [f"{at}: a map's entry has {sorted(found)}"]
    key = found[key_name].text or ""
    return text(shape.key, key, f"{at} (key)", "iso8601") + value(
        shape.value, found[value_name], f"{at}.{key}"
    )


def text(shape, given, at, time_form):
    """A scalar that was written as text, in an element or a header."""
    kind = shape.type_name
    try:
        if kind == "boolean":
            return [] if given in ("true", "false") else [values.wrong(at, kind, given)]
        if kind in ("integer", "long"):
            return values.scalar(shape, int(given), at)
        if kind in ("double", "float"):
            return values.scalar(shape, float(given), at)
        if kind == "blob":
            base64.b64decode(given, validate=True)
            return []
    except ValueError:
        return [values.wrong(at, kind, given)]
    if kind == "timestamp":
        form = shape.serialization.get("timestampFormat", time_form)
        return values.time_text(form, given, at)
    if given == "" and not getattr(shape, "enum", None):
        return []  # An empty element stands for an empty text, whatever the pattern.
    return values.text(shape, given, at)
