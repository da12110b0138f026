import { resolve } from 'node:path';
import { exportLog, integratePending } from '../ledger/index.ts';
import { openFor } from '../organisations/cli.ts';
import { command, exits, optionalValue, refusedOutcome, value } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { allHold } from '../platform/pure/check.ts';
import { refuse } from '../platform/refusal.ts';
import { audit } from './audit.ts';
import { showAudit } from './audit-words.ts';
import { diagnose } from './doctor.ts';
import { factsOf } from './doctor-facts.ts';
import { readTrustedKeys, type Verified, verifyPath } from './verify.ts';

export { ledgerContinue } from './ledger-continue.ts';

export const verify = command<{ keys?: string }, string[]>({
  brief: 'Verify a package, a receipt, a signed agreement or a log, offline',
  full: 'Needs no database, no account and no network. With --keys, the keys that signed must be among those you already hold.',
  flags: {
    keys: optionalValue('FILE', 'Keys you hold: a partner’s key page, or an agreement you both signed'),
  },
  args: 'many files',
  run: async (at, flags, ...paths) => {
    const trusted = flags.keys === undefined ? null : await readTrustedKeys(resolve(at.folder, flags.keys));
    if (flags.keys !== undefined && !trusted) {
      const says = `${flags.keys} is not a key page or a signed agreement. Get a key page with: chirograph keys show --as ORG > keys.json`;
      return refusedOutcome(refuse('invalid', 'verify.no-keys', says));
    }
    const results: (Verified & { path: string })[] = [];
    for (const path of paths) {
      const verified = await verifyPath(resolve(at.folder, path), trusted);
      if (!verified)
        return refusedOutcome(refuse('not-found', 'verify.no-path', `There is nothing at ${path}.`));
      results.push({ path, ...verified });
    }
    const ok = results.every(({ checks }) => allHold(checks));
    const checks = results.flatMap((one) =>
      one.checks.map((check) => (results.length > 1 ? { ...check, path: one.path } : check)),
    );
    return {
      exit: ok ? exits.done : exits.notVerified,
      json: { ok, checks } as Json,
      text: [...results.map(showResult), conclusion(ok, trusted !== null)].join('\n\n'),
    };
  },
});

export const doctor = command({
  brief: 'Say what is not safe yet in this instance, and what to do about it',
  full: 'Exits with 11 while something must be done. What it says of HOST and CHIROGRAPH_PROXY is of this shell: run it with the settings of the service.',
  flags: {},
  run: async (at) => {
    const found = diagnose(await factsOf(await at.instance('command'), at.config(), at.now));
    const must = found.filter((one) => one.level === 'do');
    const shown = [...must, ...found.filter((one) => one.level === 'know')].map(
      ({ level, says, todo }) => `${level === 'do' ? '✗' : '?'} ${says}\n    ${todo}`,
    );
    const end =
      must.length === 0
        ? 'Nothing must be done.'
        : `${must.length === 1 ? 'One thing' : `${must.length} things`} must be done.`;
    return {
      exit: must.length === 0 ? exits.done : exits.refused,
      json: { ok: must.length === 0, findings: found },
      text: [...shown, end].join('\n\n'),
    };
  },
});

export const ledgerExport = command<{ as: string; out: string; log?: string }>({
  brief: 'Write an organisation’s whole log as a folder that other people’s tools can verify',
  flags: {
    log: optionalValue('N', 'An earlier log by its number, 1 for the first; without it, the one in use'),
    as: value('ORG', 'The organisation you act for, by its short name'),
    out: value('DIR', 'The new folder to write'),
  },
  run: async (at, flags) => {
    const opened = await openFor(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller } = opened;
    const folder = resolve(at.folder, flags.out);
    if (flags.log !== undefined && !/^[1-9]\d{0,3}$/.test(flags.log)) {
      return refusedOutcome(refuse('invalid', 'ledger.no-log', '--log takes a number, 1 for the first log.'));
    }
    await integratePending(instance);
    const number = flags.log === undefined ? undefined : Number(flags.log);
    const written = await exportLog(instance, caller.organisation.id, folder, number);
    if (!written.ok) return refusedOutcome(written);
    return {
      exit: exits.done,
      json: { path: folder, origin: written.origin, size: written.size },
      text: `${folder} holds the log of ${caller.organisation.name}: ${written.size} entries.\nAnyone can check it, offline:\n  chirograph verify ${folder}`,
    };
  },
});

export const ledgerAudit = command<{ as?: string }>({
  brief:
    'Check every log, sealed row and package against each other, and name what was changed behind the service’s back',
  flags: { as: optionalValue('ORG', 'Only this organisation, by its short name; without it, all of them') },
  run: async (at, flags) => {
    const opened = flags.as === undefined ? null : await openFor(at, flags.as);
    if (opened && !opened.ok) return refusedOutcome(opened);
    const instance = opened ? opened.instance : await at.instance('command');
    const found = await audit(instance, opened?.caller.organisation.id ?? null);
    const ok = found.findings.length === 0;
    return {
      exit: ok ? exits.done : exits.notVerified,
      json: { ok, ...found } as Json,
      text: showAudit(found),
    };
  },
});

function showResult({ path, checks }: Verified & { path: string }): string {
  const mark = (check: Verified['checks'][number]) => (check.ok ? '✓' : check.advisory ? '?' : '✗');
  return [path, ...checks.map((check) => `  ${mark(check)} ${check.name}\n      ${check.detail}`)].join('\n');
}

function conclusion(ok: boolean, keysGiven: boolean): string {
  if (!ok) return 'NOT verified. Do not rely on it; ask the sender.';
  if (keysGiven) return 'Verified.';
  return 'Verified: whole, and unchanged since it was signed. Whose keys signed was not checked: compare them, or give --keys.';
}
