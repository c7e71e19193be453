"""Where a report can go: the services of Apprise that are let in, and how each address is written.

A service that is not named here is never imported, so what shows windows, starts programs or writes files is out of
reach. Of each only the options that are named may be in an address: others read files, or turn checks off.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import GearboxError

MOST_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """A service.

    Args:
        name: how it is kept.
        label: what people call it.
        schemes: what addresses of Apprise's for it begin with.
        module, plugin: of Apprise, where its part for it is.
        example: an address; how the form explains it.
        plain: those of the schemes that are not encrypted on the way.
        hosts: where the service's own web addresses lead, which are taken as they are.
        options: what may stand behind the question mark.
        has_own_host: the address names a server of somebody's own, which may be shown afterwards.
    """

    name: str
    label: str
    schemes: tuple[str, ...]
    module: str
    plugin: str
    example: str
    plain: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    options: frozenset[str] = frozenset()
    has_own_host: bool = False


_MAIL = frozenset({"from", "to", "reply", "smtp", "mode", "name"})
_TEAMS = frozenset({"api-version", "sp", "sv", "sig", "ver"})
KINDS = (
    Kind(
        "mail", "E-mail", ("mailtos", "mailto"), "email", "NotifyEmail",
        "mailtos://user:password@example.org?smtp=smtp.example.org&from=gearbox@example.org&to=team@example.org",
        plain=("mailto",), options=_MAIL,
    ),
    Kind(
        "slack", "Slack", ("slack",), "slack", "NotifySlack",
        "https://hooks.slack.com/services/T…/B…/…", hosts=("hooks.slack.com",),
    ),
    Kind(
        "teams", "Microsoft Teams", ("workflows", "workflow"), "workflows", "NotifyWorkflows",
        "https://….logic.azure.com/workflows/…/triggers/manual/paths/invoke?api-version=…&sig=…",
        hosts=("logic.azure.com", "api.powerplatform.com"), options=_TEAMS,
    ),
    Kind(
        "webhook", "Webhook", ("jsons", "json"), "custom_json", "NotifyJSON",
        "jsons://hooks.example.org/gearbox?+Authorization=Bearer%20…", plain=("json",), has_own_host=True,
    ),
    Kind(
        "discord", "Discord", ("discord",), "discord", "NotifyDiscord",
        "https://discord.com/api/webhooks/…/…", hosts=("discord.com", "discordapp.com"),
    ),
    Kind(
        "gchat", "Google Chat", ("gchat",), "google_chat", "NotifyGoogleChat",
        "https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…", hosts=("chat.googleapis.com",),
        options=frozenset({"key", "token"}),
    ),
    Kind(
        "mattermost", "Mattermost", ("mmosts", "mmost"), "mattermost", "NotifyMattermost",
        "mmosts://chat.example.org/token", plain=("mmost",), has_own_host=True,
    ),
    Kind(
        "rocketchat", "Rocket.Chat", ("rockets", "rocket"), "rocketchat", "NotifyRocketChat",
        "rockets://webhook@chat.example.org/#general", plain=("rocket",), has_own_host=True,
    ),
    Kind(
        "matrix", "Matrix", ("matrixs", "matrix"), "matrix", "NotifyMatrix",
        "matrixs://user:password@matrix.example.org/#room", plain=("matrix",), has_own_host=True,
    ),
    Kind("telegram", "Telegram", ("tgram",), "telegram", "NotifyTelegram", "tgram://bot-token/chat-id"),
    Kind("zulip", "Zulip", ("zulip",), "zulip", "NotifyZulip", "zulip://bot@organisation/token/stream"),
    Kind("webex", "Webex", ("webex", "wxteams"), "webexteams", "NotifyWebexTeams", "webex://token"),
    Kind(
        "ntfy", "ntfy", ("ntfys", "ntfy"), "ntfy", "NotifyNtfy", "ntfys://token@ntfy.example.org/topic",
        plain=("ntfy",), has_own_host=True,
    ),
    Kind(
        "gotify", "Gotify", ("gotifys", "gotify"), "gotify", "NotifyGotify", "gotifys://push.example.org/token",
        plain=("gotify",), has_own_host=True,
    ),
    Kind(
        "pagerduty", "PagerDuty", ("pagerduty",), "pagerduty", "NotifyPagerDuty", "pagerduty://integration@api-key",
    ),
    Kind(
        "opsgenie", "Opsgenie", ("opsgenie",), "opsgenie", "NotifyOpsgenie", "opsgenie://api-key",
    ),
)  # fmt: skip
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(address: str) -> Kind:
    """The service that an address leads to.

    Raises:
        GearboxError: it is none, or of a service that reports don't go to. Its words repeat nothing of the address.
    """
    scheme, host = _read(address)
    for kind in KINDS:
        known = host in kind.hosts or host.endswith(tuple(f".{each}" for each in kind.hosts))
        if scheme in kind.schemes or (scheme == "https" and host and known):
            return kind
    if scheme in {"http", "https"}:
        raise GearboxError(
            "Reports don't know what this web address takes.",
            "For a webhook of your own, begin it with jsons:// in place of https://.",
        )
    raise GearboxError("Reports can't go there.", f"They go to {', '.join(kind.label for kind in KINDS)}.")


def kind_named(name: str) -> Kind | None:
    """The service that is kept under a name; None where this release has none."""
    return _BY_NAME.get(name)


def _read(address: str) -> tuple[str, str]:
    if len(address) > MOST_CHARS or not address.isascii() or not address.isprintable() or " " in address:
        raise GearboxError(
            "That is no address: it has spaces, line breaks or unusual characters, or is very long.",
            "Write such characters as %20 and so on.",
        )
    try:
        parts = urlsplit(address)
        return parts.scheme.lower(), (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        raise GearboxError("That is no address.", "Look at the examples.") from None
