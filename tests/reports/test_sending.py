"""Where reports can go, and that they get there: over real mail and HTTP, through the process that sends."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import Settings
from core.errors import GearboxError
from core.reports.child import Unfit, belongs_to, fit, trouble
from core.reports.letter import Letter
from core.reports.places import KINDS, Kind, kind_of
from core.reports.sending import NotSent, Sender
from tests.forking import ROOT
from tests.reports.places import MailServer, Webhook

LETTER = Letter(
    "Gearbox: 16 to 22 November 2026, everybody",
    "**16 to 22 November 2026**, everybody\n\n- **Calls:** 1,234 (+5 %)\n\n1. `a/b_c_d`: 3 calls\n",
    "<div>\n<p><strong>16 to 22 November 2026</strong>, everybody</p>\n<ul>\n<li>Calls: 1,234</li>\n</ul>\n</div>\n",
)
ADDRESSES = {
    "mail": "mailtos://user:secret@example.org?smtp=smtp.example.org&from=a@example.org&to=b@sub.example.org",
    "slack": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "teams": "https://prod-01.westus.logic.azure.com:443/workflows/643e69f83c8944438d68119179a10a64/triggers/manual/"
    "paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu-6Rj8aUKz7108W3",
    "webhook": "jsons://hooks.example.org/gearbox?+Authorization=Bearer%20abc",
    "discord": "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "gchat": "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=KKKK&token=TTTT",
    "mattermost": "mmosts://chat.example.org/3ccdd113474722377935511fc85d3dd4",
    "rocketchat": "rockets://webhook1/webhook2@chat.example.org/#general",
    "matrix": "matrixs://user:pass@matrix.example.org/#room",
    "telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "zulip": "zulip://botname@organization/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/general",
    "webex": "webex://Y2lzY29zcGFyazovL3VzL1dFQkhPT0svMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw",
    "ntfy": "ntfys://ntfy.example.org/reports",
    "gotify": "gotifys://push.example.org/tokentoken1234",
    "pagerduty": "pagerduty://A4Dj3ExampleIntegration@ApiKey1234",
    "opsgenie": "opsgenie://a7cf1f5a-1234-4cdd-9876-abcdefabcdef",
}


@pytest.fixture
def own(tmp_path: Path) -> Sender:
    """As somebody has it on their own machine."""
    return Sender(Settings(home=tmp_path))


@pytest.fixture
def shared(tmp_path: Path) -> Sender:
    """As a server that people sign in to has it."""
    return Sender(Settings(home=tmp_path, sign_in="proxy"))


def test_a_mailbox_gets_html_and_the_same_as_text(own: Sender) -> None:
    with MailServer() as server:
        address = f"mailto://127.0.0.1:{server.port}?from=gearbox@example.org&to=leads@example.org"
        assert own.check(address).shown == "…@example.org"
        own.send(address, LETTER)
    [(recipients, mail)] = server.mails
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None and text is not None
    assert recipients == ["leads@example.org"] and mail["Subject"] == LETTER.title
    assert "<strong>16 to 22 November 2026</strong>" in html.get_content()
    assert "- Calls: 1,234" in text.get_content() and "<" not in text.get_content()


def test_a_mail_server_that_lets_nobody_in_is_told_without_the_password(own: Sender) -> None:
    with MailServer(password="right") as server:
        address = f"mailto://me:{{}}@127.0.0.1:{server.port}?from=gearbox@example.org&to=leads@example.org"
        with pytest.raises(NotSent) as refusal:
            own.send(address.format("wr0ng-one"), LETTER)
        own.send(address.format("right"), LETTER)
    assert str(refusal.value) == "The mail server answered 535: the user name or password is not accepted."
    assert len(server.mails) == 1


def test_a_webhook_gets_markdown_as_json_with_its_headers(own: Sender, webhook: Webhook) -> None:
    own.send(webhook.address("token-1"), LETTER)
    [received] = webhook.received
    assert (received.title, received.text) == (LETTER.title, LETTER.markdown.rstrip())
    assert received.headers["X-Token"] == "token-1" and received.headers["User-Agent"] == "Gearbox"


def test_redirects_are_not_followed(own: Sender, webhook: Webhook) -> None:
    webhook.status, webhook.headers = 307, {"Location": f"http://127.0.0.1:{webhook.port}/elsewhere"}
    with pytest.raises(NotSent, match=re.escape("HTTP 307.")):
        own.send(webhook.address(), LETTER)
    assert [each.path for each in webhook.received] == ["/in"]


@pytest.mark.parametrize("host", ["json://127.0.0.1", "json://localhost", "json://[::1]", "jsons://2130706433"])
def test_this_machine_is_out_of_reach_where_people_sign_in(shared: Sender, webhook: Webhook, host: str) -> None:
    with pytest.raises(NotSent, match="leads to this machine"):
        shared.send(f"{host}:{webhook.port}/in", LETTER)
    assert webhook.received == []


def test_what_the_operator_lets_be_called_is_called(tmp_path: Path, webhook: Webhook) -> None:
    named = Settings(home=tmp_path, sign_in="proxy", inner_hosts=(f"127.0.0.1:{webhook.port}",))
    Sender(named).send(webhook.address(), LETTER)
    by_network = Settings(home=tmp_path, sign_in="proxy", inner_networks=("127.0.0.0/8",))
    Sender(by_network).send(webhook.address(), LETTER)
    assert len(webhook.received) == 2


@pytest.mark.parametrize(
    "scheme", ["mailtos://u:p@example.org?to=a@example.org&smtp=169.254.169.254", "jsons://10.1.2.3"]
)
def test_private_addresses_are_refused_whatever_the_protocol(shared: Sender, scheme: str) -> None:
    with pytest.raises(NotSent, match=r"leads to (a private network|the cloud's metadata service)"):
        shared.send(scheme, LETTER)


def test_proxies_of_the_environment_are_not_used(
    own: Sender, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Webhook() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        own.send(webhook.address(), LETTER)
        assert proxy.received == [] and len(webhook.received) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_takes_an_address_of_its_own(kind: Kind) -> None:
    address = ADDRESSES[kind.name]
    assert kind_of(address) is kind
    place, shown = fit(kind, address, ())
    assert type(place) is getattr(importlib.import_module(f"apprise.plugins.{kind.module}"), kind.plugin)
    assert not place.redirects and place.verify_certificate
    hosts = {"mail": "…@sub.example.org", "webhook": "hooks.example.org"}
    assert shown == hosts.get(kind.name, place.host if kind.has_own_host else "")


@pytest.mark.parametrize(
    "address",
    [
        "syslog://", "dbus://", "gnome://", "macosx://", "windows://", "glib://", "file:///etc/passwd", "growl://host",
        "exec://ls", "apprises://host/token", "https://example.org/hook", "http://hooks.slack.com/services/a/b/c",
        "https://hooks.slack.com.evil.example/services/a/b/c", "slack", "", "json://a b", "json://a\nb",
        "jsons://ü.example", "jsons://" + "a" * 3000, "https://[", "forms://host", "xmls://host", "mqtt://host",
    ],
)  # fmt: skip
def test_what_starts_programs_or_reads_files_is_no_place(own: Sender, address: str) -> None:
    with pytest.raises(GearboxError) as refusal:
        own.check(address)
    assert len(address) < 8 or address not in refusal.value.explain()


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("webhook", "verify=no"), ("webhook", "redirect=yes"), ("webhook", "method=DELETE"), ("webhook", ":a=b"),
        ("webhook", "-a=b"), ("mail", "pgp=sign"), ("mail", "pgppub=/etc/passwd"), ("mail", "cc=c@example.org"),
        ("mail", "bcc=c@example.org"), ("teams", "template=/etc/passwd"), ("discord", "template=/etc/passwd"),
        ("slack", "template=/etc/passwd"), ("ntfy", "attach=http://10.0.0.1/"), ("mattermost", "verify=no"),
    ],
)  # fmt: skip
def test_options_that_read_files_or_turn_checks_off_are_refused(kind: str, option: str) -> None:
    address = ADDRESSES[kind]
    with pytest.raises(Unfit, match="can't have the option"):
        fit(kind_of(address), f"{address}{'&' if '?' in address else '?'}{option}", ())


@pytest.mark.parametrize(
    "address",
    [
        "json://hooks.example.org/in", "mailto://u:p@example.org?to=a@example.org", "ntfy://ntfy.example.org/a",
        "mailtos://u:p@example.org?to=a@example.org&mode=insecure", "matrix://u:p@matrix.example.org/#room",
    ],
)  # fmt: skip
def test_unencrypted_ways_lead_to_this_machine_or_where_the_operator_lets_them(address: str) -> None:
    with pytest.raises(Unfit, match="unencrypted"):
        fit(kind_of(address), address, ())
    fit(kind_of(address), address, ("hooks.example.org", "example.org", "ntfy.example.org", "matrix.example.org"))


def test_one_report_has_one_place() -> None:
    for address in (
        "mailtos://u:p@example.org/a@example.org/b@example.org",
        "tgram://123456789:abcdefg_hijklmnop/1/2",
    ):
        with pytest.raises(Unfit, match="one place"):
            fit(kind_of(address), address, ())


def test_troubles_have_words_of_ours() -> None:
    assert trouble(["Failed: error=404.", "secret"], "") == "It answered HTTP 404."
    assert trouble(["(550, b'no secret')"], "") == "The mail server answered 550."
    assert trouble(["SSL: CERTIFICATE_VERIFY_FAILED host"], "") == "Its certificate is not valid."
    assert trouble(["Read timed out"], "") == "It did not answer in time."
    assert "GEARBOX_INNER_HOSTS" in trouble(["x"], "a private network")
    assert "secret" not in trouble([json.dumps("secret")], "")


def test_the_process_connects_to_nothing_that_was_not_judged_and_starts_no_programs(webhook: Webhook) -> None:
    tried = f"""
import socket, subprocess
from core.providers.address_rules import AddressRules
from core.reports.child import Guarded
Guarded(AddressRules())
def outcome(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "done"
place = ("127.0.0.1", {webhook.port})
print(outcome(lambda: socket.socket().connect(place)), outcome(lambda: socket.create_connection(place)),
      outcome(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", place)),
      outcome(lambda: socket.socket(socket.AF_UNIX).connect("/run/x")), outcome(lambda: subprocess.run(["true"])))
"""
    ran = subprocess.run(
        [sys.executable, "-c", tried], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.split() == ["PermissionError", "OSError", "PermissionError", "PermissionError", "PermissionError"]


def test_pagerduty_is_told_which_incident_a_message_begins_or_ends(
    webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins import pagerduty

    monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, "us", f"http://127.0.0.1:{webhook.port}/enqueue")
    webhook.status = 202
    place, _ = fit(kind_of("pagerduty://integration@key"), "pagerduty://integration@key", ())
    for is_over in (False, True):
        belongs_to(place, "d3dupe", is_over=is_over)
        assert place.notify(title="Gearbox: The disk is nearly full", body="8 % is free.") is True
    told = [(each.body["dedup_key"], each.body["event_action"]) for each in webhook.received]
    assert told == [("d3dupe", "trigger"), ("d3dupe", "resolve")]
    to = "mailto://127.0.0.1?from=gearbox@example.org&to=ops@example.org"
    mailbox, _ = fit(kind_of(to), to, ())
    belongs_to(mailbox, "d3dupe", is_over=True)  # other services know no such thing
