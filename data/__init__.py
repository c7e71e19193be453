"""What Gearbox keeps, computes and learns."""
