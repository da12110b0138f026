import type { Brief } from '../agreements/index.ts';
import { finderOf, type Partnered } from '../organisations/index.ts';
import type { Caller, Organisation } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Listed } from '../platform/keyset.ts';
import { type Asked, sectionOf } from '../platform/list-page.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import { purposeOf, shortDay, timeLeft, titleOf } from '../requests/index.ts';
import type { ListedRelease, ReleaseList } from './lists.ts';

/** What the lists of releases are shown from. */
export type KnownLists = {
  asked: Asked<ReleaseList>;
  lists: { list: ReleaseList; listed: Listed<ListedRelease>; count: number }[];
  partnered: Partnered;
  organisations: ReadonlyMap<string, Organisation>;
  agreements: ReadonlyMap<string, Brief>;
};

const titles: Record<ReleaseList, { title: string; order: string }> = {
  approve: { title: 'To approve', order: 'the longest waiting first' },
  collect: { title: 'To collect', order: 'the longest waiting first' },
  sent: { title: 'Sent, and not collected yet', order: 'the longest waiting first' },
  kept: { title: 'Kept until', order: 'the soonest first' },
  closed: { title: 'Closed', order: 'the newest first' },
};

/** The releases of an organisation: what waits on it, what waits on others, what is kept until a day, and the rest. */
export function listPage(known: KnownLists, caller: Caller, now: Instant) {
  const { asked, partnered } = known;
  const kept = partnered.partner && { with: partnered.partner.slug };
  const sections = known.lists.map(({ list, listed, count }) => {
    const rows = listed.rows.map((release) => rowOf(release, known, caller, now));
    const href = (query: { list: ReleaseList; after?: string }) => paths.releases({ ...kept, ...query });
    return sectionOf({ list, ...titles[list], listed: { ...listed, rows }, count, asked, href });
  });
  const none = (list: ReleaseList) => sections.some((one) => one.id === list && one.rows.length === 0);
  return {
    sections: sections.filter((one) => one.rows.length > 0),
    nothing: sections.every((one) => one.rows.length === 0),
    noneOurs: none('approve') && none('collect'),
    one: asked.list !== null,
    ...finderOf(partnered, paths.releases),
  };
}

/** One line of a list, as the macro `queue` shows it. */
function rowOf(release: ListedRelease, known: KnownLists, caller: Caller, now: Instant) {
  const sending = release.senderId === caller.organisation.id;
  const partnerId = sending ? release.recipientId : release.senderId;
  const partner = known.organisations.get(partnerId)?.name ?? 'Another organisation';
  const agreement = known.agreements.get(release.agreementId) ?? null;
  const { tag, say } = standing(release, sending, partner);
  const due = release.state === 'collected' ? release.keepUntil : null;
  const time = due === null ? null : timeLeft(due, now);
  return {
    due: due && shortDay(due, now),
    left: time?.left ?? null,
    soon: time?.soon ?? false,
    title: `${titleOf(agreement, release.dataSet)} ${sending ? 'to' : 'from'} ${partner}`,
    href: paths.release(release.reference),
    why: `${say} For: ${purposeOf(agreement, release.purpose)}.`,
    tag,
    meta: `${release.reference}, ${release.sentAt ? `sent ${showInstant(release.sentAt)}` : `prepared ${showInstant(release.preparedAt)}`}`,
  };
}

type Standing = { tag: { text: string; classes: string }; say: string };

function standing({ state }: ListedRelease, sending: boolean, partner: string): Standing {
  const tag = (text: string, colour: string) => ({ text, classes: `govuk-tag--${colour}` });
  switch (state) {
    case 'prepared':
      return { tag: tag('Approve', 'yellow'), say: 'Waits for somebody to look at it and approve it.' };
    case 'sent':
      return sending
        ? { tag: tag('Sent', 'blue'), say: `${partner} has not collected it yet.` }
        : { tag: tag('Collect', 'yellow'), say: 'Waits to be collected.' };
    case 'collected':
      return sending
        ? { tag: tag('Collected', 'green'), say: `${partner} keeps it until then.` }
        : { tag: tag('In use', 'green'), say: 'Destroy it by then, and certify that.' };
    case 'destroyed':
      return { tag: tag('Destroyed', 'grey'), say: 'Its destruction is certified.' };
    case 'refused':
      return { tag: tag('Refused', 'red'), say: 'The rules refused it, and nothing left.' };
    case 'withdrawn':
      return { tag: tag('Withdrawn', 'grey'), say: 'It was withdrawn, and nothing left.' };
  }
}
