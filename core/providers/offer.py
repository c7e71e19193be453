"""The models of one endpoint: its own list where it has one, the price list where it has none or says nothing more."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from core.providers.catalog import Catalogue
from core.providers.directory import PROVIDERS, SANDBOX, Provider
from core.providers.picker import chats_by_name, suggested
from data.values.models import Endpoint, EndpointKind, Model
from data.values.money import TokenPrice
from data.values.registry import Prices

SANDBOX_MODEL = Model(SANDBOX, "scripted", "Sandbox (scripted)", vision=True, audio=True)
_SANDBOX_OTHERS = {
    name: Model(SANDBOX, name, f"Sandbox ({name.replace('-', ' ')})")
    for name in (
        "scripted-no-tools",
        "scripted-embedding",
        "scripted-image",
        "scripted-image-2",
        "scripted-speech",
        "scripted-speech-2",
        "scripted-transcription",
        "scripted-rerank",
        "scripted-video",
    )
}

SANDBOX_NAMES = (SANDBOX_MODEL.name, *_SANDBOX_OTHERS)


class Offer:
    """Turns names that an endpoint listed (None: it was never asked, or never answered) into models."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def models(self, endpoint: Endpoint, names: Collection[str] | None) -> list[Model]:
        """The chat models to choose from, by name. Deprecated models and dated snapshots are left out."""
        if endpoint.kind is EndpointKind.SANDBOX:
            return [SANDBOX_MODEL]
        provider = _provider(endpoint)
        if provider is None:
            return [_bare(endpoint, name) for name in sorted(names or ()) if chats_by_name(name)]
        current = {model.name: model for model in self._catalogue.models_of(provider.catalogue_slug, provider.modes)}
        if names is None:
            offered = [name for name in current if name.startswith(provider.name_prefix)]
        else:
            offered = [name for name in sorted(names) if name in current or self._unlisted_chat(provider, name)]
        return [self._model(endpoint, name) for name in offered if chats_by_name(name)]

    def named(self, endpoint: Endpoint, names: Collection[str] | None, name: str) -> Model | None:
        """One model by its exact name, also one that no chat is offered, such as a dated snapshot or one that draws.

        None: no such model.
        """
        if endpoint.kind is EndpointKind.SANDBOX:
            return SANDBOX_MODEL if name == SANDBOX_MODEL.name else _SANDBOX_OTHERS.get(name)
        if names is not None:
            exists = name in names
        elif provider := _provider(endpoint):
            exists = any(self._catalogue.mode_of(slug, name) for slug in provider.catalogue_slugs)
        else:
            exists = endpoint.kind is EndpointKind.CUSTOM  # some servers list nothing: then the person knows best
        return self._model(endpoint, name) if exists else None

    def listed_chats(self) -> list[str]:
        """The ids of the current chat models of all known providers."""
        return [
            f"{slug}/{model.name}"
            for slug, provider in PROVIDERS.items()
            for model in self._catalogue.models_of(provider.catalogue_slug, provider.modes)
        ]

    def prices(self, endpoint: Endpoint, name: str) -> Prices | None:
        """All listed prices of a known provider's model, whatever it does; None where there are none."""
        provider = _provider(endpoint)
        cards = [self._catalogue.card(slug, name) for slug in provider.catalogue_slugs] if provider else []
        return next((card.prices for card in cards if card), None)

    def first(
        self,
        endpoint: Endpoint,
        names: Collection[str] | None,
        fits: Callable[[str], bool] = lambda _model_id: True,
    ) -> Model | None:
        """A sensible model to begin with, of those whose ids fit."""
        provider = _provider(endpoint)
        models = [model for model in self.models(endpoint, names) if fits(model.id)]
        return suggested(models, provider.suggested if provider else ())

    def _unlisted_chat(self, provider: Provider, name: str) -> bool:
        """Whether a live name is one the price list can't judge: newer than it, or a person's own fine-tune."""
        mode = self._catalogue.mode_of(provider.catalogue_slug, name)
        return mode is None or (name.startswith("ft:") and mode in provider.modes)

    def _model(self, endpoint: Endpoint, name: str) -> Model:
        provider = _provider(endpoint)
        known = self._catalogue.find(provider.catalogue_slug, name) if provider else None
        if provider is None or known is None:
            return _bare(endpoint, name)
        return replace(known, provider=endpoint.provider, name=name, label=name.removeprefix(provider.name_prefix))


def listed_price(catalogue: Catalogue, provider_slug: str, name: str) -> TokenPrice | None:
    """The listed price of a known provider's model; None where there is none."""
    provider = PROVIDERS.get(provider_slug)
    known = catalogue.find(provider.catalogue_slug, name) if provider else None
    return known.price if known else None


def _provider(endpoint: Endpoint) -> Provider | None:
    return PROVIDERS.get(endpoint.provider) if endpoint.kind is EndpointKind.PROVIDER else None


def _bare(endpoint: Endpoint, name: str) -> Model:
    return Model(endpoint.provider, name, name)
