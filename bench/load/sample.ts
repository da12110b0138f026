import { readdirSync, readFileSync } from 'node:fs';

/** What a second of the run was like: MB of memory of the service, of its own and with PostgreSQL, and CPU seconds so far. */
export type Sample = {
  at: number;
  service: number;
  postgres: number;
  serviceCpu: number;
  postgresCpu: number;
};

const ticks = 100; // a second, on Linux

/** Looks at a process and at PostgreSQL, which is its child, in /proc. Shared memory counts once (PSS). */
export function sampleOf(pid: number): Sample {
  const own = familyOf(pid);
  const postgres = own.filter((one) => one !== pid);
  const sum = (of: (one: number) => number, list: number[]) =>
    list.reduce((total, one) => total + of(one), 0);
  return {
    at: Date.now(),
    service: megabytes(pid),
    postgres: sum(megabytes, postgres),
    serviceCpu: cpuOf(pid),
    postgresCpu: sum(cpuOf, postgres),
  };
}

function familyOf(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(statOf(Number(name))[1])]),
  );
  const family = [pid];
  for (const one of family) for (const [child, parent] of parents) if (parent === one) family.push(child);
  return family;
}

// The fields after the name, which may hold spaces: state, parent, ... 11 and 12 are user and system time, 13 and 14 of children.
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // it ended meanwhile
  }
}

function cpuOf(pid: number): number {
  const [, , , , , , , , , , , user = '0', system = '0', ofUser = '0', ofSystem = '0'] = statOf(pid);
  return (Number(user) + Number(system) + Number(ofUser) + Number(ofSystem)) / ticks;
}

function megabytes(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** How many MB a minute memory grew over the samples: the slope of the line of least squares. */
export function growth(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const count = samples.length;
  if (count < 2) return 0;
  const mean = (value: (sample: Sample) => number) =>
    samples.reduce((sum, one) => sum + value(one), 0) / count;
  const [atMean, ofMean] = [mean((one) => one.at), mean(of)];
  const over = samples.reduce((sum, one) => sum + (one.at - atMean) * (of(one) - ofMean), 0);
  const under = samples.reduce((sum, one) => sum + (one.at - atMean) ** 2, 0);
  return (over / under) * 60_000;
}
