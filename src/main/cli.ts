import { buildApplication, buildRouteMap, ExitCode, run, type StricliProcess, text_en } from '@stricli/core';
import { agreementCheck, agreementExport, agreementSchema } from '../agreements/cli.ts';
import { keysExport, keysShow, peopleErase } from '../organisations/cli.ts';
import { ledgerExport, verify } from '../overview/cli.ts';
import { type CommandAt, exits } from '../platform/command.ts';
import { readConfig } from '../platform/config.ts';
import { CannotStart, type Instance, openInstance } from '../platform/instance.ts';
import { instantOf } from '../platform/pure/dates.ts';
import { collect, destroy, share } from '../releases/cli.ts';
import { example } from './example-cli.ts';

const routes = buildRouteMap({
  routes: {
    share,
    collect,
    destroy,
    verify,
    agreement: buildRouteMap({
      routes: { check: agreementCheck, export: agreementExport, schema: agreementSchema },
      docs: { brief: 'Check, export and describe agreements' },
    }),
    keys: buildRouteMap({
      routes: { show: keysShow, export: keysExport },
      docs: { brief: 'An organisation’s keys' },
    }),
    ledger: buildRouteMap({
      routes: { export: ledgerExport },
      docs: { brief: 'An organisation’s tamper-evident log' },
    }),
    people: buildRouteMap({
      routes: { erase: peopleErase },
      docs: { brief: 'The people of an organisation' },
    }),
    example,
  },
  docs: { brief: 'Share data lawfully between public bodies, and prove it' },
});

const application = buildApplication<CommandAt>(routes, {
  name: 'chirograph',
  scanner: { caseStyle: 'allow-kebab-for-camel' },
  documentation: { disableAnsiColor: process.env['NO_COLOR'] !== undefined || !process.stdout.isTTY },
  determineExitCode: () => exits.fault,
  localization: {
    text: {
      ...text_en,
      exceptionWhileRunningCommand: (fault) => sayFault(fault),
    },
  },
});

let instance: Promise<Instance> | undefined;

await run(application, process.argv.slice(2), {
  process: process as StricliProcess,
  folder: process.cwd(),
  now: instantOf(new Date()),
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

async function open(opening: Parameters<CommandAt['instance']>[0]): Promise<Instance> {
  const config = readConfig(process.env, process.cwd());
  if ('faults' in config) throw new CannotStart(config.faults.join('\n'));
  return openInstance(config, opening);
}

/** A fault in words: what a person can act on whole, anything else with where it came from. Never data. */
function sayFault(fault: unknown): string {
  if (fault instanceof CannotStart) return fault.message;
  const trace = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
  return `Something went wrong, and nothing was shared that was not in both logs.\n${trace}`;
}
