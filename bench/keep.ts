import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const path = join(import.meta.dirname, 'results.md');

/** How results begin: by which command they were made, on which day, on which machine. */
export function madeBy(command: string): string {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  return `Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}`;
}

/** The median of some numbers, the higher of the two in the middle; 0 of none. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Prints a section of results (its first line is its heading, `## ...`) and, if asked, keeps it in results.md. */
export function tell(section: string, keep: boolean): void {
  process.stdout.write(section);
  if (keep) keepResults(section);
}

// In the place of the section with the same heading, or at the end.
function keepResults(section: string): void {
  const headed = (part: string) => part.split('\n', 1)[0];
  const kept = readFileSync(path, 'utf8').split(/\n(?=## )/);
  const at = kept.findIndex((part) => headed(part) === headed(section));
  const parts = at === -1 ? [...kept, section] : kept.with(at, section);
  writeFileSync(path, `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`);
}
