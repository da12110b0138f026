import { buildApplication, buildRouteMap, ExitCode, run, text_en } from '@stricli/core';
import {
  agreementCheck,
  agreementDiff,
  agreementDraft,
  agreementExport,
  agreementLint,
  agreementNew,
  agreementPropose,
  agreementSchema,
  agreementTemplates,
  agreementWrite,
} from '../agreements/cli.ts';
import { backup, backupVerify, keysBackup, restore } from '../backup/cli.ts';
import {
  keysExport,
  keysShow,
  organisationsAdd,
  organisationsList,
  peopleAdd,
  peopleErase,
  peopleLink,
  peopleList,
  peopleResetSignIn,
  peopleRoles,
} from '../organisations/cli.ts';
import { doctor, ledgerAudit, ledgerContinue, ledgerExport, verify } from '../overview/cli.ts';
import { dataProfile, dataProtect, termsExport, termsImport, termsSchema } from '../pipeline/cli.ts';
import { type CommandAt, exits } from '../platform/command.ts';
import { type Config, readConfig } from '../platform/config.ts';
import { CannotStart, type Instance, openInstance } from '../platform/instance.ts';
import { instantOf } from '../platform/pure/dates.ts';
import { withoutControls } from '../platform/pure/words.ts';
import { wordsOf } from '../platform/trouble.ts';
import { collect, destroy, rebuild, share } from '../releases/cli.ts';
import { example } from './example-cli.ts';
import { witness } from './witness-cli.ts';

const routes = buildRouteMap({
  routes: {
    share,
    collect,
    destroy,
    rebuild,
    verify,
    agreement: buildRouteMap({
      routes: {
        templates: agreementTemplates,
        new: agreementNew,
        check: agreementCheck,
        lint: agreementLint,
        draft: agreementDraft,
        propose: agreementPropose,
        export: agreementExport,
        write: agreementWrite,
        diff: agreementDiff,
        schema: agreementSchema,
      },
      docs: { brief: 'Start, check, lint, propose, export, write, compare and describe agreements' },
    }),
    data: buildRouteMap({
      routes: { profile: dataProfile, protect: dataProtect },
      docs: { brief: 'Files by hand, without a service: the same pipeline as every release' },
    }),
    terms: buildRouteMap({
      routes: { schema: termsSchema, import: termsImport, export: termsExport },
      docs: { brief: 'The terms of data sets' },
    }),
    keys: buildRouteMap({
      routes: { show: keysShow, export: keysExport, backup: keysBackup },
      docs: { brief: 'An organisation’s keys, and a backup of the instance’s own' },
    }),
    backup: buildRouteMap({
      routes: { make: backup, verify: backupVerify },
      defaultCommand: 'make',
      docs: { brief: 'Back the instance up while it serves, and prove a backup by restoring it' },
    }),
    restore,
    doctor,
    ledger: buildRouteMap({
      routes: { audit: ledgerAudit, export: ledgerExport, continue: ledgerContinue },
      docs: { brief: 'An organisation’s tamper-evident log' },
    }),
    people: buildRouteMap({
      routes: {
        add: peopleAdd,
        list: peopleList,
        roles: peopleRoles,
        link: peopleLink,
        resetSignIn: peopleResetSignIn,
        erase: peopleErase,
      },
      docs: { brief: 'The people of an organisation' },
    }),
    organisations: buildRouteMap({
      routes: { add: organisationsAdd, list: organisationsList },
      docs: { brief: 'The organisations of this instance, for whoever runs it' },
    }),
    witness,
    example,
  },
  docs: { brief: 'Share data lawfully between public bodies, and prove it' },
});

const application = buildApplication<CommandAt>(routes, {
  name: 'chirograph',
  scanner: { caseStyle: 'allow-kebab-for-camel' },
  documentation: { disableAnsiColor: true },
  determineExitCode: () => exits.fault,
  localization: {
    text: {
      ...text_en,
      exceptionWhileRunningCommand: (fault) => sayFault(fault),
    },
  },
});

let instance: Promise<Instance> | undefined;

const complaints: string[] = [];
const words = process.argv.slice(2);

// Whoever reads our words may have read enough, as `| head` has: what was asked still ends as it would.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE') throw fault;
  });

await run(application, words, {
  process: {
    stdout: process.stdout,
    stderr: {
      write: (text: string) => {
        complaints.push(text);
        process.stderr.write(withoutControls(text));
      },
    },
    get exitCode() {
      return process.exitCode ?? null;
    },
    set exitCode(code) {
      process.exitCode = code;
    },
  } as CommandAt['process'],
  folder: process.cwd(),
  now: instantOf(new Date()),
  config,
  instance: (opening) => {
    instance ??= open(opening);
    return instance;
  },
});
await instance?.then(
  (opened) => opened.close(),
  () => {},
);
const usage: unknown[] = [ExitCode.UnknownCommand, ExitCode.InvalidArgument];
if (usage.includes(process.exitCode)) process.exitCode = exits.usage;
// With --json there is one document on standard output whatever happens; a command that ran has written its own.
if (words.includes('--json') && (process.exitCode === exits.usage || process.exitCode === exits.fault)) {
  const code = process.exitCode === exits.usage ? 'usage' : 'fault';
  const says = complaints.join('').trim();
  if (says !== '') process.stdout.write(`${JSON.stringify({ error: { code, says } }, null, 2)}\n`);
}

async function open(opening: Parameters<CommandAt['instance']>[0]): Promise<Instance> {
  return openInstance(config(), opening);
}

function config(): Config {
  const read = readConfig(process.env, process.cwd());
  if ('faults' in read) throw new CannotStart(read.faults.join('\n'));
  return read;
}

/** A fault in words: what a person can act on whole, anything else with where it came from. Never data. */
function sayFault(fault: unknown): string {
  const words = wordsOf(fault);
  if (words !== null) return words;
  const trace = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
  return `Something went wrong, and nothing was shared that was not in both logs.\n${trace}`;
}
