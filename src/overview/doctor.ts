import type { LogTrouble } from '../ledger/index.ts';
import { type Config, isLoopback } from '../platform/config.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { counted } from '../platform/pure/words.ts';

/** What the doctor looks at, gathered by `doctor-facts.ts`. */
export type Facts = {
  mode: 'example' | 'live';
  config: Pick<Config, 'host' | 'proxies' | 'databaseUrl' | 'dataFolder'>;
  now: Instant;
  node: string;
  /** Files and folders that others than their owner can read or write, by path. */
  readable: string[];
  /** Whether the last checkpoints lie on the disk of the database, as far as is known. */
  sameDisk: boolean;
  lastBackup: Instant | null;
  /** Seconds that the oldest act waits for the ledger. */
  waited: number;
  /** Seconds by which the database's clock is ahead of this machine's. */
  skew: number;
  database: { superuser: boolean; encrypted: boolean; remote: boolean };
  bodies: readonly {
    slug: string;
    administrators: number;
    approvers: number;
    /** The names of people who have a password and no authenticator app. */
    withoutApp: readonly string[];
    trouble: LogTrouble | null;
  }[];
};

/** Something that is not safe. `do`: put it right; `know`: what is left, which only the operator can weigh. */
export type Diagnosis = { id: DiagnosisId; level: 'do' | 'know'; says: string; todo: string };

export type DiagnosisId =
  | 'example'
  | 'empty'
  | 'no-tls'
  | 'no-proxy'
  | 'no-second-factor'
  | 'one-administrator'
  | 'one-approver'
  | 'no-backup'
  | 'keys-beside-data'
  | 'checkpoints-beside-data'
  | 'readable'
  | 'node'
  | 'clock'
  | 'ledger-waits'
  | 'ledger-stopped'
  | 'database-role'
  | 'database-tls';

const hour = 3_600_000;

/** Whole hours since the last backup, or null where there is none. */
export function backupAge({ lastBackup, now }: Facts): number | null {
  return lastBackup === null ? null : Math.floor((Date.parse(now) - Date.parse(lastBackup)) / hour);
}

/** What is not safe yet in an instance, each with what to do; empty where all is well. Pure. */
export function diagnose(facts: Facts): Diagnosis[] {
  if (facts.mode === 'example') return [example, ...ofMachine(facts)];
  return [...ofAddress(facts), ...ofPeople(facts), ...ofKeeping(facts), ...ofMachine(facts)];
}

const example: Diagnosis = {
  id: 'example',
  level: 'do',
  says: 'This is the example. Anybody on this machine can sign in as anybody.',
  todo: 'Put no real data in it. Start a real instance: CHIROGRAPH_MODE=live with a CHIROGRAPH_DATA of its own.',
};

function ofAddress({ config: { host, proxies } }: Facts): Diagnosis[] {
  if (!isLoopback(host) && proxies.length === 0) {
    return [
      {
        id: 'no-tls',
        level: 'do',
        says: `The service listens on ${host} and speaks HTTP: whoever is on the network between can read passwords and data.`,
        todo: 'Put a proxy with TLS before it, and say where it is: CHIROGRAPH_PROXY=its address. Or unset HOST.',
      },
    ];
  }
  if (proxies.length > 0) return [];
  return [
    {
      id: 'no-proxy',
      level: 'know',
      says: 'CHIROGRAPH_PROXY is not set. If a proxy on this machine passes visitors on, they all seem to come from one address, and wrong passwords of one slow the others.',
      todo: 'Behind a proxy on this machine set CHIROGRAPH_PROXY=127.0.0.1,::1 for the service and for this command.',
    },
  ];
}

function ofPeople({ bodies }: Facts): Diagnosis[] {
  const none: Diagnosis = {
    id: 'empty',
    level: 'do',
    says: 'Nobody has set this instance up yet. Whoever has the set-up code can.',
    todo: 'Open the service in a browser, with the code it printed on its console.',
  };
  if (bodies.length === 0) return [none];
  return bodies.flatMap(({ slug, administrators, approvers, withoutApp }) => {
    const found: Diagnosis[] = [];
    if (withoutApp.length > 0) {
      found.push({
        id: 'no-second-factor',
        level: 'do',
        says: `${slug}: ${counted(withoutApp.length, 'person', 'people')} with a password and no authenticator app. Whoever learns the password first can set up theirs.`,
        todo: 'Have them sign in: they are asked to set one up. Or erase who has left.',
      });
    }
    if (administrators < 2) {
      found.push({
        id: 'one-administrator',
        level: 'do',
        says: `${slug}: ${administrators === 0 ? 'no administrator who can' : 'one administrator who can'} sign in.`,
        todo: `Make a colleague administrator too, or with: chirograph people add --as ${slug} --role administrator`,
      });
    }
    if (approvers < 2) {
      found.push({
        id: 'one-approver',
        level: 'know',
        says: `${slug}: ${approvers === 0 ? 'nobody who can sign in has' : 'one person has'} a role that approves releases. What they prepare themselves, nobody can approve.`,
        todo: 'If it sends data, give a second person the role.',
      });
    }
    return found;
  });
}

function ofKeeping(facts: Facts): Diagnosis[] {
  const { config, sameDisk } = facts;
  const found: Diagnosis[] = [];
  const age = backupAge(facts);
  if (age === null || age >= 36) {
    const says =
      age === null
        ? 'No backup has been made from this data folder.'
        : `The last backup is ${age} hours old.`;
    found.push({ id: 'no-backup', level: 'do', says, todo: 'Make one every day: chirograph backup --help' });
  }
  if (config.databaseUrl === null) {
    found.push({
      id: 'keys-beside-data',
      level: 'know',
      says: `The master key and the database lie in the same folder (${config.dataFolder}): whoever copies it can open everything, and whoever loses it has lost everything.`,
      todo: 'Keep a copy of keys/ elsewhere (chirograph keys backup --help), encrypt the disk, and give the folder to no other program.',
    });
  }
  if (sameDisk) {
    found.push({
      id: 'checkpoints-beside-data',
      level: 'know',
      says: 'The last signed checkpoints lie on the disk of the database: whoever puts an old disk back puts both back, and nobody here notices.',
      todo: 'Copy checkpoints/ to another machine often. Partners keep receipts, which notice too.',
    });
  }
  return found;
}

function ofMachine({ readable, node, skew, waited, database, bodies }: Facts): Diagnosis[] {
  const found: Diagnosis[] = [];
  for (const path of readable) {
    found.push({
      id: 'readable',
      level: 'do',
      says: `${path} can be read or written by others on this machine.`,
      todo: `Take that away: chmod go-rw ${path}`,
    });
  }
  const [major = 0] = node.split('.').map(Number);
  if (major < 22 || major % 2 === 1) {
    found.push({
      id: 'node',
      level: 'do',
      says: `This runs on Node ${node}, which gets no security fixes.`,
      todo: 'Start it by npm start or npx chirograph, which bring Node 24.',
    });
  }
  if (Math.abs(skew) > 2) {
    found.push({
      id: 'clock',
      level: 'do',
      says: `The clocks of this machine and of the database are ${Math.abs(skew).toFixed(1)} seconds apart. Codes of apps are refused at 30.`,
      todo: 'Set both by NTP.',
    });
  }
  if (waited > 10) {
    found.push({
      id: 'ledger-waits',
      level: 'do',
      says: `Acts wait for the ledger since ${Math.round(waited)} seconds. A second is usual while the service runs.`,
      todo: 'Start the service, and read what it says on its console.',
    });
  }
  for (const { slug, trouble } of bodies) {
    if (trouble) {
      found.push({
        id: 'ledger-stopped',
        level: 'do',
        says: `${slug}: its log is stopped.`,
        todo: `See why: chirograph ledger audit --as ${slug}`,
      });
    }
  }
  if (database.superuser) {
    found.push({
      id: 'database-role',
      level: 'do',
      says: 'DATABASE_URL signs in as a superuser of PostgreSQL, whom no wall holds.',
      todo: 'Use a role that owns the database and may create roles, and no more: create role chirograph login createrole.',
    });
  }
  if (database.remote && !database.encrypted) {
    found.push({
      id: 'database-tls',
      level: 'do',
      says: 'The connection to PostgreSQL on another machine is not encrypted.',
      todo: 'Add ?sslmode=verify-full to DATABASE_URL, and let PostgreSQL refuse others (hostssl).',
    });
  }
  return found;
}
