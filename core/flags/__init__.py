"""Feature flags: what is behind them, who has what, and what admins do to them. Evaluated through OpenFeature."""
