// Whether the service on this machine is well: for a container's health check, which has no shell.
const { PORT } = process.env;

try {
  const answer = await fetch(`http://127.0.0.1:${PORT || 3000}/healthz`, {
    signal: AbortSignal.timeout(5000),
  });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
