import type { KeptAgreement } from '../agreements/index.ts';
import { type Caller, holdsRole, type Organisation } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import type { KnownRelease } from './page-known.ts';
import { purposeOf, shortDay, timeLeft, titleOf } from './page-words.ts';
import { mayAsk } from './rules.ts';
import type { DataRequest } from './store.ts';

type Known = {
  requests: readonly DataRequest[];
  organisations: readonly Organisation[];
  agreements: readonly KeptAgreement[];
  releases: readonly KnownRelease[];
};

/** One line of the list, as the macro `queue` shows it. */
type Row = {
  due: string | null;
  left: string | null;
  soon: boolean;
  title: string;
  href: string;
  why: string;
  tag: { text: string; classes: string };
  meta: string;
};

type Turn = 'ours' | 'theirs' | 'nobody';

/** The requests of an organisation: what waits on it first, by the time left, then what waits on others, then the rest. */
export function listPage(known: Known, caller: Caller, now: Instant) {
  const rows = known.requests.map((request) => ({ request, ...rowOf(request, known, caller, now) }));
  const whose = (turn: Turn) => rows.filter((one) => one.turn === turn);
  const byTime = (a: { request: DataRequest }, b: { request: DataRequest }) =>
    compare(a.request.neededBy ?? '9999', b.request.neededBy ?? '9999') ||
    compare(a.request.raisedAt, b.request.raisedAt);
  const shown = (list: { row: Row }[]) => list.map((one) => one.row);
  return {
    ours: shown(whose('ours').sort(byTime)),
    theirs: shown(whose('theirs').sort(byTime)),
    answered: shown(whose('nobody')),
    mayAsk: holdsRole(caller, mayAsk),
  };
}

function rowOf(request: DataRequest, known: Known, caller: Caller, now: Instant): { turn: Turn; row: Row } {
  const ours = request.holderId === caller.organisation.id;
  const partnerId = ours ? request.recipientId : request.holderId;
  const partner = known.organisations.find((one) => one.id === partnerId)?.name ?? 'Another organisation';
  const agreement = known.agreements.find((one) => one.id === request.agreementId)?.agreement ?? null;
  const release = known.releases.find((one) => one.requestId === request.id) ?? null;
  const { turn, tag, say } = standing(request, release, ours, partner);
  const open = turn !== 'nobody' && request.neededBy !== null && !release?.sentAt;
  const time = open && request.neededBy ? timeLeft(request.neededBy, now) : null;
  return {
    turn,
    row: {
      due: time && request.neededBy ? shortDay(request.neededBy) : null,
      left: time?.left ?? null,
      soon: time?.soon ?? false,
      title: `${titleOf(agreement, request.dataSet)} ${ours ? 'for' : 'from'} ${partner}`,
      href: paths.request(request.reference),
      why: `${say} For: ${purposeOf(agreement, request.purpose)}.`,
      tag,
      meta: `${request.reference}, asked ${showInstant(request.raisedAt)}`,
    },
  };
}

type Standing = { turn: Turn; tag: Row['tag']; say: string };

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
        ? { turn: 'ours', tag: tag('Decide', 'yellow'), say: 'Waits for your decision.' }
        : { turn: 'theirs', tag: tag('Waiting', 'blue'), say: `Waits for ${partner} to decide.` };
    case 'agreed':
      if (!ours)
        return { turn: 'theirs', tag: tag('Agreed', 'green'), say: `${partner} is preparing the data.` };
      return release?.state === 'prepared'
        ? { turn: 'ours', tag: tag('Approve', 'yellow'), say: `${release.reference} waits for approval.` }
        : { turn: 'ours', tag: tag('Prepare', 'yellow'), say: 'Agreed: the data has to be prepared.' };
    case 'answered':
      return !ours && release?.state === 'sent'
        ? { turn: 'ours', tag: tag('Collect', 'yellow'), say: `${release.reference} waits to be collected.` }
        : {
            turn: 'nobody',
            tag: tag('Sent', 'green'),
            say: release ? `Answered by ${release.reference}.` : 'Sent.',
          };
    case 'refused':
      return { turn: 'nobody', tag: tag('Refused', 'grey'), say: 'Refused.' };
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
