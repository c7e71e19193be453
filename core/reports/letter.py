"""The words of a report: one text in Markdown, and the same as HTML for e-mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from decimal import Decimal

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

from data.analytics.weekly import PEOPLE_TOLD, Cost, ModelCalls, WeeklyFacts, WeekNumbers
from data.values.reports import Week

_MOST_OF_A_NAME = 80
_CENT = Decimal("0.01")
_ACTIVE = frozenset("`<>|\\")
_JOINER = "\u2060"
"""Behind an @: chats call people by name, and nobody was meant."""

_STYLE = "font-family:sans-serif;font-size:15px;line-height:1.5;color:#1f2328;max-width:40em"


def _html() -> MarkdownIt:
    """Names as they are: mailers that make plain text of HTML break lines at `<code>`."""
    made = MarkdownIt("commonmark", {"html": False})
    made.add_render_rule("code_inline", lambda _self, tokens, idx, _options, _env: escapeHtml(tokens[idx].content))
    return made


_HTML = _html()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent. `html` says the same as `markdown`."""

    title: str
    markdown: str
    html: str


def compose(facts: WeeklyFacts, whose: str, link: str = "") -> Letter:
    """A week's report.

    Args:
        facts: the numbers.
        whose: the team's name; empty for everybody.
        link: where Gearbox is opened; empty where that is not known.
    """
    lines = [
        f"**{_days(facts.week)}**" + (f", team `{_name(whose)}`" if whose else ", everybody"),
        "",
        *_sums(facts),
        "",
        *_models(facts),
    ]
    lines += ["", f"Compared with the week before. Days are those of {zone_name(facts.week.zone)}."]
    if link:
        lines += ["", f"Sent by Gearbox: {link}"]
    return letter(f"Gearbox: {_days(facts.week)}, {_about(whose)}", lines)


def trial(week: Week, whose: str) -> Letter:
    """What is sent on request where there is nothing to tell, to see that it gets there."""
    said = (
        f"This is a try-out of a weekly report. Nobody asked a model from {_days(week)}, so there is nothing to tell."
    )
    return letter(f"Gearbox: try-out of a report, {_about(whose)}", [said])


def zone_name(zone: tzinfo) -> str:
    """What people call a time zone."""
    return str(zone).removeprefix("Etc/")


def letter(title: str, lines: Iterable[str]) -> Letter:
    """Lines of Markdown as a letter."""
    markdown = "\n".join(lines).strip() + "\n"
    body = _HTML.render(markdown)
    return Letter(title, markdown, f'<div style="{_STYLE}">\n{body}</div>\n')


def _about(whose: str) -> str:
    return f"team {_name(whose)}" if whose else "everybody"


def _sums(facts: WeeklyFacts) -> list[str]:
    now, before = facts.now, facts.before
    tokens, tokens_before = (each.input_tokens + each.output_tokens for each in (now, before))
    lines = [
        f"- **Calls:** {now.calls:,}{_change(now.calls, before.calls)}",
        f"- **People active:** {_people(now, before)}",
        f"- **Tokens:** {tokens:,}{_change(tokens, tokens_before)}: {now.input_tokens:,} in, {now.output_tokens:,} out",
        f"- **Cost:** {_costs_compared(now, before)}",
    ]
    if now.unpriced:
        lines.append(f"- **Without a known price:** {now.unpriced:,} {_calls(now.unpriced)}, not in the cost")
    if now.calls:
        lines.append(f"- **Failed calls:** {_share(now.failures, now.calls)}{_was(_failed(before))}")
    if now.first_token_ms is not None:
        lines.append(f"- **First word after:** {_seconds(now)} in the median{_was(_seconds(before))}")
    if facts.thumbs and (thumbs := facts.thumbs.up + facts.thumbs.down):
        lines.append(f"- **Thumbs up:** {_share(facts.thumbs.up, thumbs)} of {thumbs:,} thumbs")
    return lines


def _models(facts: WeeklyFacts) -> list[str]:
    if not facts.now.calls:
        return []
    if not facts.models:
        return [f"No model was used by {PEOPLE_TOLD} people or more, so none is named."]
    lines = ["**Used most**", ""]
    lines += [f"{place}. {_model(model)}" for place, model in enumerate(facts.models, 1)]
    if facts.other_calls:
        lines += ["", f"All other models together: {facts.other_calls:,} {_calls(facts.other_calls)}."]
    return lines


def _model(model: ModelCalls) -> str:
    cost = f", {_costs(model.costs)}" if model.costs else ""
    return f"`{_name(model.name)}`: {model.calls:,} {_calls(model.calls)}{cost}"


def _people(now: WeekNumbers, before: WeekNumbers) -> str:
    if now.calls == 0:
        return "0"
    if now.people is None:
        return f"fewer than {PEOPLE_TOLD}"
    return f"{now.people:,}{_change(now.people, before.people)}"


def _costs_compared(now: WeekNumbers, before: WeekNumbers) -> str:
    was = {cost.currency: cost.amount for cost in before.costs}
    parts = [f"{_money(cost)}{_change(cost.amount, was.get(cost.currency))}" for cost in now.costs]
    return " and ".join(parts) or "none that is known"


def _costs(costs: Iterable[Cost]) -> str:
    return " and ".join(_money(cost) for cost in costs)


def _money(cost: Cost) -> str:
    if 0 < cost.amount < _CENT:
        return f"less than 0.01 {cost.currency}"
    return f"{cost.amount:,.2f} {cost.currency}"


def _change(now: Decimal | int, before: Decimal | int | None) -> str:
    if not before:  # nothing that could be compared, or not told
        return ""
    percent = round((Decimal(now) / Decimal(before) - 1) * 100)
    return f" ({percent:+,} %)".replace("-", "−") if percent else " (as before)"


def _was(before: str) -> str:
    return f" ({before} the week before)" if before else ""


def _failed(week: WeekNumbers) -> str:
    return _share(week.failures, week.calls) if week.calls else ""


def _share(part: int, whole: int) -> str:
    percent = Decimal(part) / Decimal(whole) * 100
    if 0 < percent < Decimal("0.1"):
        return "less than 0.1 %"
    return f"{percent:.1f} %"


def _seconds(week: WeekNumbers) -> str:
    return "" if week.first_token_ms is None else f"{week.first_token_ms / 1000:.2f} s"


def _calls(number: int) -> str:
    return "call" if number == 1 else "calls"


def _days(week: Week) -> str:
    first, last = week.monday, week.monday + timedelta(days=6)
    begins = str(first.day) if first.month == last.month else f"{first.day} {first:%B}"
    begins += f" {first.year}" if first.year != last.year else ""
    return f"{begins} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _name(text: str) -> str:
    """A name that others chose, without what would act as markup, break a line or call somebody."""
    kept = "".join(char for char in text if char.isprintable() and char not in _ACTIVE)
    return kept[:_MOST_OF_A_NAME].replace("@", f"@{_JOINER}")
