import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const source = join(import.meta.dirname, '../../../test/verapdf');
const libraries = join(import.meta.dirname, '../../../build/verapdf');

/** Whether a program of others is here: what is tested with it is otherwise skipped, and says so. */
export const isMissing = (program: string): boolean => spawnSync(program, ['--version']).error !== undefined;

/** For the name of a test that needs it. */
export const saying = (missing: boolean): string => (missing ? ': skipped, it is not installed' : '');

/** Whether veraPDF cannot be had: it is Java, and Maven brings it. */
export const veraPdfIsMissing = isMissing('mvn') || isMissing('java') || !brought();

function brought(): boolean {
  if (existsSync(libraries)) return true;
  const goals = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${libraries}`];
  return spawnSync('mvn', ['-f', join(source, 'pom.xml'), ...goals], { timeout: 300_000 }).status === 0;
}

/** What veraPDF says of files: the flavour that each claims to be, whether it is, and what fails. */
export function veraPdf(files: readonly string[]): string {
  const args = ['-cp', join(libraries, '*'), join(source, 'Verify.java'), ...files];
  return execFileSync('java', args, { encoding: 'utf8', timeout: 300_000 });
}
