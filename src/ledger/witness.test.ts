import { spawn } from 'node:child_process';
import { generateKeyPairSync, hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aLog } from './a-log.fixture.ts';
import { signCheckpoint } from './checkpoint.ts';
import { cosign, formatCosignature, readCosignature, verifyCosignature } from './cosignature.ts';
import { consistencyProof, emptyRoot, leafHash, subtreesOf } from './merkle.ts';
import { makeVkey, parseVkey, readLines, signNote } from './note.ts';
import { type Witness, witnessing } from './witness.ts';

const now = new Date('2026-11-22T12:00:00.000Z');
const log = aLog(40);
const fork = { ...aLog(40, 1000), origin: log.origin };
const tree = subtreesOf(log.entries.map(leafHash));
const { privateKey } = generateKeyPairSync('ed25519');
const vkey = makeVkey('witness.example/w1', privateKey, 'cosignature');
let folder: string;
let ask: (body: string | Buffer) => ReturnType<ReturnType<typeof witnessing>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'witness-'));
  restart();
});
afterEach(() => rm(folder, { recursive: true }));

/** The witness as it starts: with nothing in memory. */
function restart(): void {
  const witness: Witness = {
    name: 'witness.example/w1',
    privateKey,
    folder,
    logs: new Map([[log.origin, [log.vkey]]]),
  };
  const add = witnessing(witness);
  ask = (body) => add(Buffer.from(body), now);
}
function submission(old: number, size: number, checkpoint = log.checkpointOf(size)): string {
  const proof = old > 0 ? consistencyProof(old, size, tree) : [];
  return [`old ${old}`, ...proof.map((one) => one.toString('base64')), '', checkpoint.toString()].join('\n');
}
/** Checkpoints of the other history, by the log's own key. */
const forked = (size: number) =>
  signCheckpoint(
    {
      origin: log.origin,
      size,
      root: Buffer.from(fork.checkpointOf(size).toString().split('\n')[2] ?? '', 'base64'),
    },
    log.privateKey,
  );

describe('add-checkpoint, as c2sp.org/tlog-witness has it', () => {
  test('200: cosigns what leads on, and keeps it before it answers', async () => {
    for (const [old, size] of [
      [0, 5],
      [5, 5],
      [5, 8],
      [8, 40],
    ] as const) {
      const { status, body } = await ask(submission(old, size));
      expect(status).toBe(200);
      const [line] = readLines(body) ?? [];
      const cosignature = line && readCosignature(line);
      const text = log.checkpointOf(size).toString().split('\n\n')[0];
      const key = parseVkey(vkey, 'cosignature');
      expect(cosignature?.at).toBe(now.getTime() / 1000);
      expect(cosignature && key && verifyCosignature(`${text}\n`, cosignature, key)).toBe(true);
      const kept = await readFile(join(folder, `${hash('sha256', log.origin, 'hex')}.checkpoint`), 'utf8');
      expect(kept).toBe(log.checkpointOf(size).toString() + body);
      restart();
    }
  });

  test('200: an empty log, with a checkpoint that others have signed too', async () => {
    const empty = signCheckpoint({ origin: log.origin, size: 0, root: emptyRoot }, log.privateKey);
    const others = signNote('other\n', 'someone.else', fork.privateKey).toString().split('\n\n')[1] ?? '';
    expect((await ask(submission(0, 0, Buffer.concat([empty, Buffer.from(others)])))).status).toBe(200);
  });

  test('400: what is not a submission', async () => {
    const good = submission(0, 5);
    for (const bad of [
      '',
      'old 0\n',
      good.replace('old 0', 'old 00'),
      good.replace('old 0', 'old -1'),
      good.replace('old 0', 'old 0 '),
      good.replace('old 0', 'old 9007199254740993'),
      good.replace('\n\n', '\nAAAA\n\n'),
      good.replace('\n\n', `${`\n${Buffer.alloc(32).toString('base64')}`.repeat(64)}\n\n`),
      good.replace('\n5\n', '\n05\n'),
      good.slice(0, -1),
      `${good}more`,
      Buffer.concat([Buffer.from(good), Buffer.of(0xff)]),
      `${good}${'x'.repeat(200_000)}`,
    ])
      expect((await ask(bad)).status, String(bad).slice(0, 80)).toBe(400);
    expect((await ask(submission(0, 5).replace('old 0', 'old 6'))).status, 'old past the checkpoint').toBe(
      400,
    );
  });

  test('403: not signed by the log, or its signature is wrong', async () => {
    const good = submission(0, 5);
    expect((await ask(good.replace('\n5\n', '\n6\n'))).status).toBe(403);
    expect((await ask(submission(0, 5, aLog(5).checkpoint))).status, 'a key of the same name').toBe(403);
    const text = log.checkpointOf(5).toString().split('\n\n')[0];
    const cosigned = formatCosignature(cosign(`${text}\n`, log.origin, log.privateKey, 5));
    expect((await ask(`old 0\n\n${text}\n\n${cosigned}`)).status, 'the log’s key used as a witness’s').toBe(
      403,
    );
  });

  test('404: a log that it does not know', async () => {
    const other = signCheckpoint({ origin: 'other/log', size: 0, root: emptyRoot }, log.privateKey);
    expect((await ask(submission(0, 0, other))).status).toBe(404);
  });

  test('409: another size than the one it cosigned last, which it says', async () => {
    expect(await ask(submission(3, 5))).toEqual({ status: 409, type: 'text/x.tlog.size', body: '0\n' });
    await ask(submission(0, 20));
    expect(await ask(submission(0, 30))).toMatchObject({ status: 409, body: '20\n' });
    expect(await ask(submission(5, 10)), 'a replay of an older checkpoint').toMatchObject({
      status: 409,
      body: '20\n',
    });
  });

  test('422: another history of the same size, or a larger one; a proof that does not prove', async () => {
    await ask(submission(0, 20));
    expect((await ask(submission(20, 20, forked(20)))).status).toBe(422);
    expect((await ask(submission(20, 30, forked(30)))).status).toBe(422);
    expect((await ask(submission(20, 30).replace(/\n.{44}\n/, '\n'))).status).toBe(422);
    expect(
      (await ask(submission(20, 20).replace('\n\n', `\n${Buffer.alloc(32).toString('base64')}\n\n`))).status,
    ).toBe(422);
    const notEmpty = signCheckpoint({ origin: log.origin, size: 0, root: Buffer.alloc(32) }, log.privateKey);
    await rm(join(folder, `${hash('sha256', log.origin, 'hex')}.checkpoint`));
    expect((await ask(submission(0, 0, notEmpty))).status).toBe(422);
    expect((await ask(submission(20, 30))).status, 'forgotten by hand: from 0 again').toBe(409);
  });

  test('of many at once for one log, each sees what the one before left: nothing is rolled back', async () => {
    await ask(submission(0, 5));
    const sizes = [6, 7, 8, 20, 30, 9, 5, 40];
    const answers = await Promise.all(sizes.map((size) => ask(submission(5, size))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const restarted = answers.findIndex(({ status }) => status === 200);
    expect((await ask(submission(0, 40))).body).toBe(`${sizes[restarted]}\n`);
  });

  test('what it remembers is damaged: it cosigns nothing rather than begin again', async () => {
    await ask(submission(0, 20));
    const path = join(folder, `${hash('sha256', log.origin, 'hex')}.checkpoint`);
    for (const damaged of ['', (await readFile(path, 'utf8')).slice(0, 40)]) {
      await writeFile(path, damaged);
      await expect(ask(submission(0, 5))).rejects.toThrow('cannot be read');
    }
  });
});

describe('the witness as a process', () => {
  test('killed at any moment, it never forgets what it answered; and two on one folder are refused', {
    timeout: 120_000,
  }, async () => {
    const logFile = join(folder, 'log.vkey');
    await writeFile(logFile, `${log.vkey}\n`);
    const data = join(folder, 'data');
    let last = 0;
    for (const size of [5, 12, 20, 33]) {
      const running = await start(data, logFile);
      const answers: number[] = [];
      for (const to of [size, size + 1, size + 2]) {
        const asked = fetch(`${running.url}add-checkpoint`, { method: 'POST', body: submission(last, to) });
        if (to === size + 2) running.child.kill('SIGKILL');
        const answer = await asked.catch(() => null);
        answers.push(answer?.status ?? 0);
        if (answer?.status === 200) last = to;
      }
      expect(answers.slice(0, 2)).toEqual([200, 200]);
      await running.ended;
      const again = await start(data, logFile);
      const refused = await start(data, logFile).catch((fault: Error) => fault.message);
      expect(refused).toContain('Another witness has');
      const said = await fetch(`${again.url}add-checkpoint`, { method: 'POST', body: submission(0, 40) });
      const remembered = Number(await said.text());
      expect(said.status).toBe(409);
      expect(said.headers.get('content-type')).toBe('text/x.tlog.size');
      expect(remembered).toBeGreaterThanOrEqual(last);
      last = remembered;
      const shown = await fetch(`${again.url}${hash('sha256', log.origin, 'hex')}/checkpoint`);
      expect((await shown.text()).startsWith(`${log.origin}\n${last}\n`)).toBe(true);
      again.child.kill('SIGTERM');
      await again.ended;
    }
  });
});

async function start(data: string, logFile: string) {
  const cli = join(import.meta.dirname, '../main/cli.ts');
  const args = [cli, 'witness', '--data', data, '--name', 'w.example', '--port', '0', logFile];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((ready, failed) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text;
      if (said.includes('Its key:')) ready();
    });
    child.on('exit', () => failed(new Error(said)));
  });
  return { child, ended, url: /http:\S+/.exec(said)?.[0] ?? '' };
}
