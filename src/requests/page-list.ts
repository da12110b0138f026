import type { Brief } from '../agreements/index.ts';
import { finderOf, type Partnered } from '../organisations/index.ts';
import { type Caller, holdsRole, type Organisation } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Listed } from '../platform/keyset.ts';
import { type Asked, sectionOf } from '../platform/list-page.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import type { RequestList } from './lists.ts';
import type { KnownRelease } from './page-known.ts';
import { purposeOf, shortDay, timeLeft, titleOf } from './page-words.ts';
import { mayAsk } from './rules.ts';
import type { DataRequest } from './store.ts';

/** What the lists of requests are shown from. `releases` are the newest of each request, by the request's id. */
export type KnownLists = {
  asked: Asked<RequestList>;
  lists: { list: RequestList; listed: Listed<DataRequest>; count: number }[];
  partnered: Partnered;
  organisations: ReadonlyMap<string, Organisation>;
  agreements: ReadonlyMap<string, Brief>;
  releases: ReadonlyMap<string, KnownRelease>;
};

const titles: Record<RequestList, { title: string; order: string }> = {
  ours: { title: 'Waiting on you', order: 'the soonest first' },
  theirs: { title: 'Waiting on others', order: 'the soonest first' },
  answered: { title: 'Answered', order: 'the newest first' },
};

/** The requests of an organisation: what waits on it first, by the time left, then what waits on others, then the rest. */
export function listPage(known: KnownLists, caller: Caller, now: Instant) {
  const { asked, partnered } = known;
  const kept = partnered.partner && { with: partnered.partner.slug };
  const sections = known.lists.map(({ list, listed, count }) => {
    const rows = listed.rows.map((request) => rowOf(request, known, caller, now));
    const href = (query: { list: RequestList; after?: string }) => paths.requests({ ...kept, ...query });
    return sectionOf({ list, ...titles[list], listed: { ...listed, rows }, count, asked, href });
  });
  return {
    sections: sections.filter((one) => one.rows.length > 0),
    nothing: sections.every((one) => one.rows.length === 0),
    noneOurs: sections.some((one) => one.id === 'ours' && one.rows.length === 0),
    one: asked.list !== null,
    ...finderOf(partnered, paths.requests),
    mayAsk: holdsRole(caller, mayAsk),
  };
}

/** One line of a list, as the macro `queue` shows it. */
function rowOf(request: DataRequest, known: KnownLists, caller: Caller, now: Instant) {
  const ours = request.holderId === caller.organisation.id;
  const partnerId = ours ? request.recipientId : request.holderId;
  const partner = known.organisations.get(partnerId)?.name ?? 'Another organisation';
  const agreement = known.agreements.get(request.agreementId) ?? null;
  const release = known.releases.get(request.id) ?? null;
  const { open, tag, say } = standing(request, release, ours, partner);
  const time = open && request.neededBy && !release?.sentAt ? timeLeft(request.neededBy, now) : null;
  return {
    due: time && request.neededBy ? shortDay(request.neededBy, now) : null,
    left: time?.left ?? null,
    soon: time?.soon ?? false,
    title: `${titleOf(agreement, request.dataSet)} ${ours ? 'for' : 'from'} ${partner}`,
    href: paths.request(request.reference),
    why: `${say} For: ${purposeOf(agreement, request.purpose)}.`,
    tag,
    meta: `${request.reference}, asked ${showInstant(request.raisedAt)}`,
  };
}

type Standing = { open: boolean; tag: { text: string; classes: string }; say: string };

function standing(
  request: DataRequest,
  release: KnownRelease | null,
  ours: boolean,
  partner: string,
): Standing {
  const tag = (text: string, colour: string) => ({ text, classes: `govuk-tag--${colour}` });
  switch (request.state) {
    case 'waiting':
      return ours
        ? { open: true, tag: tag('Decide', 'yellow'), say: 'Waits for your decision.' }
        : { open: true, tag: tag('Waiting', 'blue'), say: `Waits for ${partner} to decide.` };
    case 'agreed':
      if (!ours) return { open: true, tag: tag('Agreed', 'green'), say: `${partner} is preparing the data.` };
      return release?.state === 'prepared'
        ? { open: true, tag: tag('Approve', 'yellow'), say: `${release.reference} waits for approval.` }
        : { open: true, tag: tag('Prepare', 'yellow'), say: 'Agreed: the data has to be prepared.' };
    case 'answered':
      return !ours && release?.state === 'sent'
        ? { open: true, tag: tag('Collect', 'yellow'), say: `${release.reference} waits to be collected.` }
        : {
            open: false,
            tag: tag('Sent', 'green'),
            say: release ? `Answered by ${release.reference}.` : 'Sent.',
          };
    case 'refused':
      return { open: false, tag: tag('Refused', 'grey'), say: 'Refused.' };
  }
}
