import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

// The house, lowest floor first. A folder imports only folders before it in this list.
const floors = [
  'platform',
  'ledger',
  'rulebook',
  'pipeline',
  'organisations',
  'agreements',
  'requests',
  'releases',
  'overview',
  'backup',
  'main',
];

/** The files through which a folder may be entered from another one. */
const doors = /^(index|rules|cli|pages)\.ts$/;

/** What only platform's own floor may be: pure code reads no file, no clock, no database. */
const impure = /^(node:(fs|http|net|child_process)|pg|kysely)/;

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');

type Import = { from: string; to: string };

/** Every import and re-export of a file, as paths within src; packages keep their names. Biome keeps the form. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const named = [
    ...text.matchAll(/^(?:import|export)\s[^;]*?from '([^']+)';|^import '([^']+)';|import\('([^']+)'\)/gm),
  ];
  return named.map(([, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? '';
    const to = target.startsWith('.') ? relative(source, resolve(source, dirname(file), target)) : target;
    return { from: file, to };
  });
}

/** What is wrong with one import, in words; null for nothing. */
function faultOf({ from, to }: Import): string | null {
  if (/\.(test|fixture)\.ts$/.test(from)) return null;
  if (/\.(test|fixture)\.ts$/.test(to) || to.startsWith('../test/')) return 'a test is not for the product';
  const isPure = from.startsWith('platform/pure/');
  if ((isPure || from.endsWith('/rules.ts')) && impure.test(to))
    return 'pure code reads nothing from outside';
  const [here = '', there = ''] = [from.split('/')[0], to.split('/')[0]];
  if (!floors.includes(here) || !floors.includes(there) || here === there) return null;
  if (floors.indexOf(there) > floors.indexOf(here)) return `${here} comes before ${there}`;
  const rest = to.slice(there.length + 1);
  if (there === 'platform') {
    return /^http\/(?!index\.ts$)/.test(rest) ? 'platform/http is entered by its index.ts' : null;
  }
  return doors.test(rest) ? null : `${there} is entered by its index.ts or rules.ts`;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const imports = files.flatMap(importsOf);
const faults = imports.flatMap((one) => {
  const fault = faultOf(one);
  return fault === null ? [] : [`src/${one.from} imports ${one.to}: ${fault}`];
});
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.stdout.write(`${files.length} files, ${imports.length} imports, ${faults.length} out of order\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
