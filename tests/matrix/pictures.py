"""Gearbox's own server with another script: one that shows a picture, offers downloads and takes uploads."""

from __future__ import annotations

from pathlib import Path

from app import app

app._resolved_script_path = Path(__file__).with_name("pictures_script.py")

__all__ = ["app"]
