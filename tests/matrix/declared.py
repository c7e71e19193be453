"""What is declared of every public method of every service: what it acts on, and who may do that to whose things.

A new method belongs into `CASES`, or, when it acts for nobody, into `NOBODYS` with the reason.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.access.policy import Permission
from core.adoption import Question as Adoption
from core.alerts.service import AlertService
from core.chat.planning.edited import Changes
from core.chat.saving.service import Form
from core.errors import GearboxError, NotFound
from core.flags.capabilities import declared
from core.performance import Question
from core.preferences import Preferences
from core.reports.service import ReportService
from core.retention_parts import RetentionParts
from core.routing.asked import Wishes
from core.routing.feedback import Thumb
from core.services import Services
from core.tools.mcp.listing import PROMPTS
from core.tools.server_contents import ServerContents
from core.tools.servers import ToolServers
from core.tools.tool import ToolContext
from core.workspace.service import Draft, WorkspaceService
from data.analytics.period import Period
from data.analytics.picking import Picked, Subject
from data.analytics.usage_values import Question as UsageQuestion
from data.values.access_rules import Lists, RuleOwner, Thing
from data.values.actor import Actor, Role
from data.values.alert_delivery import ChannelForm
from data.values.alerts import Severity
from data.values.audit_search import AuditCursor, AuditFilter
from data.values.budgets import BudgetOwner
from data.values.calls import KeyOwner
from data.values.comparisons import Comparison, Side, Verdict
from data.values.flag_evaluation import FlagContext
from data.values.flags import FlagState
from data.values.holds import HoldScope
from data.values.media import Blob
from data.values.messages import Author, Message, MessageStatus
from data.values.models import Sampling
from data.values.notices import Announcement
from data.values.operations import EmbeddingRequest, VideoRequest
from data.values.parts import ImagePart, TextFilePart
from data.values.plans import Action, Analysis, Brief, Output, Plan
from data.values.registry import ModelQuery
from data.values.routing import Chooser, Decision, Signal
from data.values.saved_queries import QueryKind
from data.values.tasks import Task
from data.values.tool_calls import Approval
from data.values.tool_servers import ListedTool, ToolServer
from tests.matrix.rules import (
    Outcome,
    Rule,
    changes_key,
    for_whom,
    forgets,
    managed,
    needs,
    own_chat,
    own_or_all,
    own_or_found,
    own_question,
    senseless,
    uses_connection,
    uses_model,
)
from tests.matrix.world import OPERATOR, PASSPHRASE, SCRIPTED, Kind, Level, Owner

KEY = "sk-of-the-visitor-0123456789"
_PLAN = Plan((), Brief(""))


TEAMS_PEOPLE = frozenset({Level.ID, Level.PERSON, Level.TEAM})
SEES = {
    Permission.MANAGE_PEOPLE: TEAMS_PEOPLE,
    Permission.MANAGE_SHARED_KEYS: frozenset({Level.TEAM}),
    Permission.SEE_ALL_USAGE: frozenset({Level.TEAM, Level.PRIVATE}),
    Permission.SEE_PEOPLE: frozenset({Level.ID, Level.PERSON}),
    Permission.MANAGE_REPORTS: frozenset({Level.ID, Level.TEAM}),
    Permission.MANAGE_WORKSPACE: frozenset({Level.ID, Level.TEAM}),
    Permission.SEE_AUDIT: TEAMS_PEOPLE | {Level.PRIVATE},
}
"""What those who have the permissions that `Case.shows` names come to know of others."""


@dataclass(frozen=True)
class Case:
    """A method that acts for somebody: on what, who may, and for whom it shows what is others'.

    `spends` is for what changes things, so that the next visit needs others; `for_anybody` for what also those may do
    whose session has ended.
    """

    kind: Kind
    rule: Rule
    call: Callable[[Services, Actor, Any], object]
    shows: Permission | frozenset[Permission] | None = None
    spends: bool = True
    for_anybody: bool = False

    def known(self, may: frozenset[Permission]) -> frozenset[Level]:
        """What it tells of others to somebody who may so much."""
        shows = self.shows if isinstance(self.shows, frozenset) else frozenset({self.shows} if self.shows else ())
        return frozenset[Level]().union(*(SEES.get(each, frozenset()) for each in shows & may))


_TEXT = frozenset({Output.TEXT})
_UNSURE = Analysis(_TEXT, is_sure=False)
_CHATS, _KEYS = needs(Permission.CHAT), needs(Permission.MANAGE_OWN_KEYS)
_USAGE = needs(Permission.SEE_ALL_USAGE)
_CHATS_OR_KEYS = needs(Permission.CHAT, Permission.MANAGE_OWN_KEYS)
_PEOPLE, _AUDIT, _VAULT = managed(Permission.MANAGE_PEOPLE), needs(Permission.SEE_AUDIT), needs(Permission.MANAGE_VAULT)
_PICTURE = ImagePart(Blob("0" * 64, "image/png", 1), "a.png", 1, 1)
_DECISION = Decision("d", "u", Task.CODE, "openai/gpt-4o", Chooser.FIXED, datetime(2026, 11, 29, tzinfo=UTC))
_UNANSWERED = Message("a", "b", 1, Author.ASSISTANT, (), MessageStatus.COMPLETE, datetime(2026, 1, 1, tzinfo=UTC))
_MODEL, _MODELS = "openai/gpt-4o", needs(Permission.MANAGE_MODELS)
_OPEN = Lists(models=("*",))
_SESSIONS, _TOKENS = (
    (Permission.MANAGE_OWN_SESSIONS, Permission.MANAGE_PEOPLE),
    (Permission.MANAGE_OWN_TOKENS, Permission.MANAGE_PEOPLE),
)


def _choice(services: Services, actor: Actor, picked: str | None = None) -> Any:
    return services.chat.choice(actor, services.preferences.load(actor), picked=picked, history=[])


def _missing(may: frozenset[Permission], owner: Owner) -> Outcome:
    outcome = _CHATS(may, owner)
    return Outcome.MISSING if outcome is Outcome.ALLOWED else outcome


def _share(services: Services, actor: Actor, owner: KeyOwner, owner_id: str) -> object:
    return services.keys.add_shared(actor, owner, owner_id, "anthropic", KEY)


def _asked_for_a_video(services: Services, actor: Actor, provider: str) -> object:
    job = services.videos.start(actor, f"{provider}/small", VideoRequest("gears"))
    job.taken.exception(20)  # the provider makes none, and only so many may be in progress
    return job.video.model


def _added_and_removed(services: Services, actor: Actor) -> object:
    model = services.registry.add_model(actor, provider="openai", name=f"of-{actor.user_id[:8]}")
    services.registry.remove_model(actor, model.id)
    return model


def _with_side(conversation_id: str) -> Comparison:
    return Comparison("", "", False, datetime.now(UTC), (Side(conversation_id, "a/b"),))


def _nothing(
    rule: Rule,
    call: Callable[[Services, Actor], object],
    shows: Permission | frozenset[Permission] | None = None,
) -> Case:
    return Case(Kind.NOTHING, rule, lambda s, a, _: call(s, a), shows, spends=False)


def _looks(
    kind: Kind, rule: Rule, call: Callable[[Services, Actor, Any], object], shows: Permission | None = None
) -> Case:
    return Case(kind, rule, call, shows, spends=False)


def _flag(services: Services, actor: Actor) -> object:
    return services.flag_parts.admin.get(actor, "mcp")


def _flag_saved(services: Services, actor: Actor) -> object:
    return services.flag_parts.admin.save(actor, services.flag_parts.admin.get(actor, "mcp"))


_FLAGS = needs(Permission.MANAGE_FLAGS)
_OF_FLAGS = {
    "FlagService.list": _nothing(_FLAGS, lambda s, a: len(s.flag_parts.admin.list(a))),
    "FlagService.get": _nothing(_FLAGS, _flag),
    "FlagService.is_own": _nothing(_FLAGS, lambda s, a: s.flag_parts.admin.is_own(a, "mcp")),
    "FlagService.units": _nothing(_FLAGS, lambda s, a: s.flag_parts.admin.units(a, "mcp")),
    "FlagService.is_operators": _nothing(_FLAGS, lambda s, a: s.flag_parts.admin.is_operators(a, "mcp")),
    "FlagService.save": _nothing(_FLAGS, _flag_saved),
    "FlagService.set_state": _nothing(
        _FLAGS, lambda s, a: s.flag_parts.admin.set_state(a, "mcp", FlagState.ON, "because")
    ),
    "FlagService.revert": _nothing(_FLAGS, lambda s, a: s.flag_parts.admin.revert(a, "mcp", 0, "because")),
    "FlagService.history": _nothing(_FLAGS, lambda s, a: len(s.flag_parts.admin.history(a))),
    "FlagService.context_of": _nothing(_FLAGS, lambda s, a: s.flag_parts.admin.context_of(a, a.user_id)),
    "FlagService.evaluate_for": _nothing(
        _FLAGS, lambda s, a: s.flag_parts.admin.evaluate_for(a, declared()["mcp"], FlagContext()).variant
    ),
    "FlagService.reach": _nothing(_FLAGS, lambda s, a: len(s.flag_parts.admin.reach(a))),
    "FlagService.try_again": _nothing(
        senseless(_FLAGS), lambda s, a: s.flag_parts.admin.try_again(a, "mcp", "none", "because")
    ),
    "Guardrails.of": _nothing(_FLAGS, lambda s, a: s.flag_parts.guardrails.of(a, declared()["mcp"])),
    "FlagEffects.of": _nothing(_FLAGS, lambda s, a: s.flag_parts.effects.of(a, declared()["mcp"], 7)),
    "FlagService.stale": _nothing(_FLAGS, lambda s, a: s.flag_parts.admin.stale(a)),
}
_CHAT = {
    "PreferenceService.load": _nothing(_CHATS, lambda s, a: s.preferences.load(a)),
    "PreferenceService.save": _nothing(_CHATS, lambda s, a: s.preferences.save(a, advanced=True)),
    "PreferenceService.toggle_favourite": _nothing(_CHATS, lambda s, a: s.preferences.toggle_favourite(a, "a/b")),
    "PreferenceService.remember_recent": _nothing(_CHATS, lambda s, a: s.preferences.remember_recent(a, "a/b")),
    "Connections.endpoints": _nothing(_CHATS, lambda s, a: s.connections.endpoints(a)),
    "Connections.models": _nothing(_CHATS, lambda s, a: s.connections.models(a)),
    "Connections.allowed": _nothing(_CHATS, lambda s, a: s.connections.allowed(a)),
    "Connections.kept_back": _nothing(_CHATS, lambda s, a: s.connections.kept_back(a)),
    "Connections.nothing_usable": _nothing(_CHATS, lambda s, a: s.connections.nothing_usable(a)),
    "Connections.default_model": _nothing(_CHATS, lambda s, a: s.connections.default_model(a, None)),
    "Connections.look_again": _nothing(_CHATS, lambda s, a: s.connections.look_again(a)),
    "Connections.endpoint": _looks(
        Kind.CONNECTION,
        uses_connection,
        lambda s, a, it: s.connections.endpoint(a, it.id),
        Permission.MANAGE_SHARED_KEYS,
    ),
    "Connections.test_model": _looks(
        Kind.CONNECTION,
        uses_connection,
        lambda s, a, it: s.connections.test_model(a, it),
        Permission.MANAGE_SHARED_KEYS,
    ),
    "Connections.resolve": _looks(
        Kind.CONNECTION, uses_model, lambda s, a, it: s.connections.resolve(a, f"{it.provider}/small")
    ),
    "CallService.models": _nothing(_CHATS, lambda s, a: s.calls.models(a)),
    "CallService.model": _looks(Kind.CONNECTION, uses_model, lambda s, a, it: s.calls.model(a, f"{it.provider}/small")),
    "CallService.candidates": _looks(
        Kind.CONNECTION,
        uses_model,
        lambda s, a, it: s.calls.candidates(a, f"{it.provider}/small", [], Sampling(), {}),
    ),
    "CallService.operation": _looks(
        Kind.CONNECTION,
        uses_model,
        lambda s, a, it: s.calls.operation(a, f"{it.provider}/small", EmbeddingRequest(("a",)))[1].model,
    ),
    "VideoService.start": Case(Kind.CONNECTION, uses_model, lambda s, a, it: _asked_for_a_video(s, a, it.provider)),
    "VideoService.video": _looks(Kind.VIDEO, own_chat, lambda s, a, it: s.videos.video(a, it)),
    "VideoService.delete": Case(Kind.VIDEO, own_chat, lambda s, a, it: s.videos.delete(a, it)),
    "Registry.search": _nothing(_CHATS, lambda s, a: s.registry.search(a, ModelQuery())),
    "Registry.ids": _nothing(_CHATS, lambda s, a: s.registry.ids(a)),
    "Registry.card": _nothing(_CHATS, lambda s, a: s.registry.card(a, _MODEL)),
    "Registry.usability": _nothing(_CHATS, lambda s, a: s.registry.usability(a, _MODEL)),
    "Registry.usabilities": _nothing(_CHATS, lambda s, a: s.registry.usabilities(a, [])),
    "Registry.providers": _nothing(_CHATS, lambda s, a: s.registry.providers(a)),
    "Registry.capabilities": _nothing(_CHATS, lambda s, a: s.registry.capabilities(a)),
    "Registry.set_enabled": _nothing(_MODELS, lambda s, a: s.registry.set_enabled(a, _MODEL, True)),
    "Registry.add_model": _nothing(_MODELS, lambda s, a: s.registry.add_model(a, provider="openai", name="mine")),
    "Registry.remove_model": Case(Kind.NOTHING, _MODELS, lambda s, a, _: _added_and_removed(s, a)),
    "ReliabilityService.status": _nothing(_MODELS, lambda s, a: s.reliability.status(a)),
    "ModelCheck.estimate": _looks(
        Kind.CONNECTION, uses_model, lambda s, a, it: s.model_check.estimate(a, f"{it.provider}/small")
    ),
    "ModelCheck.check": _looks(
        Kind.CONNECTION, uses_model, lambda s, a, it: s.model_check.check(a, f"{it.provider}/small")
    ),
    "ConnectionCheck.run": _looks(
        Kind.CONNECTION, uses_connection, lambda s, a, it: s.connection_check.run(a, it), Permission.MANAGE_SHARED_KEYS
    ),
    "ChatService.choice": _nothing(_CHATS, _choice),
    "ChatService.conversations": _nothing(_CHATS, lambda s, a: s.chat.conversations(a)),
    "ChatService.conversation": _looks(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.conversation(a, it)),
    "ChatService.window": _looks(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.window(a, it)),
    "ChatService.previews": _looks(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.previews(a, it, [_PICTURE])),
    "ChatService.file": _looks(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.file(a, it, _PICTURE.blob)),
    "AttachedFiles.look": _looks(
        Kind.CONVERSATION, own_chat, lambda s, a, it: s.attached_files.look(a, it, TextFilePart("a.md", "Hi", 2))
    ),
    "ChatService.rename": Case(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.rename(a, it, "Mine")),
    "ChatService.delete": Case(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.delete(a, it)),
    "ChatService.live": _looks(Kind.CONVERSATION, _CHATS, lambda s, a, it: s.chat.live(a, it)),
    "ChatService.waiting": _nothing(_CHATS, lambda s, a: s.chat.waiting(a)),
    "ChatService.decide": _looks(  # nothing waits there
        Kind.CONVERSATION,
        senseless(own_chat),
        lambda s, a, it: s.chat.decide(a, it, "call", Approval.ONCE),
    ),
    "ChatService.agree": _looks(  # nothing waits there
        Kind.CONVERSATION,
        senseless(own_chat),
        lambda s, a, it: s.chat.agree(a, it, "model-1", None),
    ),
    "ChatService.consents": _looks(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.consents(a, it)),
    "ChatService.withdraw": Case(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.withdraw(a, it, "fetch_page")),
    "SavedReplies.save": _looks(Kind.CONVERSATION, own_chat, lambda s, a, it: s.saved_replies.save(a, it, 2, Form.ZIP)),
    "ChatService.send": Case(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.send(a, it, "Hi", _choice(s, a))),
    "ChatService.retry": Case(Kind.CONVERSATION, own_chat, lambda s, a, it: s.chat.retry(a, it, _choice(s, a))),
    "ChatService.edit": _looks(  # there is no such prompt
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.chat.edit(a, it, "message", "Hi", _choice(s, a))
    ),
    "FeedbackService.thumbs": _nothing(_CHATS, lambda s, a: s.feedback.thumbs(a, [])),
    "FeedbackService.thumb": _looks(  # there is no such answer
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.feedback.thumb(a, it, "message", Thumb(False))
    ),
    "FeedbackService.copied": _looks(
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.feedback.copied(a, it, "message")
    ),
    "FeedbackService.note": _nothing(_CHATS, lambda s, a: s.feedback.note(a, _UNANSWERED, Signal.COPIED)),
    "Redoing.again": _looks(
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.chats.redoing.again(a, it, "message")
    ),
    "Redoing.edit": _looks(
        Kind.CONVERSATION,
        senseless(own_chat),
        lambda s, a, it: s.chats.redoing.edit(a, it, "message", "Hi", picked=None),
    ),
    "Redoing.prompt_of": _looks(
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.chats.redoing.prompt_of(a, it, "message")
    ),
    "Redoing.before": _looks(
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.chats.redoing.before(a, it, "message")
    ),
    "Redoing.others": _looks(
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.chats.redoing.others(a, it, "message")
    ),
    "Comparing.start": _nothing(_CHATS, lambda s, a: s.comparing.start(a, "Hi", SCRIPTED, is_blind=False).id),
    "Comparing.start_from": _looks(
        Kind.CONVERSATION, own_chat, lambda s, a, it: s.comparing.start_from(a, it, SCRIPTED, is_blind=False).id
    ),
    "Comparing.ask_again": _looks(  # it has no such side; so below
        Kind.COMPARISON, senseless(own_chat), lambda s, a, it: s.comparing.ask_again(a, it, "side")
    ),
    "Comparing.get": _looks(Kind.COMPARISON, own_chat, lambda s, a, it: s.comparing.get(a, it).id),
    "Comparing.recent": _nothing(_CHATS, lambda s, a: s.comparing.recent(a)),
    "Comparing.of_conversation": _looks(
        Kind.CONVERSATION, own_chat, lambda s, a, it: s.comparing.of_conversation(a, it)
    ),
    "Comparing.said": _looks(Kind.CONVERSATION, own_chat, lambda s, a, it: s.comparing.said(a, _with_side(it))),
    "Comparing.stop": _looks(Kind.COMPARISON, own_chat, lambda s, a, it: s.comparing.stop(a, it)),
    "Comparing.judge": _looks(
        Kind.COMPARISON, senseless(own_chat), lambda s, a, it: s.comparing.judge(a, it, Verdict.BETTER, "side")
    ),
    "Comparing.go_on": _looks(Kind.COMPARISON, senseless(own_chat), lambda s, a, it: s.comparing.go_on(a, it, "side")),
    "Comparing.delete": Case(Kind.COMPARISON, own_chat, lambda s, a, it: s.comparing.delete(a, it)),
    "Comparing.estimate": _nothing(_CHATS, lambda s, a: s.comparing.estimate(a, SCRIPTED)),
    "Habits.suggested": _nothing(_CHATS, lambda s, a: s.chats.habits.suggested(a, _DECISION)),
    "ReplyParts.makers": _nothing(_CHATS, lambda s, a: s.reply_parts.makers(a, Action.DRAW)),
    "ReplyParts.answer": _looks(  # nothing waits there
        Kind.CONVERSATION, senseless(_CHATS), lambda s, a, it: s.reply_parts.answer(a, it, "plan-1", None)
    ),
    "ReplyParts.edited": _looks(  # nothing waits there
        Kind.CONVERSATION, senseless(_CHATS), lambda s, a, it: s.reply_parts.edited(a, it, _PLAN, Changes())
    ),
    "ReplyParts.read_aloud": _looks(  # there is no such answer
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.reply_parts.read_aloud(a, it, "message")
    ),
    "ReplyParts.correct": _looks(  # there is no such answer
        Kind.CONVERSATION,
        senseless(own_chat),
        lambda s, a, it: s.reply_parts.correct(a, it, "message", frozenset({Output.TEXT})),
    ),
    "ReplyParts.again": _looks(  # there is no such part
        Kind.CONVERSATION, senseless(own_chat), lambda s, a, it: s.reply_parts.again(a, it, "message", "step")
    ),
    "Routing.draft": _looks(
        Kind.CONVERSATION,
        own_chat,
        lambda s, a, it: s.routing.draft(a, "Hello", it, Wishes(), Preferences()),
    ),
    "Routing.is_on": _nothing(_CHATS, lambda s, a: s.routing.is_on(a)),
    "Routing.instead": _looks(
        Kind.CONNECTION, uses_model, lambda s, a, it: s.routing.instead(a, _choice(s, a), f"{it.provider}/small")
    ),
    "Experience.decision": _looks(  # a conversation is none
        Kind.CONVERSATION, _missing, lambda s, a, it: s.chats.experience.decision(a, it)
    ),
    "Experience.standings": _nothing(_CHATS, lambda s, a: s.chats.experience.standings(a)),
    "Experience.reset": _nothing(_CHATS, lambda s, a: s.chats.experience.reset(a)),
    "Routing.explain": _nothing(_CHATS, lambda s, a: s.routing.explain(a, _DECISION)),
    "Understanding.understand": _nothing(_CHATS, lambda s, a: s.understanding.understand(a, "Paint an owl")),
    "Understanding.may_ask": _nothing(_CHATS, lambda s, a: s.understanding.may_ask(a, _UNSURE)),
    "Understanding.correct": _nothing(_CHATS, lambda s, a: s.understanding.correct(a, "Owl", frozenset(), _TEXT)),
    "Understanding.corrections": _nothing(_CHATS, lambda s, a: s.understanding.corrections(a)),
    "Understanding.forget_corrections": _nothing(_CHATS, lambda s, a: s.understanding.forget_corrections(a)),
    "AdoptionService.view": _nothing(
        needs(Permission.SEE_ALL_USAGE),
        lambda s, a: s.reports.adoption.view(a, Adoption()),
        Permission.SEE_ALL_USAGE,
    ),
    "PerformanceService.view": _nothing(
        needs(Permission.SEE_ALL_USAGE),
        lambda s, a: s.reports.performance.view(a, Question(what_if=_MODEL)),
        Permission.SEE_ALL_USAGE,
    ),
    "PerformanceService.prices": _nothing(
        needs(Permission.SEE_ALL_USAGE), lambda s, a: s.reports.performance.prices(a)
    ),
    # Not even the ids that those see elsewhere who see everybody's usage; those of teams are no secret to them.
    "ExploreService.run": _nothing(
        _USAGE, lambda s, a: s.reports.explore.run(a, "SELECT * EXCLUDE team_id FROM sign_ins").rows.rows
    ),
    "ExploreService.writes_sql": _nothing(_USAGE, lambda s, a: s.reports.explore.writes_sql(a)),
    "ExploreService.ask": _nothing(_USAGE, lambda s, a: s.reports.explore.ask(a, Picked()).rows),
    "ExploreService.values": _nothing(
        _USAGE, lambda s, a: s.reports.explore.values(a, Subject.SIGN_INS, "person", None)
    ),
    "ExploreService.sql_of": _nothing(_USAGE, lambda s, a: s.reports.explore.sql_of(a, Picked())),
    "ExploreService.topic": _nothing(_USAGE, lambda s, a: s.reports.explore.topic(a, Subject.CALLS).label),
    "ExploreService.views": _nothing(_USAGE, lambda s, a: [view.name for view in s.reports.explore.views(a)]),
    "SavedQuestions.list": _nothing(_USAGE, lambda s, a: s.reports.questions.list(a)),
    "SavedQuestions.keep": _nothing(
        _USAGE,
        lambda s, a: s.reports.questions.keep(a, "Mine", QueryKind.SQL, "SELECT 1", chart=None, shared=False).title,
    ),
    "SavedQuestions.draft": _nothing(_USAGE, lambda s, a: s.reports.questions.draft(a, "")),
    "SavedQuestions.keep_draft": _nothing(_USAGE, lambda s, a: s.reports.questions.keep_draft(a, "", "SELECT 1")),
    "SavedQuestions.find": _looks(Kind.QUESTION, own_question, lambda s, a, it: s.reports.questions.find(a, it).title),
    "SavedQuestions.rewrite": _looks(
        Kind.QUESTION, own_question, lambda s, a, it: s.reports.questions.rewrite(a, it, "SELECT 2", chart=None)
    ),
    "SavedQuestions.rename": _looks(
        Kind.QUESTION, own_question, lambda s, a, it: s.reports.questions.rename(a, it, "Mine")
    ),
    "SavedQuestions.share": _looks(
        Kind.QUESTION, own_question, lambda s, a, it: s.reports.questions.share(a, it, shared=False)
    ),
    "SavedQuestions.remove": Case(Kind.QUESTION, own_question, lambda s, a, it: s.reports.questions.remove(a, it)),
    "QualityService.view": _nothing(
        needs(Permission.SEE_ALL_USAGE),
        lambda s, a: s.reports.quality.view(a, Period.WEEK, UTC),
        Permission.SEE_ALL_USAGE,
    ),
    "UsageService.page": _nothing(
        needs(Permission.SEE_OWN_USAGE),
        lambda s, a: s.reports.usage.page(a, Period.WEEK, UsageQuestion()),
        Permission.SEE_ALL_USAGE,
    ),
    "UsageService.recent": _nothing(
        needs(Permission.SEE_OWN_USAGE), lambda s, a: s.reports.usage.recent(a, Period.WEEK)
    ),
    "BudgetService.all": _nothing(
        needs(Permission.SEE_ALL_USAGE), lambda s, a: s.reports.budgets.all(a), Permission.SEE_ALL_USAGE
    ),
    "BudgetService.beside": _nothing(
        needs(Permission.SEE_PEOPLE),
        lambda s, a: s.reports.budgets.beside(a, [(BudgetOwner.USER, a.user_id)]),
    ),
    "BudgetService.get": _nothing(
        needs(Permission.MANAGE_BUDGETS), lambda s, a: s.reports.budgets.get(a, BudgetOwner.ORGANISATION, "")
    ),
    "BudgetService.mine": _nothing(needs(Permission.SEE_OWN_USAGE), lambda s, a: s.reports.budgets.mine(a)),
    "BudgetService.set": _nothing(
        needs(Permission.MANAGE_BUDGETS),
        lambda s, a: s.reports.budgets.set(a, BudgetOwner.ORGANISATION, "", Decimal(100)),
    ),
    "BudgetService.remove": _nothing(
        needs(Permission.MANAGE_BUDGETS), lambda s, a: s.reports.budgets.remove(a, BudgetOwner.ORGANISATION, "")
    ),
    "UsageService.mine": _nothing(
        needs(Permission.SEE_OWN_USAGE),
        lambda s, a: s.reports.usage.mine(a, Period.WEEK, UTC),
    ),
}
_OF_KEYS = {
    "KeyService.shelf": _nothing(_CHATS_OR_KEYS, lambda s, a: s.keys.shelf(a)),
    "KeyService.warnings": _nothing(_CHATS_OR_KEYS, lambda s, a: s.keys.warnings(a)),
    "KeyService.shared": _nothing(
        needs(Permission.MANAGE_SHARED_KEYS), lambda s, a: s.keys.shared(a), Permission.MANAGE_SHARED_KEYS
    ),
    "KeyService.add": _nothing(_KEYS, lambda s, a: s.keys.add(a, "anthropic", KEY)),
    "KeyService.add_server": _nothing(_KEYS, lambda s, a: s.keys.add_server(a, "Box", "http://127.0.0.1:1", KEY)),
    "KeyService.add_shared": Case(
        Kind.SHARER, managed(Permission.MANAGE_SHARED_KEYS), lambda s, a, it: _share(s, a, *it)
    ),
    "KeyService.add_shared_server": Case(
        Kind.SHARER,
        managed(Permission.MANAGE_SHARED_KEYS),
        lambda s, a, it: s.keys.add_shared_server(a, *it, label="Box", base_url="http://127.0.0.1:1", key=KEY),
    ),
    "KeyService.versions": _looks(
        Kind.CONNECTION, changes_key, lambda s, a, it: s.keys.versions(a, it.secret_id), Permission.MANAGE_SHARED_KEYS
    ),
    "KeyService.rotate": Case(
        Kind.CONNECTION,
        changes_key,
        lambda s, a, it: s.keys.rotate(a, it.secret_id, KEY),
        Permission.MANAGE_SHARED_KEYS,
    ),
    "KeyService.fall_back": Case(
        Kind.CONNECTION, changes_key, lambda s, a, it: s.keys.fall_back(a, it.secret_id), Permission.MANAGE_SHARED_KEYS
    ),
    "KeyService.revoke": Case(
        Kind.CONNECTION, changes_key, lambda s, a, it: s.keys.revoke(a, it.secret_id, 1), Permission.MANAGE_SHARED_KEYS
    ),
    "KeyService.set_expiry": Case(
        Kind.CONNECTION,
        changes_key,
        lambda s, a, it: s.keys.set_expiry(a, it.secret_id, None),
        Permission.MANAGE_SHARED_KEYS,
    ),
    "KeyService.remove": Case(
        Kind.CONNECTION, changes_key, lambda s, a, it: s.keys.remove(a, it.secret_id), Permission.MANAGE_SHARED_KEYS
    ),
    "KeyService.disconnect": Case(
        Kind.CONNECTION, changes_key, lambda s, a, it: s.keys.disconnect(a, it.id), Permission.MANAGE_SHARED_KEYS
    ),
    "KeyService.remove_all": Case(
        Kind.OWNER,
        own_or_all(Permission.MANAGE_OWN_KEYS, Permission.MANAGE_PEOPLE),
        lambda s, a, it: s.keys.remove_all(a, *it),
    ),
    "UserSeals.exists": _nothing(_KEYS, lambda s, a: s.user_seals.exists(a)),
    "UserSeals.is_unlocked": _nothing(_KEYS, lambda s, a: s.user_seals.is_unlocked(a)),
    "UserSeals.create": Case(Kind.NOTHING, _KEYS, lambda s, a, _: s.user_seals.create(a, PASSPHRASE)),
    "UserSeals.lock": _nothing(_KEYS, lambda s, a: s.user_seals.lock(a)),
    "UserSeals.unlock": _looks(Kind.SEAL, _KEYS, lambda s, a, _: s.user_seals.unlock(a, PASSPHRASE)),
    "UserSeals.change": _looks(Kind.SEAL, _KEYS, lambda s, a, _: s.user_seals.change(a, PASSPHRASE, PASSPHRASE)),
    "UserSeals.discard": Case(Kind.SEAL, _KEYS, lambda s, a, _: s.user_seals.discard(a)),
    "VaultAdmin.keks": _nothing(_VAULT, lambda s, a: s.vault_admin.keks(a)),
    "VaultAdmin.rotation": _nothing(_VAULT, lambda s, a: s.vault_admin.rotation(a)),
    "VaultAdmin.history": _nothing(_VAULT, lambda s, a: s.vault_admin.history(a)),
    "VaultAdmin.rotate": _nothing(_VAULT, lambda s, a: s.vault_admin.rotate(a)),
}
_ACCESS = {
    "Sessions.list": _looks(
        Kind.PERSON, own_or_all(*_SESSIONS), lambda s, a, it: s.sessions.list(a, it), Permission.MANAGE_PEOPLE
    ),
    "Sessions.revoke": Case(Kind.SESSION, own_or_found(*_SESSIONS), lambda s, a, it: s.sessions.revoke(a, it)),
    "Sessions.revoke_all": Case(Kind.PERSON, own_or_all(*_SESSIONS), lambda s, a, it: s.sessions.revoke_all(a, it)),
    "Sessions.sign_out": Case(
        Kind.NOTHING, lambda _may, _owner: Outcome.ALLOWED, lambda s, a, _: s.sessions.sign_out(a), for_anybody=True
    ),
    "Tokens.list": _looks(
        Kind.PERSON, own_or_all(*_TOKENS), lambda s, a, it: s.tokens.list(a, it), Permission.MANAGE_PEOPLE
    ),
    "Tokens.all": _nothing(needs(Permission.MANAGE_PEOPLE), lambda s, a: s.tokens.all(a), Permission.MANAGE_PEOPLE),
    "Tokens.revoke": Case(Kind.TOKEN, own_or_found(*_TOKENS), lambda s, a, it: s.tokens.revoke(a, it)),
    "Tokens.create": _looks(
        Kind.PERSON,
        for_whom,
        lambda s, a, it: s.tokens.create(a, "Mine", [Permission.CHAT], person_id=it),
        Permission.MANAGE_PEOPLE,
    ),
    "People.list": _nothing(_PEOPLE, lambda s, a: s.people.list(a), Permission.MANAGE_PEOPLE),
    "People.find": _looks(Kind.PERSON, _PEOPLE, lambda s, a, it: s.people.find(a, it), Permission.MANAGE_PEOPLE),
    "People.set_roles": Case(
        Kind.PERSON, _PEOPLE, lambda s, a, it: s.people.set_roles(a, it, [Role.ANALYST]), Permission.MANAGE_PEOPLE
    ),
    "People.deactivate": Case(
        Kind.PERSON, _PEOPLE, lambda s, a, it: s.people.deactivate(a, it), Permission.MANAGE_PEOPLE
    ),
    "People.activate": _looks(
        Kind.PERSON, _PEOPLE, lambda s, a, it: s.people.activate(a, it), Permission.MANAGE_PEOPLE
    ),
    "People.forget": Case(Kind.PERSON, forgets, lambda s, a, it: s.people.forget(a, it), Permission.MANAGE_PEOPLE),
    "AccessRules.all": _nothing(_PEOPLE, lambda s, a: s.access_rules.all(a), Permission.MANAGE_PEOPLE),
    "AccessRules.of": _nothing(_PEOPLE, lambda s, a: s.access_rules.of(a, RuleOwner.USER, a.user_id)),
    "AccessRules.known": _nothing(_PEOPLE, lambda s, a: s.access_rules.known(a, Thing.TOOLS)),
    "AccessRules.usable": _looks(
        Kind.PERSON, _PEOPLE, lambda s, a, it: s.access_rules.usable(a, it), Permission.MANAGE_PEOPLE
    ),
    "AccessRules.preview": _nothing(_PEOPLE, lambda s, a: s.access_rules.preview(a, RuleOwner.ORGANISATION, "", _OPEN)),
    "AccessRules.set": Case(
        Kind.PERSON,
        _PEOPLE,
        lambda s, a, it: s.access_rules.set(a, RuleOwner.USER, it, _OPEN),
        Permission.MANAGE_PEOPLE,
    ),
    "Teams.list": _nothing(_PEOPLE, lambda s, a: s.teams.list(a), Permission.MANAGE_PEOPLE),
    "Teams.mine": _nothing(_CHATS, lambda s, a: s.teams.mine(a)),
    "Teams.create": _nothing(_PEOPLE, lambda s, a: s.teams.create(a, f"Team of {a.user_id}")),
    "Teams.rename": Case(Kind.TEAM, _PEOPLE, lambda s, a, it: s.teams.rename(a, it, f"Now of {it}")),
    "Teams.delete": Case(Kind.TEAM, _PEOPLE, lambda s, a, it: s.teams.delete(a, it)),
    "Teams.add": Case(Kind.TEAM, _PEOPLE, lambda s, a, it: s.teams.add(a, it, a.user_id)),
    "Teams.remove": Case(Kind.TEAM, needs(Permission.MANAGE_PEOPLE), lambda s, a, it: s.teams.remove(a, it, a.user_id)),
}
_NOW = AuditCursor(datetime.max.replace(tzinfo=UTC), "", 0)
_OF_AUDIT = {
    "OverviewService.look": _nothing(needs(Permission.SEE_METRICS), lambda s, a: s.overview.look(a)),
    "Metrics.exposition": _nothing(needs(Permission.SEE_METRICS), lambda s, a: s.metrics.exposition(a, "")),
    "AuditService.search": _nothing(_AUDIT, lambda s, a: s.audit.search(a, AuditFilter()), Permission.SEE_AUDIT),
    "AuditService.seek": _nothing(_AUDIT, lambda s, a: s.audit.seek(a, AuditFilter(), _NOW), Permission.SEE_AUDIT),
    "AuditService.status": _nothing(_AUDIT, lambda s, a: s.audit.status(a)),
    "AuditService.verify_now": _nothing(_AUDIT, lambda s, a: s.audit.verify_now(a)),
    "AuditService.last_verified": _nothing(_AUDIT, lambda s, a: s.audit.last_verified(a)),
    "AuditService.export": _nothing(_AUDIT, lambda s, a: s.audit.export(a, io.BytesIO())),
    "AuditService.public_key": _nothing(_AUDIT, lambda s, a: s.audit.public_key(a)),
}
_TOOLS = needs(Permission.MANAGE_TOOLS)


def _manages_tools_in_vain(may: frozenset[Permission], _owner: object) -> Outcome:
    """Who may is told that it is not possible with this: nothing listens there, or the operator does not allow it."""
    return Outcome.SENSELESS if Permission.MANAGE_TOOLS in may else Outcome.REFUSED


def _asks_in_vain(may: frozenset[Permission], _owner: object) -> Outcome:
    """Who may is told that nothing listens there."""
    return Outcome.SENSELESS if Permission.CHAT in may else Outcome.REFUSED


def _at_server(act: Callable[[ToolServers, Actor, str], object]) -> Callable[[Services, Actor], object]:
    """What somebody does to a tool server that is there."""

    def call(services: Services, actor: Actor) -> object:
        servers = services.tools.servers
        added = _added_server(services, OPERATOR)
        try:
            return act(servers, actor, added.id)
        finally:
            if any(each.id == added.id for each in servers.all(OPERATOR)):
                servers.remove(OPERATOR, added.id)

    return call


def _at_prompts(act: Callable[[ServerContents, Actor, str], object]) -> Callable[[Services, Actor], object]:
    """What somebody does with the prompts of a server that is trusted."""

    def call(services: Services, actor: Actor) -> object:
        def acted(servers: ToolServers, actor: Actor, server_id: str) -> object:
            servers.trust(OPERATOR, server_id, [ListedTool(PROMPTS)])
            return act(services.tools.contents, actor, server_id)

        return _at_server(acted)(services, actor)

    return call


def _added_server(services: Services, actor: Actor) -> ToolServer:
    name = f"m{uuid.uuid4().hex[:10]}"
    return services.tools.servers.add_address(actor, name=name, label="", url="http://127.0.0.1:1/mcp", token=KEY)


def _tried_out(services: Services, actor: Actor) -> object:
    context = ToolContext(actor)
    return services.tools.shelf.try_out(actor, "calculator", {"expression": "1"}, context, agreed=True).result(20)


_OF_TOOLS = {
    "ToolServers.all": _nothing(_TOOLS, lambda s, a: len(s.tools.servers.all(a))),
    "ToolServers.add_address": _nothing(_TOOLS, lambda s, a: _added_server(s, a).kind),
    "ToolServers.add_program": _nothing(
        _manages_tools_in_vain, lambda s, a: s.tools.servers.add_program(a, name="m", label="", command="true")
    ),
    "ToolServers.check": _nothing(_manages_tools_in_vain, _at_server(lambda t, a, it: t.check(a, it))),
    "ToolServers.offer": _nothing(_TOOLS, _at_server(lambda t, a, it: t.offer(a, it, team_id=None, is_on=False))),
    "ToolServers.replace_secret": _nothing(_TOOLS, _at_server(lambda t, a, it: t.replace_secret(a, it, None))),
    "ToolServers.trust": _nothing(_TOOLS, _at_server(lambda t, a, it: t.trust(a, it, []))),
    "ToolServers.distrust": _nothing(_TOOLS, _at_server(lambda t, a, it: t.distrust(a, it, []))),
    "ToolServers.remove": _nothing(_TOOLS, _at_server(lambda t, a, it: t.remove(a, it))),
    "ToolShelf.tools": _nothing(_CHATS, lambda s, a: [tool.name for tool in s.tools.shelf.tools(a)]),
    "ToolShelf.cards": _nothing(_CHATS, lambda s, a: [card.tool.name for card in s.tools.shelf.cards(a)]),
    "ToolShelf.try_out": _nothing(_CHATS, _tried_out),
    "ServerContents.with_prompts": _nothing(_CHATS, lambda s, a: len(s.tools.contents.with_prompts(a))),
    "ServerContents.resources": _nothing(_CHATS, lambda s, a: s.tools.contents.resources(a, "calculator")),
    "ServerContents.prompts": _nothing(_asks_in_vain, _at_prompts(lambda c, a, it: c.prompts(a, it))),
    "ServerContents.prompt": _nothing(_asks_in_vain, _at_prompts(lambda c, a, it: c.prompt(a, it, "p", {}))),
    "ToolShelf.rule": _nothing(_TOOLS, lambda s, a: s.tools.shelf.rule(a, "calculator", Role.MEMBER, None)),
    "ToolShelf.turn": _nothing(_TOOLS, lambda s, a: s.tools.shelf.turn(a, "calculator", on=True)),
}
_EVIDENCE = needs(Permission.EXPORT_EVIDENCE)
_OF_EVIDENCE = {
    "EvidenceService.write": _nothing(_EVIDENCE, lambda s, a: s.evidence.write(a, io.BytesIO()).files),
}
_REPORTS = needs(Permission.MANAGE_REPORTS)
_MONDAYS: Any = {"label": "Leads", "team_id": None, "weekday": 0, "hour": 8}
_NOBODY_LISTENS = "jsons://127.0.0.1:1/in"


def _reports_in_vain(may: frozenset[Permission], _owner: object) -> Outcome:
    """Who may is told that nothing listens there."""
    return Outcome.SENSELESS if Permission.MANAGE_REPORTS in may else Outcome.REFUSED


def _at_report(act: Callable[[ReportService, Actor, str], object]) -> Callable[[Services, Actor], object]:
    """What somebody does to a report that is there; one is enough for all, as checking an address takes a while."""

    def call(services: Services, actor: Actor) -> object:
        reports = services.reports.weekly
        if not (cards := reports.list(OPERATOR)):
            reports.add(OPERATOR, address=_NOBODY_LISTENS, **_MONDAYS)
            cards = reports.list(OPERATOR)
        return act(reports, actor, cards[0].schedule.id)

    return call


_OF_REPORTS = {
    "ReportService.list": _nothing(_REPORTS, lambda s, a: len(s.reports.weekly.list(a))),
    "ReportService.teams": _nothing(_REPORTS, lambda s, a: s.reports.weekly.teams(a), Permission.MANAGE_REPORTS),
    "ReportService.add": _nothing(
        _REPORTS, lambda s, a: s.reports.weekly.add(a, address=_NOBODY_LISTENS, **_MONDAYS).weekday
    ),
    "ReportService.change": _nothing(_REPORTS, _at_report(lambda r, a, it: r.change(a, it, **_MONDAYS))),
    "ReportService.change_address": _nothing(
        _REPORTS, _at_report(lambda r, a, it: r.change_address(a, it, _NOBODY_LISTENS))
    ),
    "ReportService.pause": _nothing(_REPORTS, _at_report(lambda r, a, it: r.pause(a, it))),
    "ReportService.resume": _nothing(_REPORTS, _at_report(lambda r, a, it: r.resume(a, it))),
    "ReportService.preview": _looks(
        Kind.TEAM, managed(Permission.MANAGE_REPORTS), lambda s, a, it: s.reports.weekly.preview(a, it).letter,
        Permission.MANAGE_REPORTS,
    ),
    "ReportService.send_now": _nothing(_reports_in_vain, _at_report(lambda r, a, it: r.send_now(a, it))),
    "ReportService.remove": _nothing(_REPORTS, _at_report(lambda r, a, it: r.remove(a, it))),
}  # fmt: skip
_ALERTS, _EVENING = needs(Permission.MANAGE_ALERTS), datetime(2100, 1, 1, 18, tzinfo=UTC)


def _at_no_alert(act: Callable[[AlertService, Actor, str], object]) -> Callable[[Services, Actor], object]:
    """Nothing fires here; alerts are nobody's, so there is no foreign one that could look like a missing one."""

    def call(services: Services, actor: Actor) -> object:
        try:
            return act(services.alert_parts.inbox, actor, "none")
        except NotFound as error:
            raise GearboxError(str(error)) from None

    return call


def _alerts_in_vain(may: frozenset[Permission], _owner: object) -> Outcome:
    """Who may is told that nothing listens there, or that nothing fires."""
    return Outcome.SENSELESS if Permission.MANAGE_ALERTS in may else Outcome.REFUSED


def _channel(services: Services) -> str:
    """One that is there; one is enough for all, as checking an address takes a while."""
    settings = services.alert_parts.settings
    if not (cards := settings.channels(OPERATOR)):
        settings.add_channel(OPERATOR, label="Ops", form=ChannelForm.SIGNED, address="https://127.0.0.1:1/in")
        cards = settings.channels(OPERATOR)
    return cards[0].channel.id


def _silenced(services: Services, actor: Actor) -> str:
    silences = services.alert_parts.settings
    until = _EVENING + timedelta(hours=1)
    return silences.silence(actor, starts_at=_EVENING, ends_at=until, why="matrix").id


def _rule_kept(services: Services, actor: Actor) -> None:
    settings = services.alert_parts.settings
    settings.change_rule(actor, settings.rules(OPERATOR)[0])


_OF_ALERTS = {
    "AlertService.count": _nothing(_ALERTS, lambda s, a: s.alert_parts.inbox.count(a)),
    "AlertService.open": _nothing(_ALERTS, lambda s, a: s.alert_parts.inbox.open(a)),
    "AlertService.history": _nothing(_ALERTS, lambda s, a: s.alert_parts.inbox.history(a)),
    "AlertService.get": _nothing(_alerts_in_vain, _at_no_alert(lambda inbox, a, it: inbox.get(a, it))),
    "AlertService.acknowledge": _nothing(_alerts_in_vain, _at_no_alert(lambda inbox, a, it: inbox.acknowledge(a, it))),
    "AlertService.test_fire": _nothing(_ALERTS, lambda s, a: s.alert_parts.inbox.test_fire(a, "disk-low")),
    "AlertSettings.rules": _nothing(_ALERTS, lambda s, a: len(s.alert_parts.settings.rules(a))),
    "AlertSettings.change_rule": _nothing(_ALERTS, _rule_kept),
    "AlertSettings.channels": _nothing(_ALERTS, lambda s, a: len(s.alert_parts.settings.channels(a))),
    "AlertSettings.add_channel": _nothing(
        _ALERTS,
        lambda s, a: (
            s.alert_parts.settings.add_channel(
                a, label="Mine", form=ChannelForm.SIGNED, address="https://127.0.0.1:1/in"
            )[0].form
        ),
    ),
    "AlertSettings.change_channel": _nothing(
        _ALERTS,
        lambda s, a: s.alert_parts.settings.change_channel(
            a, _channel(s), least=Severity.CRITICAL, is_escalation=False, is_on=True
        ),
    ),
    "AlertSettings.test_channel": _nothing(
        _alerts_in_vain, lambda s, a: s.alert_parts.settings.test_channel(a, _channel(s))
    ),
    "AlertSettings.remove_channel": _nothing(
        _ALERTS, lambda s, a: s.alert_parts.settings.remove_channel(a, _channel(s))
    ),
    "AlertSettings.silences": _nothing(_ALERTS, lambda s, a: len(s.alert_parts.settings.silences(a))),
    "AlertSettings.silence": _nothing(_ALERTS, lambda s, a: len(_silenced(s, a))),
    "AlertSettings.end_silence": _nothing(
        _ALERTS, lambda s, a: s.alert_parts.settings.end_silence(a, _silenced(s, OPERATOR))
    ),
}
_WORKSPACE = needs(Permission.MANAGE_WORKSPACE)


def _announced(services: Services, actor: Actor) -> Announcement:
    """By this actor; the operator takes it away again, so that there are never too many."""
    made = services.workspace.admin.announce(actor, Draft("Mind the matrix."))
    services.workspace.admin.remove(OPERATOR, made.id)
    return made


def _on_announcement(
    act: Callable[[WorkspaceService, Actor, Announcement], object],
) -> Callable[[Services, Actor], None]:
    """What somebody does to an announcement that is there."""

    def call(services: Services, actor: Actor) -> None:
        admin = services.workspace.admin
        made = admin.announce(OPERATOR, Draft("Mind the matrix."))
        try:
            act(admin, actor, made)
        finally:
            if made.id in {each.id for each in admin.announcements(OPERATOR)}:
                admin.remove(OPERATOR, made.id)

    return call


def _maintained(services: Services, *, planned_by: Actor, ended_by: Actor) -> None:
    """Tomorrow, so that it keeps no visitor out."""
    admin, begins = services.workspace.admin, datetime.now(UTC) + timedelta(days=1)
    admin.hold_maintenance(planned_by, "", starts_at=begins, ends_at=begins + timedelta(hours=1))
    admin.end_maintenance(ended_by)


def _dismissed(services: Services, actor: Actor) -> None:
    made = services.workspace.admin.announce(OPERATOR, Draft("Mind the matrix."))
    try:
        services.workspace.notices.dismiss(actor, made.id)
    finally:
        services.workspace.admin.remove(OPERATOR, made.id)


_OF_WORKSPACE = {
    "WorkspaceService.announcements": _nothing(_WORKSPACE, lambda s, a: s.workspace.admin.announcements(a)),
    "WorkspaceService.teams": _nothing(
        _WORKSPACE, lambda s, a: s.workspace.admin.teams(a), Permission.MANAGE_WORKSPACE
    ),
    "WorkspaceService.announce": _nothing(_WORKSPACE, lambda s, a: _announced(s, a).kind),
    "WorkspaceService.change": _nothing(
        _WORKSPACE, _on_announcement(lambda w, a, it: w.change(a, it.id, Draft("Mind it."), version=it.version))
    ),
    "WorkspaceService.end": _nothing(_WORKSPACE, _on_announcement(lambda w, a, it: w.end(a, it.id))),
    "WorkspaceService.remove": _nothing(_WORKSPACE, _on_announcement(lambda w, a, it: w.remove(a, it.id))),
    "WorkspaceService.put_back": _nothing(
        _WORKSPACE, _on_announcement(lambda w, a, it: w.put_back(a, w.end(OPERATOR, it.id)))
    ),
    "WorkspaceService.maintenance": _nothing(_WORKSPACE, lambda s, a: s.workspace.admin.maintenance(a)),
    "WorkspaceService.hold_maintenance": _nothing(
        _WORKSPACE, lambda s, a: _maintained(s, planned_by=a, ended_by=OPERATOR)
    ),
    "WorkspaceService.end_maintenance": _nothing(
        _WORKSPACE, lambda s, a: _maintained(s, planned_by=OPERATOR, ended_by=a)
    ),
    "Notices.shown_to": _nothing(_CHATS, lambda s, a: s.workspace.notices.shown_to(a)),
    "Notices.dismiss": _nothing(_CHATS, _dismissed),
}


def _kept_in_vain(may: frozenset[Permission], _owner: object) -> Outcome:
    """Who may is told that there is no such rule, hold or receipt."""
    return Outcome.SENSELESS if Permission.MANAGE_RETENTION in may else Outcome.REFUSED


def _of_none(act: Callable[[RetentionParts, Actor, str], object]) -> Case:
    """Something that is done with what is not there: nobody has a thing of this kind that others could be told of."""

    def call(services: Services, actor: Actor) -> object:
        try:
            return act(services.retention, actor, "never-was")
        except NotFound as error:
            raise GearboxError(str(error)) from None

    return _nothing(_kept_in_vain, call)


_KEEPS = needs(Permission.MANAGE_RETENTION)
_OF_RETENTION = {
    "RetentionRules.list": _nothing(_KEEPS, lambda s, a: len(s.retention.rules.list(a))),
    "RetentionRules.preview": _nothing(_KEEPS, lambda s, a: s.retention.rules.preview(a, "sign_ins", 90)),
    "RetentionRules.set": _nothing(_KEEPS, lambda s, a: s.retention.rules.set(a, "sign_ins", 90).days),
    "RetentionRules.clear": _of_none(lambda parts, a, it: parts.rules.clear(a, it)),
    "HoldService.list": _nothing(_KEEPS, lambda s, a: len(s.retention.holds.list(a))),
    "HoldService.find": _of_none(lambda parts, a, it: parts.holds.find(a, it)),
    "HoldService.waiting": _nothing(_KEEPS, lambda s, a: s.retention.holds.waiting(a)),
    "HoldService.place": _of_none(lambda parts, a, it: parts.holds.place(a, HoldScope.PERSON, it, "Case 7", "because")),
    "HoldService.release": _of_none(lambda parts, a, it: parts.holds.release(a, it)),
    "HoldService.export": _of_none(lambda parts, a, it: parts.holds.export(a, it, io.BytesIO())),
    "ReceiptService.list": _nothing(_KEEPS, lambda s, a: len(s.retention.receipts.list(a).receipts)),
    "ReceiptService.find": _of_none(lambda parts, a, it: parts.receipts.find(a, it)),
}
CASES: dict[str, Case] = (
    _OF_RETENTION
    | _OF_WORKSPACE
    | _OF_ALERTS
    | _CHAT
    | _OF_KEYS
    | _ACCESS
    | _OF_AUDIT
    | _OF_EVIDENCE
    | _OF_TOOLS
    | _OF_REPORTS
    | _OF_FLAGS
)

_ASKED = "what services ask; it decides for them"
_DOOR = "before anybody is known; tests/access and tests/matrix/test_routes.py go through the door"
_FILES = "page sessions and their files, behind the door; tests/matrix/test_files.py"
NOBODYS = {
    "Notices.for_anybody": "what the sign-in page shows: announcements for everybody",
    "Notices.keeping_out": "whether there is maintenance, in memory; whoever was let in before is asked",
    "Alerts.tell": "parts of Gearbox tell of themselves",
    "AlertParts.wake": "begins a round of the evaluator; tells nothing",
    "Routing.to_send": "of a conversation that ChatService.send has looked for among the person's",
    "Routing.choose": "of a prompt that somebody has read; resolved among their models",
    "Routing.for_call": "of a request that CallService.candidates is asked about",
    "CallService.leave_to": "puts parts together when the server starts",
    **dict.fromkeys(
        ("Flags.is_on", "Flags.asks", "Flags.require", "Flags.is_operators", "Flags.client"),
        "what services ask of whoever was let in before",
    ),
    "Guardrails.look": "for the background: rolls back, and tells nobody but the hook of who put the parts together",
    "Routing.load": "reads what was learned of models, when the server starts",
    "Connections.known_to_lists": "ids of the packaged list",
    "Connections.offered_to": "for AccessRules.usable, which has asked whether somebody manages people",
    "Routing.needs_yes": "arithmetic with a decision that somebody has",
    "Understanding.fingerprint": "arithmetic with a prompt that somebody has",
    "Understanding.ask": "a call of the person's whose prompt it is, resolved among their models",
    "Services.actor": _DOOR,
    "Services.readiness": "what /readyz shows to everybody",
    "Services.interrupt": "ends what runs when the server stops",
    "AdoptionService.status": "how the warehouse does: no person's data",
    "PerformanceService.status": "how the warehouse does: no person's data",
    "ReportService.zone": "the workspace's time zone: no person's data",
    "ExploreService.warm": "starts what a question would, and asks nothing that somebody sees",
    "QualityService.status": "how the warehouse does: no person's data",
    "UsageService.status": "how the warehouse does: no person's data",
    "UsageService.zone": "the time zone of the workspace",
    "PerformanceService.zone": "the time zone of the workspace",
    "QualityService.zone": "the time zone of the workspace",
    "Registry.typical_cost": "arithmetic with a card that somebody has",
    "Registry.load": "reads the catalogue for everybody",
    "Connections.prices_of": "what the list says of a model, for the gateway's books",
    "Connections.contexts": "what the server of an endpoint says of its models' sizes, for whoever has the endpoint",
    "Connections.listed": "what the server of an endpoint listed, for whoever has the endpoint",
    "Connections.silences": "which endpoints and models do not answer, by ids that only who has them knows",
    "CallService.perform": "goes on with an operation that somebody was given",
    "CallService.stream": "goes on with candidates that somebody was given",
    "CallService.aclose": "closes connections when the server stops",
    **dict.fromkeys(
        ("CallService.at_hand", "Connections.at_hand"), "where the answer lies; who asks for it is asked who they are"
    ),
    **dict.fromkeys(("VideoService.interrupt", "VideoService.close"), "ends what runs when the server stops"),
    "VaultAdmin.close": "stops what runs here",
    "VaultAdmin.resume_interrupted": "takes up what the process before began",
    **dict.fromkeys(
        (
            "Access.may",
            "Access.called",
            "Access.require",
            "Access.require_open",
            "Access.require_own",
            "Access.note_refusal",
        ),
        _ASKED,
    ),
    **dict.fromkeys(("Lockout.check", "Lockout.failed", "Lockout.succeeded", "RateLimit.check"), _DOOR),
    **dict.fromkeys(("SignIn.actor", "SignIn.admit", "SignIn.at_hand", "SignIn.begin"), _DOOR),
    **dict.fromkeys(("Tokens.at_hand", "Tokens.authenticate"), _DOOR),
    **dict.fromkeys(("Sessions.begin", "Sessions.check", "Sessions.is_known", "Sessions.require_recent"), _DOOR),
    **dict.fromkeys((f"Holdings.{name}" for name in ("bind", "hold", "drop", "pages_of", "is_of", "may_open")), _FILES),
}
"""Methods that act for nobody, and why."""
