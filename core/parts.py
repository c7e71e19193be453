"""Parts of the composition that have to be started, or stopped again; `core.services` puts them together.

Each takes the `ExitStack` that stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from core.access.access import Access
from core.access.lockout import Lockout
from core.audit.sinks import sinks_of
from core.audit.trail import Trail
from core.chat.understanding import load_analysis
from core.clock import utc_now
from core.config import Settings
from core.flags.capabilities import Capability
from core.flags.flags import Flags
from core.heap import set_aside
from core.home import make_home
from core.loop import BackgroundLoop
from core.periodic import Periodic
from core.providers.cache import CacheLimits, ResponseCache
from core.providers.caching_gateway import CachingGateway
from core.providers.catalog import Catalogue
from core.providers.connections import Connections
from core.providers.direct_transport import DirectTransport
from core.providers.discovery import Discovery
from core.providers.facts import Facts
from core.providers.gateway import Gateway, Watch
from core.providers.guard import AddressGuard
from core.providers.keys import key_for_call
from core.providers.learned import Learned
from core.providers.limits import Allowance, Limits
from core.providers.litellm_transport import LitellmTransport
from core.providers.metering import cost_of
from core.providers.offer import listed_price
from core.providers.precautions import Precautions
from core.providers.reply import Timeouts
from core.registry.overrides import Overrides
from core.registry.service import Registry
from core.routing.routing import Routing
from core.sandbox import SandboxPlace, serve_sandbox
from core.tools.checked import load as load_schemas
from core.vault import Vault
from core.vault.admin import VaultAdmin
from core.vault.passphrase import STRONG, Cost
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from core.vault.sweep import EVERY as SWEPT
from core.vault.user_seals import UserSeals
from core.warm_up import WarmUp, WarmUpStep
from data.learning.routing.counting import COUNTING
from data.store import OwnerId, Store, open_store
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.models import Endpoint, EndpointKind, Model, Wire
from data.values.registry import Prices
from data.warehouse.writer import WarehouseWriter


def open_state(settings: Settings, catalogue: Catalogue, stack: ExitStack) -> Store:
    """The state database, in a home that is made for it; calls that were lost are priced from the catalogue.

    Raises:
        ConfigError: an audit sink can't be used as it is set.
        WrongKek: its KEKs can't be had; it was not written to.
    """
    make_home(settings.home)
    sinks_of(settings)  # what can't be used is told before anything is made
    KekRing.require(settings, utc_now)
    store = open_store(
        settings.store_url,
        owner=OwnerId.current(),
        clock=utc_now,
        cost_of_lost=lambda provider, model, usage: cost_of(listed_price(catalogue, provider, model), usage),
        counting=COUNTING,
    )
    stack.callback(store.close)
    return store


def open_vault(settings: Settings, store: Store, access: Access, stack: ExitStack) -> tuple[Vault, VaultAdmin]:
    """The vault with what admins do to it; its keys are looked after in the background."""
    vault = Vault.open_or_create(store, settings, utc_now)
    admin = VaultAdmin(access, store, vault.ring, KekRotator(store, vault.ring, utc_now))
    stack.callback(admin.close)
    # At once: keys of the release before this one open only once they are adopted.
    stack.enter_context(Periodic("gearbox-vault-sweep", vault.sweep.step, SWEPT)).wake()
    return vault, admin


def seal_keys(
    store: Store, access: Access, vault: Vault, lockout: Lockout, *, flags: Flags, cost: Cost = STRONG
) -> UserSeals:
    """Keys sealed with a passphrase; wrong ones count like failed sign-ins, but lock only the seal."""

    def account(actor: Actor) -> str:
        return f"{actor.user_id}/seal"

    return UserSeals(
        access,
        store,
        vault,
        guard=lambda actor: lockout.check(account=account(actor), address=actor.address),
        on_failure=lambda actor: lockout.failed(actor, account=account(actor)),
        on_success=lambda actor: lockout.succeeded(account=account(actor)),
        require=lambda actor: flags.require(actor, Capability.USER_SEALED_KEYS),
        cost=cost,
    )


def keep_trail(settings: Settings, store: Store, vault: Vault, stack: ExitStack) -> Trail:
    """The audit log's checkpoints, kept going in the background."""
    trail = Trail.open(store, vault, settings, utc_now)
    stack.callback(trail.close)
    trail.start()
    return trail


def write_warehouse(settings: Settings, store: Store, stack: ExitStack) -> WarehouseWriter:
    """The one writer of the usage warehouse, running."""
    writer = WarehouseWriter(
        settings.warehouse_path, store.outbox, zone=settings.zone, rules=store.retention.all, held=store.holds.held
    )
    stack.callback(writer.close)
    writer.start()
    return writer


def place_sandbox(settings: Settings, own_address: Callable[[], str], stack: ExitStack) -> SandboxPlace:
    """Where the sandbox answers: on this server, or on a loopback port of its own where people sign in.

    Also where this server is encrypted: its certificate is for the name that people use, not for this machine.
    """
    if settings.sandbox and (settings.sign_in != "local" or own_address().startswith("https:")):
        return stack.enter_context(serve_sandbox())
    return SandboxPlace(lambda: f"{own_address()}/sandbox/v1")


def make_cache(settings: Settings) -> ResponseCache:
    """The memory for what is the same every time; all gateways of a process share it, so it is as large as was said."""
    return ResponseCache(CacheLimits(settings.cache_megabytes, settings.cache_hours * 3600.0, settings.cache_chats))


def gateways(
    settings: Settings,
    vault: Vault,
    sandbox: SandboxPlace,
    prices_of: Callable[[Endpoint, Model], Prices | None],
    flags: Flags,
    *,
    watch: Watch,
) -> Callable[[], Gateway]:
    """What makes gateways over both transports, with keys from the vault; they share one cache.

    Each belongs to the event loop that first uses it, which also has to close it.
    """
    cache = make_cache(settings)
    guard = AddressGuard.of(settings)
    if sandbox.key is not None:  # on a port of its own
        guard.allow(urlsplit(sandbox.base_url()).netloc)

    async def open_key(endpoint: Endpoint, actor: Actor, receipt: Receipt) -> str | None:
        return (
            sandbox.key
            if endpoint.kind is EndpointKind.SANDBOX
            else await key_for_call(vault, endpoint, actor, receipt)
        )

    timeouts = Timeouts(
        connect=settings.connect_timeout,
        first=settings.first_token_timeout,
        between=settings.silence_timeout,
        total=settings.answer_timeout,
    )
    return lambda: CachingGateway(
        cache,
        {Wire.OPENAI: DirectTransport(timeouts, guard=guard), Wire.LITELLM: LitellmTransport(timeouts)},
        caches=flags.asks(Capability.RESPONSE_CACHE),
        open_key=open_key,
        plain_http_hosts=settings.plain_http_hosts,
        prices_of=prices_of,
        watch=watch,
    )


def make_connections(  # noqa: PLR0917
    access: Access,
    store: Store,
    catalogue: Catalogue,
    discovery: Discovery,
    settings: Settings,
    flags: Flags,
    sandbox: SandboxPlace,
    overrides: Overrides,
) -> Connections:
    """The endpoints that each person can call, and their models."""
    return Connections(
        access,
        store,
        catalogue,
        discovery,
        settings=settings,
        sandbox_address=sandbox.base_url,
        overrides=overrides,
        plays=flags.asks(Capability.SANDBOX),
    )


def begin_to_warm(
    settings: Settings,
    steps: Sequence[WarmUpStep],
    catalogue: Catalogue,
    *,
    flags: Flags,
    registry: Registry,
    models: Routing,
) -> WarmUp:
    """What imports slow modules in the background, unless the operator wants none of that.

    Args:
        steps: the caller's, after the price list.
    """
    every = (
        ("catalogue", catalogue.load),
        *steps,
        ("flags", flags.client),
        ("registry", registry.load),
        ("models", models.load),
        ("tools", load_schemas),
        ("analysis", load_analysis),
        ("memory", set_aside),
    )
    return WarmUp.started(every if settings.warm_up else ())


def take_precautions(settings: Settings, store: Store, flags: Flags) -> Precautions:
    """What people and keys may do, and what is known about models that fail; one for the process."""
    allowance = Allowance(
        answers_per_person=settings.answers_per_person,
        calls_per_key=settings.calls_per_key,
        spend_per_person=settings.spend_per_person,
        spend_per_key=settings.spend_per_key,
    )

    def spent(since: datetime, person: str | None, key: str | None) -> Decimal:
        return store.calls.spent(since, user_id=person, secret_id=key)

    return Precautions(
        limits=Limits(allowance, spent, utc_now),
        learned=Learned(store.model_refusals),
        facts=Facts(store.model_facts),
        prompts_tools=flags.asks(Capability.PROMPTED_TOOLS),
    )


def run_loop(stack: ExitStack) -> BackgroundLoop:
    """The loop that turns run on."""
    loop = BackgroundLoop()
    stack.callback(loop.close)
    return loop


def closed_on(loop: BackgroundLoop, gateway: Gateway, stack: ExitStack) -> Gateway:
    """The gateway, which belongs to the loop and will be closed on it."""
    stack.callback(lambda: loop.submit(gateway.aclose()).result(5))
    return gateway
