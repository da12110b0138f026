import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A row of docs/requirements.md. `state` is its whole cell: `partly (footing)`. */
export type Requirement = { id: string; says: string; state: string };

/** A test whose name carries requirements, `[R17, R44]`. */
export type Proof = { file: string; name: string; requirements: string[] };

/** The requirements in the table of docs/requirements.md, in its order. */
export function readRequirements(markdown: string): Requirement[] {
  return [...markdown.matchAll(/^\| (R\d+) \| (.+) \| .+ \| (.+) \|$/gm)].map(
    ([, id = '', says = '', state = '']) => ({ id, says, state }),
  );
}

// The first argument of test(...), it(...), describe(...) and of test.each(...)(...). What is skipped proves nothing.
const testName =
  /(?:\b(?:test|it|describe)(?:\.(?!skip\b|todo\b)\w+)*|\))\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;

/** The tests of a file whose names carry requirements. */
export function readProofs(file: string, source: string): Proof[] {
  return [...source.matchAll(testName)].flatMap(([, , name = '']) => {
    const marks = [...name.matchAll(/\[(R\d+(?:, ?R\d+)*)\]/g)];
    const requirements = marks.flatMap(([, ids = '']) => ids.split(/, ?/));
    return requirements.length > 0 ? [{ file, name, requirements }] : [];
  });
}

/** What is claimed and not proved: `done` without a test, and a test for a requirement there is none of. */
export function faults(requirements: Requirement[], proofs: Proof[]): string[] {
  const known = new Set(requirements.map(({ id }) => id));
  const proved = new Set(proofs.flatMap((proof) => proof.requirements));
  return [
    ...requirements
      .filter(({ id, state }) => state === 'done' && !proved.has(id))
      .map(
        ({ id }) =>
          `${id} is marked done, and no test proves it. Add a test named [${id}], or change its state.`,
      ),
    ...proofs.flatMap(({ file, name, requirements: named }) =>
      named
        .filter((id) => !known.has(id))
        .map((id) => `${file}: “${name}” names ${id}, which is not in docs/requirements.md.`),
    ),
  ];
}

/** The table for people: each requirement with its state, then the tests that prove it. */
export function report(requirements: Requirement[], proofs: Proof[]): string {
  const rows = requirements.map(({ id, says, state }) => {
    const tests = proofs.filter((proof) => proof.requirements.includes(id));
    const lines = tests.map(({ file, name }) => `        ${file}: ${name}`);
    return [`${id.padEnd(5)} ${state.padEnd(44)} ${says}`, ...lines].join('\n');
  });
  const count = (state: string) => requirements.filter((row) => row.state.startsWith(state)).length;
  const sum = `${requirements.length} requirements: ${count('done')} done, ${count('partly')} partly, ${count('planned')} planned.`;
  return [...rows, '', sum].join('\n');
}

function main(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const requirements = readRequirements(readFileSync(`${root}/docs/requirements.md`, 'utf8'));
  const files = globSync('{src,test,rulebook}/**/*.test.ts', { cwd: root }).sort();
  const proofs = files.flatMap((file) => readProofs(file, readFileSync(`${root}/${file}`, 'utf8')));
  process.stdout.write(`${report(requirements, proofs)}\n`);
  const found = faults(requirements, proofs);
  for (const fault of found) process.stderr.write(`${fault}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
