import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOn } from './command.ts';

/** The pipeline's child process that works in a data folder, held still in the middle of its work. */
export async function heldChild(dataFolder: string): Promise<number> {
  for (;;) {
    const [pid] = processesOn(join(dataFolder, 'staging')).filter((pid) =>
      runsProgram(pid, /pipeline\/child\.ts/),
    );
    if (pid !== undefined) {
      process.kill(pid, 'SIGSTOP');
      return pid;
    }
    await sleep(5);
  }
}

/** Whether a process runs a program; false once it has ended. */
export function runsProgram(pid: number, program: RegExp): boolean {
  try {
    return program.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}
