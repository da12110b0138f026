import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A running service with a data folder of its own: the example, unless its environment says otherwise. */
export type Service = {
  url: string;
  dataFolder: string;
  /** What the service has said on its console. */
  said(): string;
  stop(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/** Starts the service as `npm start` does in the end, on a free port of loopback. `stop` ends it and removes its data. */
export async function startService(more: Record<string, string> = {}): Promise<Service> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'chirograph-service-'));
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', CHIROGRAPH_DATA: dataFolder, ...more };
  const child = spawn(process.execPath, ['src/main/server.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(dataFolder, { recursive: true, force: true });
  };
  let heard = '';
  const hear = (text: Buffer) => {
    heard += text.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  try {
    await ready(child, () => heard);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://localhost:${port}`, dataFolder, said: () => heard, stop };
}

function ready(child: ChildProcess, said: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      if (said().includes('Chirograph is at')) resolve();
    });
    child.on('exit', (code) => reject(new Error(`The service ended with ${code}:\n${said()}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
