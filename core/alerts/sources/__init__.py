"""Where observations come from: each module looks at one part of Gearbox."""
