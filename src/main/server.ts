import { createServer } from 'node:http';
import { startPostgres } from '../platform/postgres.ts';

// A placeholder for trying the launcher: /healthz and PostgreSQL, nothing else.
const postgres = await startPostgres({
  dataFolder: process.env['CHIROGRAPH_DATA'] ?? 'data',
  lifetime: 'service',
  report: (line) => process.stderr.write(`${line}\n`),
});
const server = createServer((_request, response) => response.end('{"status":"ok"}'));
server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
    void postgres.stop();
  });
}
