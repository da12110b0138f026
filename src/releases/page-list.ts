import type { KeptAgreement } from '../agreements/index.ts';
import type { Caller, Organisation } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import { purposeOf, shortDay, timeLeft, titleOf } from '../requests/index.ts';
import type { Release } from './store.ts';

type Known = {
  releases: readonly Release[];
  organisations: readonly Organisation[];
  agreements: readonly KeptAgreement[];
};

type Place = 'ours' | 'theirs' | 'held' | 'closed';

/** The releases of an organisation: what waits on it, what waits on others, what is kept until a day, and the rest. */
export function listPage({ releases, organisations, agreements }: Known, caller: Caller, now: Instant) {
  const rows = releases.map((release) => {
    const sending = release.senderId === caller.organisation.id;
    const partnerId = sending ? release.recipientId : release.senderId;
    const partner = organisations.find((one) => one.id === partnerId)?.name ?? 'Another organisation';
    const agreement = agreements.find((one) => one.id === release.agreementId)?.agreement ?? null;
    const { place, tag, say } = standing(release, sending, partner);
    const due = place === 'held' ? release.keepUntil : null;
    const time = due === null ? null : timeLeft(due, now);
    return {
      place,
      row: {
        due: due && shortDay(due),
        left: time?.left ?? null,
        soon: time?.soon ?? false,
        title: `${titleOf(agreement, release.dataSet)} ${sending ? 'to' : 'from'} ${partner}`,
        href: paths.release(release.reference),
        why: `${say} For: ${purposeOf(agreement, release.purpose)}.`,
        tag,
        meta: `${release.reference}, ${release.sentAt ? `sent ${showInstant(release.sentAt)}` : `prepared ${showInstant(release.preparedAt)}`}`,
      },
    };
  });
  const at = (place: Place) => rows.filter((one) => one.place === place).map((one) => one.row);
  return { ours: at('ours'), theirs: at('theirs'), held: at('held'), closed: at('closed') };
}

type Standing = { place: Place; tag: { text: string; classes: string }; say: string };

function standing({ state }: Release, sending: boolean, partner: string): Standing {
  const tag = (text: string, colour: string) => ({ text, classes: `govuk-tag--${colour}` });
  switch (state) {
    case 'prepared':
      return {
        place: 'ours',
        tag: tag('Approve', 'yellow'),
        say: 'Waits for somebody to look at it and approve it.',
      };
    case 'sent':
      return sending
        ? { place: 'theirs', tag: tag('Sent', 'blue'), say: `${partner} has not collected it yet.` }
        : { place: 'ours', tag: tag('Collect', 'yellow'), say: 'Waits to be collected.' };
    case 'collected':
      return sending
        ? { place: 'held', tag: tag('Collected', 'green'), say: `${partner} keeps it until then.` }
        : { place: 'held', tag: tag('In use', 'green'), say: 'Destroy it by then, and certify that.' };
    case 'destroyed':
      return { place: 'closed', tag: tag('Destroyed', 'grey'), say: 'Its destruction is certified.' };
    case 'refused':
      return { place: 'closed', tag: tag('Refused', 'red'), say: 'The rules refused it, and nothing left.' };
    case 'withdrawn':
      return { place: 'closed', tag: tag('Withdrawn', 'grey'), say: 'It was withdrawn, and nothing left.' };
  }
}
