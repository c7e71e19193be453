"""Videos for programs: jobs that go on without the request that began them (ADR 37)."""
