import { type Brief, type ListedAgreement, roleToSign } from '../agreements/index.ts';
import type { Caller } from '../organisations/rules.ts';
import { holdsRole, roles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { addToDay, type Day, type Instant, londonDay } from '../platform/pure/dates.ts';
import { inOneLine, lowerFirst } from '../platform/pure/words.ts';
import type { ListedRelease } from '../releases/index.ts';
import { mayApprove, mayCollect, mayDestroy, mayPrepare } from '../releases/rules.ts';
import { type DataRequest, purposeOf, titleOf } from '../requests/index.ts';
import { mayDecide } from '../requests/rules.ts';

/** The most urgent of what is open that an organisation is a party to, as read in one transaction. */
export type Open = {
  requests: readonly DataRequest[];
  releases: readonly ListedRelease[];
  /** Those to be signed. */
  drafts: readonly ListedAgreement[];
  /** Those that the requests and releases are under, by id. */
  agreements: ReadonlyMap<string, Brief>;
};

/** One thing to be done: by whoever looks (`you`), by somebody of their organisation, or by a partner. */
export type Task = {
  whose: 'you' | 'colleague' | 'partner';
  title: string;
  why: string;
  meta: string;
  href: string;
  due: Day | null;
  /** The day it began to wait. */
  since: Day;
};

/** What is to be done, by anybody, the soonest first: what has no date comes after what has one, the oldest first. */
export function tasksOf(open: Open, caller: Caller, nameOf: (id: string) => string): Task[] {
  const about = { open, caller, nameOf };
  return [
    ...open.requests.flatMap((one) => requestTask(one, about)),
    ...open.releases.flatMap((one) => releaseTask(one, about)),
    ...open.drafts.flatMap((one) => signingTask(one, about)),
  ].sort(
    (one, other) =>
      (one.due ?? '9999').localeCompare(other.due ?? '9999') || one.since.localeCompare(other.since),
  );
}

/** Dated work that is further off than this many days can wait for another day. */
const horizon = 30;

/** The last day of what cannot wait for another day. */
export function soonUntil(now: Instant): Day {
  return addToDay(londonDay(now), { days: horizon });
}

/** Whether a task is for another day: it has a date, and the date is far off. */
export function isLater(task: Task, now: Instant): boolean {
  return task.due !== null && task.due > soonUntil(now);
}

type About = { open: Open; caller: Caller; nameOf: (id: string) => string };

function requestTask(request: DataRequest, { open, caller, nameOf }: About): Task[] {
  const terms = open.agreements.get(request.agreementId) ?? null;
  const title = titleOf(terms, request.dataSet);
  const holder = nameOf(request.holderId);
  const recipient = nameOf(request.recipientId);
  const ours = request.holderId === caller.organisation.id;
  const clause = terms ? ` under ${terms.reference}, clause ${terms.terms.requests.clause}` : '';
  const base = {
    why: `For: ${lowerFirst(purposeOf(terms, request.purpose))}.`,
    href: paths.request(request.reference),
    due: request.neededBy,
    since: londonDay(request.raisedAt),
  };
  if (request.state === 'waiting') {
    const whose = turn(ours, holdsRole(caller, mayDecide));
    const words = {
      you: `Decide whether ${recipient} gets ${lowerFirst(title)} data`,
      colleague: `Decide whether ${recipient} gets ${lowerFirst(title)} data`,
      partner: `${holder} decides on your request for ${lowerFirst(title)} data`,
    };
    const who = { you: '1 decision.', colleague: 'An information asset owner decides.', partner: '' };
    return [{ ...base, whose, title: words[whose], meta: meta(`${request.reference}${clause}`, who[whose]) }];
  }
  // Agreed: somebody prepares the file, unless one is prepared and waits to be approved.
  const prepared = open.releases.some((one) => one.requestId === request.id && one.state === 'prepared');
  if (request.state !== 'agreed' || prepared) return [];
  const whose = turn(ours, holdsRole(caller, mayPrepare));
  const words = {
    you: `Prepare ${lowerFirst(title)} data for ${recipient}`,
    colleague: `Prepare ${lowerFirst(title)} data for ${recipient}`,
    partner: `${holder} prepares ${lowerFirst(title)} data for you`,
  };
  const who = {
    you: 'Agreed. 1 file to choose.',
    colleague: 'A practitioner prepares it.',
    partner: 'It agreed.',
  };
  return [{ ...base, whose, title: words[whose], meta: meta(`${request.reference}${clause}`, who[whose]) }];
}

function releaseTask(release: ListedRelease, { open, caller, nameOf }: About): Task[] {
  const terms = open.agreements.get(release.agreementId) ?? null;
  const data = `${lowerFirst(titleOf(terms, release.dataSet))} data`;
  const sender = nameOf(release.senderId);
  const recipient = nameOf(release.recipientId);
  const sent = release.senderId === caller.organisation.id;
  const under = `${release.reference}${terms ? ` under ${terms.reference}` : ''}`;
  const base = { href: paths.release(release.reference), due: null, since: londonDay(release.preparedAt) };
  if (release.state === 'prepared') {
    const own = release.preparedBy === caller.person?.id;
    const whose = turn(true, holdsRole(caller, mayApprove) && !own);
    const why = own
      ? 'You prepared it, so somebody else approves.'
      : 'You see exactly what leaves before you decide.';
    const who = whose === 'you' ? '1 decision.' : 'An information asset owner approves.';
    const title = `Approve ${data} for ${recipient}`;
    return [
      {
        ...base,
        whose,
        title,
        why: whose === 'you' || own ? why : 'Nothing leaves before.',
        meta: meta(under, who),
      },
    ];
  }
  if (release.state === 'sent') {
    const whose = turn(!sent, holdsRole(caller, mayCollect));
    const title = sent ? `${recipient} collects ${data}` : `Collect ${data} from ${sender}`;
    const why = sent
      ? 'It is sent and encrypted to them.'
      : 'It is encrypted to your organisation. Collecting it tells them it arrived.';
    const who = { you: '1 step.', colleague: 'A practitioner collects it.', partner: '' };
    return [
      {
        ...base,
        since: londonDay(release.sentAt ?? release.preparedAt),
        whose,
        title,
        why,
        meta: meta(under, who[whose]),
      },
    ];
  }
  if (release.state !== 'collected') return [];
  const whose = turn(!sent, holdsRole(caller, mayDestroy));
  const retention = terms?.terms.retention.find((one) => one.dataSet === release.dataSet);
  const law =
    retention && terms
      ? `${terms.reference} clause ${retention.clause}; UK GDPR Article 5(1)(e)`
      : 'UK GDPR Article 5(1)(e)';
  const title = sent ? `${recipient} destroys ${data}` : `Destroy ${data} from ${sender}`;
  const why = sent
    ? 'It certifies that it has. You both hold the certificate.'
    : 'Then certify it: 1 sentence. You both hold the certificate.';
  const since = londonDay(release.collectedAt ?? release.preparedAt);
  return [
    {
      ...base,
      whose,
      title,
      why,
      meta: meta(`${release.reference}. ${law}`, ''),
      due: release.keepUntil,
      since,
    },
  ];
}

function signingTask(kept: ListedAgreement, { caller, nameOf }: About): Task[] {
  if (kept.state !== 'draft') return [];
  const { agreement } = kept;
  const reader = { organisation: caller.organisation, roles: caller.person?.roles ?? [] };
  const signed = kept.signatures.map((one) => one.organisationId);
  const left = kept.partyIds.filter((id) => !signed.includes(id));
  const whose = turn(left.includes(caller.organisation.id), roleToSign(kept, reader) !== null);
  const party = agreement.parties.find((one) => one.organisation === caller.organisation.slug);
  const who = {
    you: '1 decision.',
    colleague: `May sign: ${inOneLine((party?.maySign ?? []).map((role) => lowerFirst(roles[role])))}.`,
    partner: '',
  };
  const law = 'No data is shared before every party has signed (CJS data-sharing guidance 2023, section 1.4)';
  return [
    {
      whose,
      title: `${whose === 'partner' ? `${inOneLine(left.map(nameOf))} signs` : 'Sign'} agreement ${agreement.reference}`,
      why: agreement.title,
      meta: meta(law, who[whose]),
      href: paths.agreement(agreement.reference),
      due: agreement.startsOn,
      since: agreement.startsOn,
    },
  ];
}

function turn(ours: boolean, may: boolean): Task['whose'] {
  if (!ours) return 'partner';
  return may ? 'you' : 'colleague';
}

function meta(what: string, who: string): string {
  return `${what}. ${who}`.trim();
}
