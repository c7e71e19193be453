"""The composition root: builds every part once, starts them in order, and stops them in reverse.

One process has one `Services`; `core.running` keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from core.access.access_rules import AccessRules
from core.access.arrival import Arrival
from core.access.gate import Gate
from core.access.holdings import Holdings
from core.access.people import People
from core.access.sessions import Sessions
from core.access.sign_in import SignIn
from core.access.teams import Teams
from core.access.tokens import Tokens
from core.access_parts import make_gate
from core.alert_parts import AlertParts, make_alerts
from core.audit.service import AuditService
from core.call_parts import make_calls, make_check, make_model_check, make_videos, run_turns
from core.calls import CallService
from core.chat.comparing import Comparing
from core.chat.composing.reply_parts import ReplyParts
from core.chat.looking import AttachedFiles
from core.chat.saving.service import SavedReplies
from core.chat.service import ChatService
from core.chat.understanding import Understanding
from core.chat_parts import ChatParts, make_chat
from core.clock import utc_now
from core.config import Settings
from core.evidence.service import EvidenceService
from core.flag_parts import FlagParts
from core.flags.flags import Flags
from core.ground import lay_ground
from core.keys import KeyService
from core.logs import REQUEST
from core.overview.service import OverviewService
from core.overview_parts import make_overview
from core.parts import (
    begin_to_warm,
    closed_on,
    gateways,
    make_connections,
    place_sandbox,
    seal_keys,
    take_precautions,
)
from core.preferences import PreferenceService
from core.providers.attempts import Attempts
from core.providers.check import ConnectionCheck
from core.providers.connections import Connections
from core.providers.connector import Connector
from core.providers.discovery import Discovery
from core.readiness import readiness_of
from core.registry.checking import ModelCheck
from core.registry.overrides import Overrides
from core.registry.service import Registry
from core.registry_parts import make_registry
from core.reliability import ReliabilityService
from core.report_parts import Reports, make_reports
from core.retention_parts import RetentionParts
from core.routing.feedback import FeedbackService
from core.routing.routing import Routing
from core.server_parts import ToolParts, make_tools
from core.telemetry.service import Metrics
from core.telemetry_parts import make_metrics
from core.tool_parts import own_tools
from core.vault.admin import VaultAdmin
from core.vault.user_seals import UserSeals
from core.videos.service import VideoService
from core.warm_up import WarmUpStep
from core.workspace_parts import WorkspaceParts, make_workspace
from data.values.actor import Actor


@dataclass(frozen=True)
class Services:
    """Everything a page or a route may ask for."""

    settings: Settings
    gate: Gate
    preferences: PreferenceService
    connections: Connections
    connection_check: ConnectionCheck
    model_check: ModelCheck
    registry: Registry
    keys: KeyService
    chats: ChatParts
    calls: CallService
    videos: VideoService
    reports: Reports
    overview: OverviewService
    reliability: ReliabilityService
    user_seals: UserSeals
    vault_admin: VaultAdmin
    audit: AuditService
    evidence: EvidenceService
    metrics: Metrics
    tools: ToolParts
    flag_parts: FlagParts
    alert_parts: AlertParts
    workspace: WorkspaceParts
    retention: RetentionParts
    readiness: Callable[[], Mapping[str, str]]
    interrupt: Callable[[], object]

    @property
    def chat(self) -> ChatService:
        """Conversations and their answers."""
        return self.chats.chat

    @property
    def reply_parts(self) -> ReplyParts:
        """Answers that are made in several parts."""
        return self.chats.reply_parts

    @property
    def saved_replies(self) -> SavedReplies:
        """Answers as files to keep."""
        return self.chats.saved

    @property
    def understanding(self) -> Understanding:
        """What prompts ask for."""
        return self.chats.understanding

    @property
    def attached_files(self) -> AttachedFiles:
        """Looks into what was attached."""
        return self.chats.attached

    @property
    def routing(self) -> Routing:
        """Which model answers, and why."""
        return self.chats.routing

    @property
    def feedback(self) -> FeedbackService:
        """What people show of answers."""
        return self.chats.feedback

    @property
    def comparing(self) -> Comparing:
        """One prompt to several models, side by side."""
        return self.chats.comparing

    @property
    def flags(self) -> Flags:
        """What is on for whom."""
        return self.flag_parts.flags

    @property
    def sign_in(self) -> SignIn:
        """Who is at the door."""
        return self.gate.sign_in

    @property
    def sessions(self) -> Sessions:
        """Browsers that are signed in."""
        return self.gate.sessions

    @property
    def people(self) -> People:
        """Everybody who was ever here."""
        return self.gate.people

    @property
    def teams(self) -> Teams:
        """People who share keys."""
        return self.gate.teams

    @property
    def access_rules(self) -> AccessRules:
        """Which models and tools people may use."""
        return self.gate.access_rules

    @property
    def tokens(self) -> Tokens:
        """How programs come in."""
        return self.gate.tokens

    @property
    def holdings(self) -> Holdings:
        """Whose page session is whose, and which files its pages show."""
        return self.gate.holdings

    def actor(self, arrival: Arrival | None = None) -> Actor:
        """The signed-in person; without an arrival the owner, in `local` mode. Raises SignedOut."""
        if arrival is None:
            return self.sign_in.actor()
        REQUEST.set(arrival.request_id)  # what a page logs is found by it, as what a program's request does
        return self.sign_in.admit(arrival)


def build(
    settings: Settings, stack: ExitStack, *, own_address: Callable[[], str], warm_up: Sequence[WarmUpStep] = ()
) -> Services:
    """Build and start every part; `stack` stops them in reverse.

    Args:
        own_address: this server's own base URL, once it is bound; the sandbox is called there over HTTP.
        warm_up: steps of the caller's that are run in the background after our own.

    Raises:
        GearboxError: something needed can't be had; nothing is left running.
    """
    ground = lay_ground(settings, stack)
    store, access, vault, trail, writer = ground.store, ground.access, ground.vault, ground.trail, ground.writer
    loop, telemetry, flags, catalogue = ground.loop, ground.telemetry, ground.flags.flags, ground.catalogue
    base = settings, access, store
    precautions, preferences = take_precautions(settings, store, flags), PreferenceService(access, store)
    discovery = Discovery(access, store, vault, precautions, settings=settings, own_address=own_address, clock=utc_now)
    keys = KeyService(access, store, vault, Connector(store, vault, discovery, settings), utc_now)
    sandbox, overrides = place_sandbox(settings, own_address, stack), Overrides(store, catalogue)
    connections = make_connections(access, store, catalogue, discovery, settings, flags, sandbox, overrides)
    new_gateway = gateways(settings, vault, sandbox, connections.prices_of, flags, watch=telemetry.call)
    attempts = Attempts(gateway := closed_on(loop, new_gateway(), stack), precautions)
    turns = run_turns(store, attempts, loop, writer, stack, traces=telemetry.traces)
    loop.submit(discovery.run())
    registry = make_registry(ground, connections, overrides, precautions)
    calls = make_calls(settings, store, connections, preferences, flags, new_gateway, precautions)
    own = own_tools(*base, stack, calls=calls, attempts=attempts, writer=writer, registry=registry)
    tools = make_tools(*base, vault, flags, own=own, loop=loop, telemetry=telemetry, stack=stack)
    chats = make_chat(*base, connections, preferences, turns, attempts, tools, registry, calls, flags, stack)
    warming = begin_to_warm(settings, warm_up, catalogue, flags=flags, registry=registry, models=chats.routing)
    reports = make_reports(*base, writer, flags, vault=vault, listed=(registry, catalogue), stack=stack)
    return Services(
        settings=settings,
        gate=(gate := make_gate(*base, keys, connections, registry, tools.shelf)),
        preferences=preferences,
        connections=connections,
        connection_check=make_check(access, connections, gateway, precautions, store=store, loop=loop),
        model_check=make_model_check(access, connections, registry, gateway, precautions, store=store, loop=loop),
        registry=registry,
        keys=keys,
        chats=chats,
        reliability=ReliabilityService(access, precautions, settings),
        calls=calls,
        videos=make_videos(access, calls, attempts, store=store, loop=loop, stack=stack),
        reports=reports,
        overview=make_overview(settings, ground, reports.budgets, precautions),
        user_seals=seal_keys(store, access, vault, gate.lockout, flags=flags),
        vault_admin=ground.vault_admin,
        audit=AuditService(access, trail, store, utc_now),
        evidence=EvidenceService(access, store, vault.ring, trail, settings=settings, clock=utc_now),
        metrics=make_metrics(settings, ground, precautions),
        tools=tools,
        flag_parts=ground.flags,
        alert_parts=make_alerts(*base, writer, trail, vault=vault, guardrails=ground.flags.guardrails, stack=stack),
        workspace=make_workspace(access, store, ground.board),
        retention=ground.retention,
        readiness=lambda: readiness_of(store, writer, trail, warming),
        interrupt=turns.interrupt,
    )
