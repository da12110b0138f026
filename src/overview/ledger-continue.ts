import { continueLog, lossOf } from '../ledger/index.ts';
import { openFor } from '../organisations/cli.ts';
import { command, exits, optionalValue, refusedOutcome, value } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { showInstant } from '../platform/pure/dates.ts';
import { refuse } from '../platform/refusal.ts';

type Flags = { as: string; reasonCode?: string; lostForGood: boolean };

export const ledgerContinue = command<Flags>({
  brief: 'Start a new log after one that has stopped, where what is missing is lost for good',
  full: 'Without --lost-for-good it changes nothing, and shows what would be given up. To put back a later backup is always better. The old log stays, to be read and verified, and is never signed again; the first entry of the new one says what was lost.',
  flags: {
    as: value('ORG', 'The organisation you act for, by its short name'),
    reasonCode: optionalValue(
      'CODE',
      'Why, in small letters and hyphens, such as disk-lost; it goes on record',
    ),
    lostForGood: {
      kind: 'boolean',
      brief: 'Say that no later backup exists, and give up what is missing',
      default: false,
      withNegated: false,
    },
  },
  run: async (at, { as, reasonCode, lostForGood }) => {
    const opened = await openFor(at, as);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller } = opened;
    const asked = await lossOf(instance, caller.organisation.id);
    if (!asked.ok) return refusedOutcome(asked);
    const { trouble, held, signed, heldUntil } = asked.loss;
    const gone = Math.max(0, signed.size - held.size);
    const loss = {
      log: trouble.origin,
      why: trouble.kind,
      held: { size: held.size, root: held.root.toString('base64'), until: heldUntil },
      signed: { size: signed.size, root: signed.root.toString('base64') },
    };
    if (!lostForGood) {
      const says = [
        `${trouble.origin} has stopped. The better way is to put back a later backup of the database: then nothing is lost, and nothing more needs to be done.`,
        '',
        `The database holds  ${held.size} entries${heldUntil ? `, the last of ${showInstant(heldUntil)}` : ''}`,
        `It had signed       ${signed.size} entries`,
        '',
        gone > 0
          ? `Given up are entries ${held.size} to ${signed.size - 1}, ${gone} in all, and whatever was done in them: requests, decisions, releases and their proof. Partners may hold receipts for them, and for the same acts in their own logs. Ask them, and anybody you shared with since ${heldUntil ? showInstant(heldUntil) : 'the beginning'}, for the receipts and packages they have.`
          : 'Given up is the promise that what the database holds is what was signed. Ask partners for the receipts they hold, and compare.',
        'Receipts that were given before stay good by the old key, which the key page keeps showing.',
        '',
        'If there is no later backup, and there never will be:',
        `  chirograph ledger continue --as ${as} --reason-code CODE --lost-for-good`,
      ].join('\n');
      return {
        exit: exits.conflict,
        json: { loss, error: { code: 'ledger.not-confirmed', says } } as Json,
        text: says,
      };
    }
    if (reasonCode === undefined || !/^[a-z]+(-[a-z]+)*$/.test(reasonCode) || reasonCode.length > 60) {
      const says = 'Give a --reason-code of small letters and hyphens, such as disk-lost. It goes on record.';
      return refusedOutcome(refuse('invalid', 'ledger.no-reason', says));
    }
    const continued = await continueLog(instance, caller.organisation.id, reasonCode, at.now);
    if (!continued.ok) return refusedOutcome(continued);
    return {
      exit: exits.done,
      json: { loss, origin: continued.origin, vkey: continued.vkey },
      text: `${caller.organisation.name} has a new log, ${continued.origin}. Its first entry says what was lost.\nGive partners your new key page, and tell them why it changed:\n  chirograph keys show --as ${as} > keys.json\nThe old log can still be taken out:\n  chirograph ledger export --as ${as} --log 1 --out DIR`,
    };
  },
});
