import { execFileSync, spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { madeBy, median, tell } from './keep.ts';

// Encrypting a file to an age recipient and decrypting it, from a file to a file that is on the disk, beside the `age` program and
// the library alone, interleaved, the median of the runs: npm run bench:sealing -- [--mb 1000] [--runs 3] [--folder F] [--keep]
const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
    keep: { type: 'boolean', default: false },
  },
});
const megabytes = Number(values.mb);
const work = mkdtempSync(join(values.folder, 'chirograph-bench-sealing-'));
const at = (name: string) => join(work, name);

type Took = { wall: number; cpu: number };

/** Runs a command; seconds, by the clock and of all cores together (of the user and of the system). */
function took(command: string[]): Took {
  const timed = ['-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', ...command];
  const { status, stderr } = spawnSync('bash', timed, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
  const [wall = 0, user = 0, system = 0] = stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { wall, cpu: user + system };
}

/** The same bytes each time, which nothing can compress: a cipher's, over nothing. */
async function makeFile(path: string): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const nothing = Buffer.alloc(1_000_000);
  const bytes = function* () {
    for (let made = 0; made < megabytes; made += 1) yield cipher.update(nothing);
  };
  await pipeline(bytes, createWriteStream(path, { flush: true }));
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

try {
  await makeFile(at('plain'));
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  writeFileSync(at('identity'), `${identity}\n`, { mode: 0o600 });
  execFileSync('age', ['-r', recipient, '-o', at('given.age'), at('plain')]);
  const made = (who: string, input: string, output: string, key: string) => ({
    output: at(output),
    command: [
      process.execPath,
      join(import.meta.dirname, 'sealing-work.ts'),
      who,
      at(input),
      at(output),
      key,
    ],
  });
  // What we and the library write is on the disk when they end; the program leaves that to the system.
  const program = (flags: string, input: string, output: string, then = '') => ({
    output: at(output),
    command: ['bash', '-c', `age ${flags} -o "$1" "$2" && sync "$1" ${then}`, 'bash', at(output), at(input)],
  });
  const [to, from] = [`-r ${recipient}`, `-d -i "${at('identity')}"`];
  const contenders = {
    'encrypting: chirograph, with SHA-256 of both files': made('us', 'plain', 'us.age', recipient),
    'encrypting: the age program': program(to, 'plain', 'program.age'),
    'encrypting: the age program, and sha256sum of both files': program(
      to,
      'plain',
      'sums.age',
      '&& sha256sum "$@"',
    ),
    'encrypting: the age-encryption library alone': made('library', 'plain', 'library.age', recipient),
    'decrypting: chirograph, with SHA-256 of what comes out': made('us', 'given.age', 'us', identity),
    'decrypting: the age program': program(from, 'given.age', 'program'),
    'decrypting: the age program, and sha256sum of what comes out': program(
      from,
      'given.age',
      'sums',
      '&& sha256sum "$1"',
    ),
    'decrypting: the age-encryption library alone': made('library', 'given.age', 'library', identity),
  };
  const results = new Map<string, Took[]>();
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const [what, { output, command }] of Object.entries(contenders)) {
      rmSync(output, { force: true });
      results.set(what, [...(results.get(what) ?? []), took(command)]);
    }
  }
  execFileSync('age', ['-d', '-i', at('identity'), '-o', at('read'), at('us.age')]);
  const alike = new Set(await Promise.all(['plain', 'us', 'read'].map((name) => digest(at(name)))));
  if (alike.size !== 1) throw new Error('What comes out is not what went in');

  const medianOf = (what: string, of: keyof Took) => median((results.get(what) ?? []).map((one) => one[of]));
  const lines = [...results.keys()].map((what) => {
    const ours = [...results.keys()].find((name) => name.startsWith(what.slice(0, 10))) ?? what;
    const [wall, cpu] = [medianOf(what, 'wall'), medianOf(what, 'cpu')];
    const times = (share: number) => (what === ours ? '' : `${share.toFixed(2)} x`);
    return `| ${what} | ${wall.toFixed(2)} | ${Math.round(megabytes / wall)} | ${cpu.toFixed(2)} | ${times(wall / medianOf(ours, 'wall'))} | ${times(cpu / medianOf(ours, 'cpu'))} |`;
  });
  const age = execFileSync('age', ['--version'], { encoding: 'utf8' }).trim();
  const text = [
    `## Encrypting and decrypting ${megabytes.toLocaleString('en-GB')} MB`,
    '',
    `${madeBy('npm run bench:sealing -- --keep')}, age ${age}. From a file to a file that is on the disk,`,
    `whole processes, interleaved, median of ${values.runs}. Our speed is so many times that of each of the others.`,
    '',
    '| What | s | MB/s | CPU s | Our speed | Our speed by CPU |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
    '',
  ].join('\n');
  tell(text, values.keep);
} finally {
  rmSync(work, { recursive: true, force: true });
}
