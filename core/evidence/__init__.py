"""Evidence for auditors: what Gearbox can prove about itself, in one dated zip."""
