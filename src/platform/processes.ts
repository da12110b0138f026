import { readFileSync } from 'node:fs';

/**
 * The moment a process started, in the kernel's ticks (field 22 of proc(5) stat): with its number it names one process for
 * ever, because numbers come round. `gone` where there is none.
 */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
  } catch {
    return 'gone';
  }
}
