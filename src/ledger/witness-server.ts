import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createLock } from 'node:net';
import { join } from 'node:path';
import { CannotStart } from '../platform/cannot-start.ts';
import { writeDurably } from '../platform/durably.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { makeVkey } from './note.ts';
import { longestSubmission, type Witness, witnessed, witnessing } from './witness.ts';

/**
 * Opens a witness's folder (0700): its key, made the first time under that name, and what it remembers. Only one process
 * may have it open. Throws `CannotStart`.
 */
export async function openWitness(
  folder: string,
  name: string,
  logs: Witness['logs'],
): Promise<{ witness: Witness; vkey: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await holdAlone(folder);
  const path = join(folder, 'witness.key');
  const kept = await readFile(path).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null;
    throw new CannotStart(`${path} cannot be read (${fault.code}).`);
  });
  const { privateKey } = kept ? { privateKey: createPrivateKey(kept) } : generateKeyPairSync('ed25519');
  if (!kept) await writeDurably(path, Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })));
  const vkey = makeVkey(name, privateKey, 'cosignature');
  await writeDurably(join(folder, 'vkey'), Buffer.from(`${vkey}\n`));
  return { witness: { name, privateKey, folder, logs }, vkey };
}

/** Serves a witness: `POST /add-checkpoint`, and `GET /<origin hash>/checkpoint` for whoever watches. */
export function serveWitness(witness: Witness, report: (fault: unknown) => void): Server {
  const add = witnessing(witness);
  const server = createHttpServer(async (request, response) => {
    const send = (status: number, type: string, body: string | Buffer) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    try {
      const path = request.url ?? '';
      const originHash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
      if (request.method === 'POST' && path === '/add-checkpoint') {
        const body = await readBody(request);
        if (!body) return send(400, 'text/plain', 'This is longer than any submission.\n');
        const answer = await add(body, new Date());
        return send(answer.status, answer.type, answer.body);
      }
      const checkpoint =
        request.method === 'GET' && originHash ? await witnessed(witness.folder, originHash) : null;
      return checkpoint
        ? send(200, 'text/plain; charset=utf-8', checkpoint)
        : send(404, 'text/plain', 'There is nothing here.\n');
    } catch (fault) {
      report(fault);
      return send(500, 'text/plain', 'The witness could not do this. Nothing was cosigned.\n');
    }
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5000;
  server.maxConnections = 200;
  return server;
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    parts.push(part as Buffer);
    length += (part as Buffer).length;
    if (length > longestSubmission) return null;
  }
  return Buffer.concat(parts);
}

// A name in the kernel that goes with the process: two witnesses on one folder would forget what the other cosigned.
async function holdAlone(folder: string): Promise<void> {
  await new Promise<void>((held, failed) => {
    const lock = createLock();
    lock.once('error', () => failed(new CannotStart(`Another witness has ${folder} open. Stop it first.`)));
    lock.listen(`\0chirograph-witness-${sha256Hex(Buffer.from(folder))}`, () => held());
    lock.unref();
  });
}
