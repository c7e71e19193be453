"""Alerts: the rules as admins changed them, what fired, who was told, and what is silenced."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, Index, Integer, Table, Text, UniqueConstraint

from data.store.columns import HumanText, UtcDateTime
from data.store.tables.base import metadata

alert_rules = Table(
    "alert_rules",
    metadata,
    # Only those that somebody changed: the others are as the release has them.
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

alert_rule_changes = Table(
    "alert_rule_changes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    UniqueConstraint("key", "version"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("group_key", HumanText, nullable=False),  # what it is about; empty where the rule has one subject
    Column("number", Integer, nullable=False),  # the how manieth firing of this rule and group
    Column("dedupe_id", Text, nullable=False),
    Column("state", Text, nullable=False),  # "pending", "firing" or "resolved"
    Column("severity", Text, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("fired_at", UtcDateTime),
    Column("clear_since", UtcDateTime),  # since when it has been well again, while it still fires
    Column("resolved_at", UtcDateTime),
    Column("value", Double, nullable=False),
    Column("worst", Double, nullable=False),
    Column("summary", HumanText, nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    UniqueConstraint("rule", "group_key", "number"),
    UniqueConstraint("dedupe_id"),
    Index(None, "state"),
    Index(None, "fired_at"),
)

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("label", HumanText, nullable=False),
    Column("form", Text, nullable=False),  # "place" or "signed"
    Column("secret_id", Text, nullable=False),  # its address, sealed in the vault, with the key of one that is signed
    Column("least", Text, nullable=False),  # the least severity that goes there
    Column("is_escalation", Boolean, nullable=False),  # told only of what nobody acknowledges
    Column("is_on", Boolean, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("trouble", HumanText),  # why the last try failed, without the address
)

alert_notifications = Table(
    "alert_notifications",
    metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of what it tells, and where: there can be no second one
    Column("alert_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("occasion", Text, nullable=False),  # "fired", "escalated" or "resolved"
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),  # NULL: sent, or given up
    Column("claimed_until", UtcDateTime),  # a process is sending it
    Column("sent_at", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("trouble", HumanText),
    Index(None, "due_at"),
    Index(None, "alert_id"),
)

alert_silences = Table(
    "alert_silences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("form", Text, nullable=False),  # "silence" or "maintenance"
    Column("rule", Text, nullable=False),  # empty: all of them
    Column("group_key", HumanText, nullable=False),  # empty: whatever it is about
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("why", HumanText, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "ends_at"),
)

alert_reads = Table(
    "alert_reads",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("read_at", UtcDateTime, nullable=False),
)

# What other parts told of themselves: whoever evaluates the rules may be another process.
alert_facts = Table(
    "alert_facts",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("group_key", HumanText, primary_key=True),
    Column("value", Double, nullable=False),
    Column("summary", HumanText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
