import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dirname, 'results.md');

/** Puts a section (its first line is its heading, `## ...`) into results.md, in the place of the one with that heading. */
export function keepResults(section: string): void {
  const headed = (part: string) => part.split('\n', 1)[0];
  const kept = readFileSync(path, 'utf8').split(/\n(?=## )/);
  const at = kept.findIndex((part) => headed(part) === headed(section));
  const parts = at === -1 ? [...kept, section] : kept.with(at, section);
  writeFileSync(path, `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`);
}
