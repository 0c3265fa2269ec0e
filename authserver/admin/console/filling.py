"""How a form is filled in, sent, and shown again with what is wrong."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _

from authserver.admin.console.asking import Asking
from authserver.admin.console.parts.fields import Field, Form, Heading, Kind
from authserver.admin.console.words import of_field, of_problem
from authserver.admin.rest.operation import Does, Reply
from authserver.admin.rest.problems import Changed, UnfitFields
from authserver.core.ids import new_secret
from authserver.core.problems import Problem

RETYPED, VERSION, ONCE = "retyped", "version", "once"
_UNFIT = 422


@dataclass(frozen=True)
class ChoiceView:
    """A choice of a field."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class FieldView:
    """A field or a heading, ready for a template."""

    kind: str
    name: str
    label: str
    hint: str
    text: str = ""
    checked: bool = False
    optional: bool = False
    most: int | None = None
    mono: bool = False
    accept: str = ""
    error: str = ""
    choices: tuple[ChoiceView, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A form with its values, and what is wrong with them."""

    fields: tuple[FieldView, ...]
    once: str
    version: int | None
    alert: str = ""
    status: int = 200
    retype_error: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def of_values(form: Form) -> Filled:
    """Return a form as it is at first."""
    return _filled(form, {one.name: one.value for one in form.inputs})


def fill(asking: Asking, form: Form) -> Reply | Filled:
    """Do what was sent; what is refused is a form that says why, with everything that was typed."""
    sent = request.form
    typed = {one.name: _typed(one) for one in form.inputs}
    once = sent.get(ONCE, "")
    if form.retype and not _same(sent.get(RETYPED, ""), form.retype):
        wrong = _("This is not the name.")
        return _filled(form, typed, once=once, status=_UNFIT, retype_error=wrong)
    operation = asking.operation(form.does)
    try:
        return asking.ask(
            form.does,
            form.path,
            given=_given(form, typed, is_patch=operation.method == "PATCH"),
            version=_version(sent.get(VERSION, "")) if form.version is not None else None,
            once=once if operation.does is Does.CREATE else "",
        )
    except Changed as problem:
        return _filled(form, typed, alert=of_problem(problem), status=problem.status)
    except UnfitFields as problem:
        # What is wrong with no field of the form is said on top.
        names = {one.name for one in form.inputs}
        errors = {_place(one["field"], names): of_field(one) for one in problem.fields}
        other = [f"{name}: {said}" for name, said in errors.items() if name not in names]
        alert = "; ".join([of_problem(problem), *other]) if other else of_problem(problem)
        return _filled(form, typed, once=once, status=_UNFIT, alert=alert, errors=errors)
    except Problem as problem:
        return _refused(form, typed, problem, once=once)


def _refused(form: Form, typed: Mapping[str, object], problem: Problem, *, once: str) -> Filled:
    """Return the form with what a service refused: beside the field that it is about, if any."""
    place = _place(problem.field, {one.name for one in form.inputs})
    errors, alert = {}, of_problem(problem)
    if place in {one.name for one in form.inputs}:
        errors, alert = {place: alert}, str(_("Please look at the marked fields again."))
    status = problem.status
    return _filled(form, typed, once=once, status=status, alert=alert, errors=errors)


def _place(field_name: str, names: AbstractSet[str]) -> str:
    """Return the field of the form that a field of the body, or of a part of it, is."""
    name = field_name
    while name not in names and "." in name:
        name = name.rpartition(".")[0]
    return name


def _typed(one: Field) -> object:
    if one.kind is not Kind.FILE:
        return one.typed(request.form)
    file = request.files.get(one.name)
    data = file.read() if file is not None else b""
    return b64encode(data).decode() or None


def _given(form: Form, typed: Mapping[str, object], *, is_patch: bool) -> dict[str, object]:
    """Return the operation's body: of a change, what differs; else what there is."""
    if is_patch:
        changed = [one.name for one in form.inputs if one.changed(typed[one.name])]
        return _nested(_prepared(form, {name: typed[name] for name in changed}))
    given = {name: value for name, value in typed.items() if value is not None}
    return _nested(_prepared(form, given))


def _prepared(form: Form, given: dict[str, object]) -> dict[str, object]:
    return form.prepare(given) if form.prepare else given


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    """Return values by their names; `details.website` is one within `details`."""
    whole: dict[str, Any] = {}
    for name, value in flat.items():
        outer, dot, inner = name.partition(".")
        if dot:
            whole.setdefault(outer, {})[inner] = value
        else:
            whole[name] = value
    return whole


def _version(sent: str) -> int:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= 9 else -1  # noqa: PLR2004  a version has fewer digits


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.strip().encode(), other.encode())


def _filled(  # noqa: PLR0913  what is wrong, by where it is shown
    form: Form,
    values: Mapping[str, object],
    *,
    once: str = "",
    alert: str = "",
    status: int = 200,
    retype_error: str = "",
    errors: Mapping[str, str] | None = None,
) -> Filled:
    wrong = errors or {}
    views = tuple(
        FieldView("heading", "", one.title, one.hint)
        if isinstance(one, Heading)
        else _view(one, values.get(one.name), wrong.get(one.name, ""))
        for one in form.fields
    )
    return Filled(views, once or new_secret(), form.version, alert, status, retype_error, wrong)


def _view(one: Field, value: object, error: str) -> FieldView:
    chosen = _chosen(value)
    text = "\n".join(chosen) if one.kind in {Kind.LINES, Kind.PAIRS} else "".join(chosen[:1])
    return FieldView(
        kind=one.kind,
        name=one.name,
        label=one.label,
        hint=one.hint,
        text="" if one.kind in {Kind.CHECK, Kind.SECRET, Kind.FILE} else text,
        checked=one.kind is Kind.CHECK and bool(value),
        optional=one.optional,
        most=one.most,
        mono=one.mono,
        accept=one.accept,
        error=error,
        choices=tuple(
            ChoiceView(choice, words, choice in chosen) for choice, words in one.choices.items()
        ),
    )


def _chosen(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [f"{name} = {one}" for name, one in value.items()]
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one) for one in value]
    return [str(value)]
