"""From a construction and an instance to a trace."""

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from constructions.architectures import Model, text_of
from constructions.engine import decode, plan_of_model
from constructions.errors import InputError, ResourceError
from constructions.numerics import Arithmetic
from constructions.theorems import Construction
from constructions.worked_examples._data import Decision, Moment, SearchView, Token, Trace
from constructions.worked_examples._observe import EXACT, Watch
from constructions.worked_examples._pictures import picture_of
from constructions.worked_examples._readings import require_readable
from constructions.worked_examples._rules import fired_rule
from constructions.worked_examples._spoken import AS_THEY_ARE, Labels, Sentences, Speaker
from constructions.worked_examples._tapes import table_of, tape_of

MOST_TOKENS = 6000
"""A transcript beyond this is too long to be explained: every score of every head is computed at once."""


def explain(
    construction: Construction,
    instance: Any,
    *,
    n: int | None = None,
    positions: Iterable[int] | Literal["all"] | None = None,
    max_tokens: int | None = None,
    arithmetic: Arithmetic[Any] = EXACT,
) -> Trace:
    """Run a construction on an instance and explain how each token that it wrote came about.

    Args:
        construction: of the catalogue or your own.
        instance: of its task, or its printed form.
        n: the size of the model; the least that fits unless given.
        positions: what is explained, counted from 0: what happened where that token was read. The positions
            after which the model wrote unless given; "all" are those of the prompt too.
        max_tokens: cut the run off after so many written tokens.
        arithmetic: exact unless given; or floating or fixed point with hard attention, whose scores, values and
            logits are then those that are shown.

    Raises:
        InputError: if a position is outside of the transcript, the text is malformed, or the number system is none of
            these.
        ResourceError: if the transcript has more than ``MOST_TOKENS`` tokens.

    >>> import constructions
    >>> subject = constructions.construction("transformer/associative-recall")
    >>> trace = explain(subject, "3 1 4 1 5 ? 4")
    >>> (found,) = trace.moments[0].blocks[1].heads
    >>> found.picks, [(read.name, int(read.value)) for read in found.reads]
    ((Pick(position=4, match=True),), [('found.token', 1), ('found.is <s>', 0)])
    """
    instance = construction.task.parse(instance) if isinstance(instance, str) else instance
    size = construction.size_for(instance) if n is None else n
    trace = explain_model(
        construction.at(size),
        construction.reads(instance),
        positions=positions,
        max_tokens=construction.longest(n=size) + 1 if max_tokens is None else max_tokens,
        labels=Labels(partial(construction.task.labelled, instance), construction.task.nodes),
        rules=construction.blueprint.table,
        sentences=construction.blueprint.sentences,
        arithmetic=arithmetic,
    )
    return replace(
        trace,
        construction=construction.label,
        question=construction.task.statement,
        summary=construction.summary,
        instance=construction.task.text(instance),
        n=size,
        reference=construction.expected(instance, size),
        whole=construction.transcript is not None or len(construction.expected(instance, size)) > 1,
        picture=picture_of(construction.task, instance, trace.tokens),
        tape=tape_of(construction.task, instance, trace.tokens),
        transitions=table_of(construction.task),
    )


def explain_model(
    model: Model,
    prompt: Sequence[str],
    *,
    positions: Iterable[int] | Literal["all"] | None = None,
    max_tokens: int = 1000,
    labels: Labels = AS_THEY_ARE,
    rules: Sequence[tuple[str, str, str]] = (),
    sentences: Sentences | None = None,
    arithmetic: Arithmetic[Any] = EXACT,
) -> Trace:
    """Trace any model on any prompt, without a task: nothing says what should have been written.

    Args:
        model: any model.
        prompt: tokens of its vocabulary.
        positions: see :func:`explain`.
        max_tokens: cut the run off after so many written tokens.
        labels: what tokens are called.
        rules: the table of rules that the model was wired from, if it was; see ``Blueprint.table``.
        sentences: what the author says of heads and of what is written; see ``Blueprint.sentences``.
        arithmetic: see :func:`explain`.

    Raises:
        InputError: if the prompt is empty or has an unknown token, or a position is outside of the transcript.
        ModelError: if two heads of a layer have the same name, so that they could not be told apart.
        ResourceError: if the transcript has more than ``MOST_TOKENS`` tokens.
    """
    require_readable(arithmetic)
    if len(prompt) > MOST_TOKENS:
        raise _too_long(len(prompt))
    transcript = decode(model, prompt, arithmetic=arithmetic, max_tokens=min(max_tokens, MOST_TOKENS))
    whole = [*prompt, *transcript.tokens]
    if len(whole) > MOST_TOKENS:
        raise _too_long(len(whole))
    searches = _searches(model, whole, len(prompt), labels)
    tokens = _tokens(whole, len(prompt), searches, labels)
    plans = plan_of_model(model).heads
    watch = Watch(model, model.vocabulary.encode(whole), plans, arithmetic)
    written = {place - 1 for place, token in enumerate(tokens) if token.origin == "written"}
    read = range(len(whole) - bool(transcript.tokens))  # the last token is written, and not read any more
    chosen = sorted(written if positions is None else read if positions == "all" else set(positions))
    outside = next((p for p in chosen if not 0 <= p < len(whole)), None)
    if outside is not None:
        raise InputError(f"position {outside} is outside of the transcript, whose positions are 0 to {len(whole) - 1}")

    def moment(position: int) -> Moment:
        blocks, decision = watch.blocks(position), _decision(model, watch, position, labels)
        writes = position in written
        rule = fired_rule(rules, model.vocabulary.specials, blocks, decision.token.text) if writes else None
        if not sentences:
            return Moment(position, blocks, decision, writes, rule)
        speaker = Speaker(sentences, whole, position, watch.held(position), labels)
        reason = speaker.reason(decision, rule, model.vocabulary.specials) if writes else ""
        return Moment(position, speaker.blocks(blocks), decision, writes, rule, reason)

    return Trace(
        construction=model.name,
        question="",
        summary="",
        instance="",
        n=None,
        tokens=tokens,
        prompt=len(prompt),
        answer=transcript.answer,
        reference=None,
        rules=tuple(rules),
        moments=tuple(moment(position) for position in chosen),
        searches=searches,
        plans=tuple(map(str, plans)),
        picture=None,
        arithmetic=arithmetic.name,
    )


def _too_long(length: int) -> ResourceError:
    return ResourceError(f"a transcript of {length:,} tokens is too long to be explained; at most {MOST_TOKENS:,} are")


def _tokens(whole: Sequence[str], prompt: int, searches: Sequence[SearchView], labels: Labels) -> tuple[Token, ...]:
    found = {search.closing + 1 + k for search in searches for k in range(max(1, len(search.captured)))}
    return tuple(
        Token(text, label, "prompt" if place < prompt else "found" if place in found else "written")
        for place, (text, label) in enumerate(zip(whole, labels.of(whole), strict=True))
    )


def _decision(model: Model, watch: Watch, position: int, labels: Labels) -> Decision:
    """The two largest logits; a tie goes to the lower id."""
    logits = watch.logits(position)
    order = heapq.nlargest(2, range(len(logits)), key=logits.__getitem__)  # of equals the first
    names = [model.vocabulary.token_of(k) for k in order]
    called = labels.of(names)
    token = Token(names[0], called[0], "written")
    if len(order) == 1:
        return Decision(token, logits[order[0]], None, None)
    return Decision(token, logits[order[0]], called[1], logits[order[1]])


def _searches(model: Model, whole: Sequence[str], prompt: int, labels: Labels) -> tuple[SearchView, ...]:
    """The searches of a transcript, made again."""
    if model.search is None or model.searcher is None:
        return ()
    ids, searcher, views = model.vocabulary.encode(whole), model.searcher, list[SearchView]()
    fragments = dict(model.search.fragments)
    place = prompt
    while place < len(ids):
        if ids[place] != searcher.closing:
            place += 1
            continue
        answer = searcher.answer(ids[: place + 1])
        starts = [p for p in range(place) if ids[p] in (searcher.opening, searcher.closing)]
        opening = starts[-1] if starts and ids[starts[-1]] == searcher.opening else place
        names = labels.of(whole[opening + 1 : place])
        within = zip(whole[opening + 1 : place], names, strict=True)
        pieces = tuple(piece for text, label in within for piece in _pieces(fragments, text, label))
        span, captured = None, tuple[int, ...]()
        if answer.diagnostic is None:
            span, captured = _match(searcher.pattern(ids[opening + 1 : place]), ids[:opening])
        views.append(
            SearchView(
                opening,
                place,
                pieces,
                span,
                captured,
                answer.diagnostic,
            )
        )
        place += 1 + len(answer.ids)
    return tuple(views)


def _pieces(fragments: dict[str, str], text: str, label: str) -> list[tuple[bool, str]]:
    """A fragment as it is read, or a token that is to be found.

    A token between backquotes is set apart if it has several characters; the others read well as they are.
    """
    if text not in fragments:
        return [(True, label)]
    parts = fragments[text].split("`")
    merged = [(False, parts[0])]
    for place, part in enumerate(parts[1:], 1):
        if place % 2 and len(part) > 1:
            merged.append((True, part))
        elif merged[-1][0]:
            merged.append((False, part))
        else:
            merged[-1] = (False, merged[-1][1] + part)
    return [piece for piece in merged if piece[1]]


def _match(pattern: str, ids: Sequence[int]) -> tuple[tuple[int, int] | None, tuple[int, ...]]:
    """Where the match is, and the positions of what the last group that took part captured."""
    found = re.compile(pattern).search(text_of(ids))
    if found is None:
        return None, ()
    group = next((g for g in range(len(found.groups()), 0, -1) if found.group(g)), None)
    return found.span(), () if group is None else tuple(range(*found.span(group)))
