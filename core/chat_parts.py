"""The part of the composition that answers people in the chat; `core.services` puts it together with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from core.access.access import Access
from core.call_parts import takes_no_tools
from core.calls import CallService
from core.chat.comparing import Comparing
from core.chat.composing.compositions import Ask, Compositions
from core.chat.composing.reply_parts import ReplyParts
from core.chat.describers import Describers
from core.chat.describing import Describing
from core.chat.looking import AttachedFiles
from core.chat.planning.makers import Makers
from core.chat.planning.planner import Planner
from core.chat.preparing import Preparing
from core.chat.redoing import Redoing
from core.chat.saving.service import SavedReplies
from core.chat.selection import Choice
from core.chat.service import ChatService
from core.chat.turn import TurnRunner
from core.chat.understanding import Asked, Understanding
from core.clock import utc_now
from core.config import Settings
from core.flags.capabilities import Capability as Switch
from core.flags.flags import Flags
from core.preferences import PreferenceService
from core.providers.attempts import Attempts
from core.providers.connections import Connections
from core.registry.service import Registry
from core.routing.experience import Experience
from core.routing.feedback import FeedbackService
from core.routing.habits import Habits
from core.routing.routing import Routing
from core.routing_parts import make_routing
from core.server_parts import ToolParts
from core.tools.shelf import ToolShelf
from core.tools.toolbox import Toolbox
from data.store import Store
from data.values.actor import Actor
from data.values.calls import ChosenBy
from data.values.plans import Analysis
from data.values.registry import Capability, ModelCard, ModelQuery


@dataclass(frozen=True)
class ChatParts:
    """What the chat page asks."""

    chat: ChatService
    reply_parts: ReplyParts
    saved: SavedReplies
    understanding: Understanding
    attached: AttachedFiles
    routing: Routing
    experience: Experience
    feedback: FeedbackService
    redoing: Redoing
    comparing: Comparing
    habits: Habits


def make_chat(  # noqa: PLR0917
    settings: Settings,
    access: Access,
    store: Store,
    connections: Connections,
    preferences: PreferenceService,
    turns: TurnRunner,
    attempts: Attempts,
    tools: ToolParts,
    registry: Registry,
    calls: CallService,
    flags: Flags,
    stack: ExitStack,
) -> ChatParts:
    """The chat page's services, whose models may call what is on the shelf."""
    preparing = _preparing(settings, store, connections, attempts, tools.shelf)
    makers = Makers(registry, flags.is_on)
    understanding = Understanding(
        access, store, connections, preferences, attempts, model_id=settings.understanding_model, clock=utc_now
    )
    routing, experience = make_routing(
        access, store, connections, preferences, understanding, attempts.precautions, registry, flags, stack
    )
    calls.leave_to(routing, store.routing.keep)
    compositions = Compositions(
        understanding.understand,
        Planner(makers).plan,
        calls.operation,
        partial(_picked, connections),
        patience=settings.tool_approval_seconds,
        ask=_asking(understanding, turns),
        is_on=flags.asks(Switch.MULTIMODAL_PLANNER),
    )
    own = (access, store, connections, preferences)
    chat = ChatService(
        *own,
        turns=turns,
        preparing=preparing,
        compositions=compositions,
        describing=_describing(store, connections, registry, attempts),
        routing=routing,
        patience=settings.tool_approval_seconds,
    )
    return ChatParts(
        chat,
        ReplyParts(
            *own,
            turns,
            preparing=preparing,
            compositions=compositions,
            able=makers.for_action,
            understanding=understanding,
        ),
        SavedReplies(access, store),
        understanding,
        AttachedFiles(access, store),
        routing,
        experience,
        *_judging(*own, chat),
    )


def _picked(connections: Connections, actor: Actor, model_id: str) -> Choice:
    return Choice(*connections.resolve(actor, model_id), ChosenBy.PERSON)


def _judging(
    access: Access, store: Store, connections: Connections, preferences: PreferenceService, chat: ChatService
) -> tuple[FeedbackService, Redoing, Comparing, Habits]:
    feedback = FeedbackService(access, store, utc_now)
    redoing = Redoing(access, store, connections, preferences, chat, feedback)
    comparing = Comparing(access, store, connections, preferences, chat, feedback)
    return feedback, redoing, comparing, Habits(access, store, connections, utc_now)


def _asking(understanding: Understanding, turns: TurnRunner) -> Ask:
    def ask(actor: Actor, conversation_id: str | None, prompt: str, analysis: Analysis) -> Asked | None:
        """On the loop that calls are made on, where a small model is to be asked. Blocks for some seconds."""
        if not understanding.may_ask(actor, analysis):
            return None
        return turns.wait_for(understanding.ask(actor, conversation_id, prompt, analysis))

    return ask


def _preparing(
    settings: Settings, store: Store, connections: Connections, attempts: Attempts, tools: ToolShelf
) -> Preparing:
    toolbox = Toolbox(
        tools.tools,
        steps=settings.tool_steps,
        patience=settings.tool_approval_seconds,
        budget=settings.tool_budget or None,
    )
    return Preparing(
        store,
        connections,
        toolbox,
        fallbacks=settings.fallbacks,
        takes_no_tools=takes_no_tools(attempts.precautions),
    )


def _describing(store: Store, connections: Connections, registry: Registry, attempts: Attempts) -> Describing:
    def listeners(actor: Actor) -> Sequence[ModelCard]:
        return registry.search(actor, ModelQuery(capability=Capability.TRANSCRIPTION, usable=True, limit=100)).cards

    describers = Describers(connections, listeners, registry.typical_cost)
    return Describing(store, describers, attempts, clock=utc_now)
