import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { paths } from '../../src/paths.ts';
import type { Step } from '../../src/steps.ts';
import { type Machine, type Page, press, type Serving } from './machine.ts';
import { input, type World } from './world.ts';

/** The steps of a journey, and how often each is passed at the least: the service's integrator passes some again. */
type Steps = Partial<Record<Step, number>>;

const opening = { 'postgres.started': 1, 'instance.settled': 1 } as const;
const act = {
  'transaction.begun': 1,
  'ledger.appended': 1,
  'transaction.done': 1,
  'transaction.committed': 1,
  'ledger.signed': 1,
  'file.drafted': 1,
  'checkpoint.kept': 1,
  'ledger.integrated': 1,
} as const;
const run = {
  'pipeline.copied': 1,
  'pipeline.child-started': 1,
  'pipeline: read the file': 1,
  'pipeline: check types': 1,
  'pipeline: generalise': 1,
  'pipeline: find the levels': 1,
  'pipeline: hold back small groups': 1,
  'pipeline: pseudonymise': 1,
  'pipeline: preview': 1,
  'pipeline: write': 1,
  'pipeline.child-ended': 1,
  'pipeline.output-ready': 1,
} as const;
const pipeline = {
  'staging.made': 2,
  ...run,
  'package.encrypted': 1,
  'package.placed': 1,
  'staging.removed': 2,
} as const;
const delivery = { 'delivery.begun': 1, 'delivery.copied': 1, 'delivery.done': 1 } as const;

type Way =
  /** A command, which brings its own PostgreSQL. */
  | { by: 'command'; args(world: World, out: string): string[] }
  /** A form that somebody sends to the service. */
  | {
      by: 'page';
      path(world: World): string;
      who: keyof World['sessions'];
      fields?: Record<string, string>;
      file?: string;
    }
  /** The first start of a service, on nothing. */
  | { by: 'start' };

/** Something that is done, and every step that can be cut off. */
export type Journey = Way & {
  steps: Steps;
  /** The act in the ledger, and the reference it is about (null: a new one each time). */
  act: string;
  about(world: World): string | null;
};

const share = (out: string) =>
  ['share', '--as', 'westmarch-police', '--agreement', 'ISA-2026-001', '--dataset', 'stop-and-search'].concat(
    ['--to', 'westmarch-opcc', '--purpose', 'hold-to-account', '--input', input, '--out', out, '--json'],
  );

/** The journeys of the suite. A test runs each whole and fails where its steps are not these. */
export const journeys = {
  share: {
    by: 'command',
    args: (_, out) => share(out),
    act: 'release.sent',
    about: () => null,
    steps: {
      ...opening,
      swept: 1,
      ...pipeline,
      ...act,
      'transaction.begun': 3,
      'transaction.done': 3,
      'transaction.committed': 3,
      'ledger.appended': 2,
      'ledger.signed': 2,
      'file.drafted': 7,
      'checkpoint.kept': 2,
      'ledger.integrated': 2,
      'package.completed': 1,
      'receipt.written': 1,
      ...delivery,
    },
  },
  prepare: {
    by: 'page',
    who: 'Dan Okafor',
    path: (world) => paths.prepareRelease(world.agreed),
    file: input,
    act: 'release.prepared',
    about: () => null,
    steps: { ...pipeline, ...act },
  },
  approve: {
    by: 'page',
    who: 'Tom Reyes',
    path: (world) => paths.approveRelease(world.prepared),
    act: 'release.sent',
    about: (world) => world.prepared,
    steps: {
      ...act,
      'file.drafted': 6,
      'package.completed': 1,
      'staging.made': 1,
      'receipt.written': 1,
      'staging.removed': 1,
    },
  },
  withdraw: {
    by: 'page',
    who: 'Tom Reyes',
    path: (world) => paths.withdrawRelease(world.prepared),
    act: 'release.withdrawn',
    about: (world) => world.prepared,
    steps: { ...act, 'package.removed': 1 },
  },
  collect: {
    by: 'command',
    args: (world, out) => ['collect', world.sent, '--as', 'westmarch-opcc', '--out', out, '--json'],
    act: 'release.collected',
    about: (world) => world.sent,
    steps: {
      ...opening,
      swept: 1,
      ...act,
      'file.drafted': 5,
      'staging.made': 2,
      'package.opened': 2,
      'staging.removed': 2,
      ...delivery,
    },
  },
  'collect by page': {
    by: 'page',
    who: 'Amina Yusuf',
    path: (world) => paths.collectRelease(world.sent),
    act: 'release.collected',
    about: (world) => world.sent,
    steps: { ...act, 'staging.made': 1, 'package.opened': 1, 'staging.removed': 1 },
  },
  destroy: {
    by: 'command',
    args: ({ collected }) => [
      'destroy',
      collected,
      '--as',
      'westmarch-opcc',
      '--method',
      'deleted',
      '--json',
    ],
    act: 'release.destroyed',
    about: (world) => world.collected,
    steps: { ...opening, swept: 1, ...act, 'package.removed': 1 },
  },
  'destroy by page': {
    by: 'page',
    who: 'Amina Yusuf',
    path: (world) => paths.destroyRelease(world.collected),
    fields: { method: 'deleted', certain: 'yes' },
    act: 'release.destroyed',
    about: (world) => world.collected,
    steps: { ...act, 'package.removed': 1 },
  },
  rebuild: {
    by: 'command',
    args: ({ collected }, out) =>
      ['rebuild', collected, '--as', 'westmarch-police', '--input', input].concat(['--out', out, '--json']),
    act: 'release.rebuilt',
    // Each time it is made is one more.
    about: () => null,
    steps: { ...opening, swept: 1, 'staging.made': 1, ...run, ...act, ...delivery, 'staging.removed': 1 },
  },
  sign: {
    by: 'page',
    who: 'Tom Reyes',
    path: (world) => paths.signAgreement(world.agreement),
    act: 'agreement.signed',
    about: (world) => world.agreement,
    steps: act,
  },
  'first start': {
    by: 'start',
    act: 'organisation.created',
    about: () => null,
    steps: {
      ...opening,
      'migration.begun': 6,
      'migration.done': 6,
      'migration.committed': 6,
      swept: 1,
      ...act,
      'transaction.committed': 6,
    },
  },
} as const satisfies Record<string, Journey>;

export type JourneyName = keyof typeof journeys;

/** A journey as it was tried: with one key and one folder, however often it is repeated. */
export type Attempt = { journey: Journey; key: string; out: string };

/** What whoever tried it was told. `acknowledged`: that it is done; `refused`: truthfully, that it had been done before. */
export type Told = { acknowledged: boolean; refused: boolean; words: string };

/** Begins a journey. */
export function attempt(machine: Machine, name: JourneyName): Attempt {
  const key = randomUUID();
  return { journey: journeys[name], key, out: join(machine.folder, 'out', key, 'nested') };
}

/** Goes through a journey by page, on a service that runs. */
export async function goByPage(machine: Machine, service: Serving, { journey, key }: Attempt): Promise<Page> {
  if (journey.by !== 'page') throw new Error('Not by page');
  const { path, who, fields, file } = journey;
  return press(service.url + path(machine.world), machine.world.sessions[who], key, fields, file);
}

/** Goes through a journey by command. */
export async function goByCommand(machine: Machine, { journey, out }: Attempt): Promise<Told> {
  if (journey.by !== 'command') throw new Error('Not by command');
  const { exit, err, out: said } = await machine.command(...journey.args(machine.world, out)).ended;
  return { acknowledged: exit === 0, refused: exit === 5, words: err || said };
}

/** What a page told. */
export function toldBy(page: Page): Told {
  if (page === null) return { acknowledged: false, refused: false, words: '' };
  return { acknowledged: page.status === 303, refused: page.status === 409, words: page.body };
}
