"""The tables of the state database, as this release knows them.

Enumerations are plain text without CHECK constraints, so that a release can add a member without a migration.
Rows point at users by opaque id and not by foreign key: sign-in may know people that this database has not met.
`calls` are the books: they outlive the conversation they belonged to, so their ids are plain ids too.
"""

from __future__ import annotations

from data.store.tables.alerts import (
    alert_channels,
    alert_facts,
    alert_notifications,
    alert_reads,
    alert_rule_changes,
    alert_rules,
    alert_silences,
    alerts,
)
from data.store.tables.base import deployment, leases, metadata, outbox
from data.store.tables.chat import (
    blob_descriptions,
    blobs,
    calls,
    conversations,
    endpoints,
    messages,
    model_listings,
    turns,
)
from data.store.tables.comparisons import comparison_sides, comparisons
from data.store.tables.flags import flag_changes, flag_uses, flags
from data.store.tables.holds import forget_receipts, held_versions, hold_people, holds
from data.store.tables.notices import announcement_dismissals, announcements, maintenances
from data.store.tables.people import (
    access_rules,
    api_tokens,
    attempts,
    identities,
    preferences,
    prompt_corrections,
    sessions,
    team_members,
    teams,
    users,
)
from data.store.tables.registry import feature_rules, model_facts, model_overrides, model_refusals
from data.store.tables.reporting import (
    budgets,
    report_schedules,
    retention_rules,
    saved_queries,
    sign_ins,
    tool_uses,
)
from data.store.tables.routing import (
    routing_decisions,
    routing_feedback,
    routing_resets,
    routing_state,
    routing_tallies,
)
from data.store.tables.sample import sample_seedings
from data.store.tables.tools import tool_consents, tool_rules, tool_servers, tools_off, trusted_tools
from data.store.tables.trail import (
    APPEND_ONLY,
    audit_chains,
    audit_checkpoints,
    audit_deliveries,
    audit_events,
    audit_keys,
    origins,
)
from data.store.tables.vault import kek_rotations, keks, secret_versions, secrets, user_seals

__all__ = [
    "APPEND_ONLY",
    "access_rules",
    "alert_channels",
    "alert_facts",
    "alert_notifications",
    "alert_reads",
    "alert_rule_changes",
    "alert_rules",
    "alert_silences",
    "alerts",
    "announcement_dismissals",
    "announcements",
    "api_tokens",
    "attempts",
    "audit_chains",
    "audit_checkpoints",
    "audit_deliveries",
    "audit_events",
    "audit_keys",
    "blob_descriptions",
    "blobs",
    "budgets",
    "calls",
    "comparison_sides",
    "comparisons",
    "conversations",
    "deployment",
    "endpoints",
    "feature_rules",
    "flag_changes",
    "flag_uses",
    "flags",
    "forget_receipts",
    "held_versions",
    "hold_people",
    "holds",
    "identities",
    "kek_rotations",
    "keks",
    "leases",
    "maintenances",
    "messages",
    "metadata",
    "model_facts",
    "model_listings",
    "model_overrides",
    "model_refusals",
    "origins",
    "outbox",
    "preferences",
    "prompt_corrections",
    "report_schedules",
    "retention_rules",
    "routing_decisions",
    "routing_feedback",
    "routing_resets",
    "routing_state",
    "routing_tallies",
    "sample_seedings",
    "saved_queries",
    "secret_versions",
    "secrets",
    "sessions",
    "sign_ins",
    "team_members",
    "teams",
    "tool_consents",
    "tool_rules",
    "tool_servers",
    "tool_uses",
    "tools_off",
    "trusted_tools",
    "turns",
    "user_seals",
    "users",
]
