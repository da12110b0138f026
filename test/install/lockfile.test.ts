import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Package = { integrity?: string; resolved?: string; optionalDependencies?: Record<string, string> };
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
