import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, aCommandLine, type CommandLine, processesOn } from '../support/command.ts';
import { files } from '../support/example.ts';
import { startService } from '../support/service.ts';

// Backing up and restoring as whoever keeps the service does it: by command, on this machine and on the next one.

let line: CommandLine;
let recipient: string;
const at = (name: string) => join(line.folder, name);
const on = (folder: string) => ({ CHIROGRAPH_DATA: at(folder) });

function json<T = Record<string, unknown>>(answer: Answer, exit = 0): T {
  expect(answer.exit, answer.err + answer.out).toBe(exit);
  return JSON.parse(answer.out);
}

const share = (out: string) =>
  ['share', '--as', 'westmarch-police', '--agreement', 'ISA-2026-001', '--dataset', 'stop-and-search'].concat(
    [
      '--to',
      'westmarch-opcc',
      '--purpose',
      'hold-to-account',
      '--input',
      files.stopAndSearch,
      '--out',
      at(out),
    ],
  );

const restoring = (file: string) => [
  'restore',
  at(file),
  '--identity',
  at('identity'),
  '--keys',
  at('keys.age'),
];

beforeAll(async () => {
  line = aCommandLine();
  const identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  writeFileSync(at('identity'), `# kept in a safe\n${identity}\n`);
  writeFileSync(
    at('recipients'),
    `# two who may restore\n${recipient}\n\n${await identityToRecipient(await generateX25519Identity())}\n`,
  );
  json(await line.run('example', '--json'));
  json(await line.run(...share('before'), '--json'));
});
afterAll(() => {
  expect(processesOn(line.folder)).toEqual([]);
  line.close();
});

describe('backup', () => {
  test('0: says what, how much and what is not in it; into a folder it chooses a name', async () => {
    const said = await line.run('backup', '--to', at('backup.age'), '--recipient', recipient);
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(said.out).toMatch(/Log {5}westmarch-police\/ledger\/\w+: \d+ entries/);
    expect(said.out).toMatch(
      /Backed up to .*backup\.age \(\d+\.\d MB\) in .* s: everything acknowledged before 20/,
    );
    expect(said.out).toContain('The keys are not in it');
    mkdirSync(at('backups'));
    const { backup } = json(
      await line.run('backup', '--to', at('backups'), '--recipients-file', at('recipients'), '--json'),
    );
    const [name = ''] = readdirSync(at('backups'));
    expect(name).toMatch(/^chirograph-\d{4}-\d\d-\d\dT\d{6}Z\.tar\.age$/);
    expect(backup).toMatchObject({
      path: join(at('backups'), name),
      keys: false,
      missing: [],
      files: 5,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(statSync(join(at('backups'), name)).mode & 0o777).toBe(0o600);
  });

  test('0: the keys, by themselves', async () => {
    const said = await line.run('keys', 'backup', '--to', at('keys.age'), '--recipient', recipient);
    expect(said, said.err).toMatchObject({ exit: 0 });
    expect(said.out).toContain('Keep it apart from the backups');
    expect(statSync(at('keys.age')).mode & 0o777).toBe(0o600);
  });

  test.each<[string, string[], number, string]>([
    ['nobody to encrypt to', ['--to', 'new'], 2, 'Nobody is named who could open it'],
    [
      'a recipient that is none',
      ['--to', 'new', '--recipient', 'age1garbage'],
      2,
      'age1garbage" is not an age recipient',
    ],
    ['an SSH key', ['--to', 'new', '--recipient', 'ssh-ed25519 AAAA'], 2, 'is not an age recipient'],
    [
      'a list of recipients that is not there',
      ['--to', 'new', '--recipients-file', 'nowhere'],
      4,
      'There is no file',
    ],
    ['a file that is there', ['--to', 'identity', '--recipient', 'R'], 5, 'never written over'],
    [
      'a folder that is not there',
      ['--to', 'nowhere/new', '--recipient', 'R'],
      1,
      'Its folder does not exist',
    ],
    ['a file as a folder', ['--to', 'identity/new', '--recipient', 'R'], 1, 'Its folder does not exist'],
    ['no place at all', ['--recipient', 'R'], 2, '--to'],
  ])('refuses %s', async (_, flags, exit, words) => {
    const placed = flags.map((flag) =>
      flag === 'R' ? recipient : /^(new|nowhere|identity)/.test(flag) ? at(flag) : flag,
    );
    const before = readdirSync(line.folder);
    const said = await line.run('backup', ...placed);
    expect(said.exit, said.err).toBe(exit);
    expect(said.err).toContain(words);
    expect(readdirSync(line.folder), 'nothing is left').toEqual(before);
  });

  test('a link that leads somewhere is a file that is there', async () => {
    symlinkSync(at('elsewhere'), at('link'));
    expect(await line.run('backup', '--to', at('link'), '--recipient', recipient)).toMatchObject({ exit: 5 });
    expect(existsSync(at('elsewhere'))).toBe(false);
  });

  const cannotMount = spawnSync('unshare', ['-rm', 'true']).status !== 0;
  test.skipIf(cannotMount)('a full disk: says so, and leaves nothing', async () => {
    const small = mkdtempSync(at('small-'));
    const script = `mount -t tmpfs -o size=64k tmpfs "$1" && "$2" src/main/cli.ts backup --to "$1/new" --recipient "$3"; echo "exit $?"; ls -A "$1"`;
    const said = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', small, process.execPath, recipient], {
      encoding: 'utf8',
      env: { ...process.env, CHIROGRAPH_DATA: line.dataFolder },
    });
    expect(said.stderr).toContain('There is no room left for it');
    expect(said.stdout).toBe('exit 1\n');
  });
});

describe('restore', () => {
  test('0: on a new machine the service serves, the logs are proved, what was sent verifies and more can be sent', async () => {
    const said = await line.runWith(on('next'), ...restoring('backup.age'));
    expect(said, said.err).toMatchObject({ exit: 0, err: '' });
    expect(said.out).toContain('Each log was proved from its first entry');
    expect(said.out).toContain('unless a partner holds its half');
    expect(readdirSync(at('next/checkpoints')).length).toBe(3);
    const service = await startService(on('next'));
    try {
      expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
      expect(await (await fetch(`${service.url}/register`)).text()).toContain('ISA-2026-001');
      json(await line.runWith(on('next'), ...share('after'), '--json'));
    } finally {
      await service.stop();
    }
    for (const slug of ['westmarch-police', 'westmarch-opcc']) {
      json(
        await line.runWith(
          on('next'),
          'ledger',
          'export',
          '--as',
          slug,
          '--out',
          at(`log-${slug}`),
          '--json',
        ),
      );
    }
    const paths = ['before', 'after', 'log-westmarch-police', 'log-westmarch-opcc'].map(at);
    expect(json(await line.run('verify', ...paths, '--json'))).toMatchObject({ ok: true });
  });

  test('1: a folder in which a restore was interrupted opens for nobody, and is restored by running it again', async () => {
    for (const delay of [700, 1400]) {
      const folder = `killed-${delay}`;
      const { child, ended } = line.startWith(on(folder), ...restoring('backup.age'));
      await sleep(delay);
      child.kill('SIGKILL');
      await ended;
      if (existsSync(at(`${folder}/restoring`))) {
        const opening = await line.runWith(on(folder), 'keys', 'show', '--as', 'westmarch-police');
        expect(opening).toMatchObject({ exit: 1 });
        expect(opening.err).toContain('Run the same "chirograph restore" again');
      }
      const again = await line.runWith(on(folder), ...restoring('backup.age'));
      // Killed once all was done, there is an instance, and it is not written over.
      expect([0, 5], again.err).toContain(again.exit);
      json(
        await line.runWith(
          on(folder),
          'collect',
          'REL-2026-0001',
          '--as',
          'westmarch-opcc',
          '--out',
          at(`in-${delay}`),
          '--json',
        ),
      );
    }
  });

  test('5: a backup that is older than what its logs have signed: nothing more is signed, and it says how to go on', async () => {
    json(await line.run(...share('later'), '--json'));
    const collect = ['collect', 'REL-2026-0001', '--as', 'westmarch-opcc', '--out', at('collected')];
    const destroy = ['destroy', 'REL-2026-0001', '--as', 'westmarch-opcc', '--method', 'deleted'];
    for (const command of [collect, destroy]) json(await line.run(...command, '--json'));
    cpSync(join(line.dataFolder, 'checkpoints'), at('older/checkpoints'), { recursive: true });
    cpSync(join(line.dataFolder, 'gone'), at('older/gone'));
    const kept = readdirSync(at('older/checkpoints'));
    const said = await line.runWith(on('older'), ...restoring('backup.age'), '--json');
    const { restored } = json<{ restored: { stopped: { why: string }[]; since: object } }>(said, 5);
    expect(restored.since).toEqual({ erasedAgain: 0, destroyed: ['REL-2026-0001'] });
    expect(restored.stopped.map(({ why }) => why)).toEqual(['behind', 'behind']);
    expect(readdirSync(at('older/checkpoints'))).toEqual(kept);
    const sharing = await line.runWith(on('older'), ...share('refused'));
    expect(sharing.exit).toBe(5);
    expect(sharing.err).toContain('An older copy of the database has been put back');
    expect(sharing.err).toContain('chirograph ledger continue');
    expect(existsSync(at('refused'))).toBe(false);
  });

  test('0: the last backup, beside the same checkpoints', async () => {
    json(await line.run('backup', '--to', at('last.age'), '--recipient', recipient, '--json'));
    cpSync(join(line.dataFolder, 'checkpoints'), at('newest/checkpoints'), { recursive: true });
    expect(await line.runWith(on('newest'), ...restoring('last.age'))).toMatchObject({ exit: 0 });
    json(await line.runWith(on('newest'), ...share('onwards'), '--json'));
  });

  test.each<[string, (flags: string[]) => string[], number, string]>([
    ['no file', ([verb = '', , ...rest]) => [verb, at('nowhere'), ...rest], 4, 'There is no file'],
    [
      'no identity',
      ([verb = '', file = '', , , ...rest]) => [verb, file, '--identity', at('nowhere'), ...rest],
      4,
      'There is no file',
    ],
    [
      'an identity that is none',
      ([verb = '', file = '']) => [verb, file, '--identity', at('recipients')],
      2,
      'is not an age identity',
    ],
    ['no keys', (flags) => flags.slice(0, 4), 4, 'chirograph keys backup'],
    [
      'a backup as keys',
      (flags) => [...flags.slice(0, 5), at('backup.age')],
      12,
      'it is not a backup of keys',
    ],
    [
      'keys as a backup',
      ([verb = '', , ...rest]) => [verb, at('keys.age'), ...rest],
      12,
      'it is not a backup of Chirograph',
    ],
    [
      'a file that is not age',
      ([verb = '', , ...rest]) => [verb, at('recipients'), ...rest],
      12,
      'is not an age file',
    ],
  ])('refuses %s, in words and with nothing made', async (_, change, exit, words) => {
    const said = await line.runWith(on('none'), ...change(restoring('backup.age')));
    expect(said.exit, said.err).toBe(exit);
    expect(said.err).toContain(words);
    expect(existsSync(at('none'))).toBe(false);
  });
});

describe('backup verify', () => {
  test('0: restores it elsewhere and audits it; the instance is not touched, and nothing is left', async () => {
    const temporary = at('temporary');
    mkdirSync(temporary);
    const flags = ['backup', 'verify', at('backup.age'), '--identity', at('identity')];
    const answer = json(await line.runWith({ TMPDIR: temporary }, ...flags, '--json'));
    expect(answer).toMatchObject({ ok: true, findings: [], backup: { mode: 'example', missing: [] } });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('12: a backup that was changed', async () => {
    const flags = ['backup', 'verify', at('keys.age'), '--identity', at('identity')];
    expect(await line.run(...flags)).toMatchObject({ exit: 12 });
  });
});
