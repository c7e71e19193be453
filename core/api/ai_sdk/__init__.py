"""`/api/chat`: the Vercel AI SDK's UI message stream, so that `useChat` works with Gearbox as its backend."""
