import { type Caller, type Person, type Role, showRoles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { protectionInWords } from '../pipeline/index.ts';
import { showCount } from '../platform/list-page.ts';
import { type Instant, londonDay, showDay, showInstant } from '../platform/pure/dates.ts';
import type { Evaluation } from '../rulebook/index.ts';
import { fieldRows } from './page-fields.ts';
import { type KnownRequest, mostPast } from './page-known.ts';
import { letterOf, suggestedReasons } from './page-letter.ts';
import { count, dataSetOf, purposeOf, timeLeft, titleOf } from './page-words.ts';
import { type DecideRequest, mayDecide } from './rules.ts';

/** Everything a person needs to decide on one page: the verdict, what fails and what would fix it, what would leave. */
export function decidePage(known: KnownRequest, evaluation: Evaluation, caller: Caller, now: Instant) {
  const { request, recipient, kept } = known;
  const agreement = kept?.agreement ?? null;
  const dataSet = dataSetOf(agreement, request.dataSet);
  const failing = evaluation.findings.filter((one) => one.outcome === 'fails');
  const passing = evaluation.findings.filter((one) => one.outcome === 'passes');
  return {
    ...headOf(known),
    asked: askedOfUs(known),
    need: request.need,
    verdict: verdictOf(evaluation, passing.length, failing.length),
    failing,
    passing,
    fields: dataSet ? fieldRows(dataSet.fields, dataSet.protection?.k ?? null) : [],
    protection: dataSet ? protectionInWords(dataSet) : null,
    clock: clockOf(known, now),
    deciders: decidersOf(known.people, caller, evaluation),
    partner: { name: recipient.name, facts: dealingsOf(known) },
    before: decidedBefore(known),
    choices: choicesOf(evaluation),
  };
}

/** The last look before a decision is sent: the reasons, and exactly what the other side will read. */
export function confirmPage(
  known: KnownRequest,
  evaluation: Evaluation,
  decision: DecideRequest['decision'],
  typed: string | null,
) {
  const { kept, recipient, request } = known;
  const agreement = kept?.agreement.reference ?? '';
  const reasons = typed ?? suggestedReasons(decision, evaluation.findings, agreement);
  const share = decision === 'share';
  const fails = evaluation.findings.some((one) => one.outcome === 'fails');
  return {
    reference: request.reference,
    recipient: recipient.name,
    decision,
    heading: share ? 'Check and send: share what they asked for' : 'Check and send: refuse',
    reasons,
    reasonsHint:
      typed === null && reasons !== ''
        ? 'Filled in from the checks. Change anything that is not right.'
        : 'They read these, word for word.',
    letter: letterOf(known, { decision, reasons }, evaluation.findings),
    next: share
      ? [
          `${recipient.name} reads your decision, and both logs record it`,
          'A colleague prepares the file',
          'Somebody else looks at exactly what leaves, and approves it',
          `${recipient.name} collects it`,
        ]
      : [
          `${recipient.name} reads your decision, and both logs record it`,
          fails
            ? 'They can ask again when what fails is put right'
            : 'They can ask again, with your reasons in mind',
        ],
  };
}

/** What stands at the top of every page of a request. */
export function headOf({ request, holder, recipient, kept }: KnownRequest) {
  return {
    reference: request.reference,
    from: recipient.name,
    to: holder.name,
    dataSet: titleOf(kept?.agreement ?? null, request.dataSet),
  };
}

/** What was asked, as facts. */
export function askedOfUs({ request, kept }: KnownRequest): [string, string][] {
  const agreement = kept?.agreement ?? null;
  return [
    ['Purpose', purposeOf(agreement, request.purpose)],
    ['Data', titleOf(agreement, request.dataSet)],
    ['Under', agreement ? `${agreement.reference}, ${agreement.title}` : 'an agreement that you cannot see'],
    ['Asked', showInstant(request.raisedAt)],
    ['Needed by', request.neededBy ? showDay(request.neededBy) : 'no date given'],
  ];
}

function verdictOf({ verdict }: Evaluation, passing: number, failing: number) {
  const all = passing + failing;
  if (verdict === 'refuse' || verdict === 'smaller-set') {
    return {
      tone: 'refuse',
      title: 'This cannot be shared as things stand',
      says: `${passing} of ${count(all, 'check')} pass and ${failing} ${failing === 1 ? 'fails' : 'fail'}. What fails is law or signed terms, and nobody can agree to it.`,
      note: 'You can refuse with these as your reasons, or leave the request waiting until what fails is put right.',
    };
  }
  const note = 'The checks advise. You decide, and your reasons are what is recorded.';
  if (verdict === 'refer') {
    const says = `${passing} of ${count(all, 'check')} pass. ${failing === 1 ? 'One is' : `${failing} are`} advice, which you may override with a reason.`;
    return { tone: 'refer', title: 'A person has to weigh this', says, note };
  }
  return { tone: 'share', title: 'You can share this', says: `All ${all} checks pass.`, note };
}

/** When an answer is due: the day the other side gave, or the notice that the agreement sets. */
export function clockOf({ request, kept }: KnownRequest, now: Instant) {
  const notice = kept?.agreement.terms.requests;
  const agreed = notice
    ? `The agreement asks for ${count(notice.noticeWorkingDays, 'working day')}’ notice (clause ${notice.clause}).`
    : null;
  if (!request.neededBy) return { title: 'No date given', left: null, soon: false, agreed };
  const { left, soon } = timeLeft(request.neededBy, now);
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long' });
  const weekday = day.format(new Date(request.neededBy));
  return { title: `Needed by ${weekday} ${showDay(request.neededBy)}`, left, soon, agreed };
}

/** Who in the caller's organisation may do something, the caller first. */
export function peopleWho(people: readonly Person[], roles: readonly Role[]): Person[] {
  return people.filter((person) => person.roles.some((role) => roles.includes(role)));
}

function decidersOf(people: readonly Person[], caller: Caller, { verdict }: Evaluation) {
  const may = peopleWho(people, mayDecide);
  const you = may.filter((person) => person.id === caller.person?.id);
  const others = may.filter((person) => person.id !== caller.person?.id);
  const turn = [...you, ...others].map((person) => ({
    state: 'now',
    text: person.id === caller.person?.id ? 'You decide' : `${person.name} can decide`,
    meta: showRoles(person.roles),
  }));
  if (verdict === 'refuse') return turn; // nothing comes after a refusal
  return [...turn, { state: 'next', text: 'A colleague prepares the file', meta: null }, approves];
}

const approves = { state: 'next', text: 'Somebody else approves what leaves', meta: 'Never who prepared it' };

// Of a partner of many years the newest hundred say how it deals; what is overdue is counted over all of them.
function dealingsOf({ past }: KnownRequest): [string, string][] {
  const decided = past.requests.filter((one) => one.decision !== null);
  const shared = decided.filter((one) => one.decision?.decision === 'share').length;
  const left = past.releases.filter((one) => one.sentAt !== null);
  const destroyed = left.filter((one) => one.destroyedAt !== null).length;
  const overdue = past.overdue > 0 ? `, ${showCount(past.overdue)} overdue` : '';
  if (past.requests.length === 0 && left.length === 0) return [['Before', 'nothing asked or sent yet']];
  const requests =
    past.requests.length === mostPast ? `of the newest ${mostPast}` : `${past.requests.length} before`;
  const releases = past.releases.length === mostPast ? `of the newest ${mostPast}, ` : '';
  const collected = left.filter((one) => one.collectedAt !== null).length;
  return [
    [
      'Requests',
      past.requests.length === 0
        ? 'this is the first'
        : `${requests}, ${shared} shared, ${decided.length - shared} refused`,
    ],
    ['Releases', `${releases}${left.length} sent, ${collected} collected`],
    ['Destruction', `certified ${destroyed} of ${left.length}${overdue}`],
  ];
}

const mostBefore = 3;

function decidedBefore({ request, past }: KnownRequest) {
  return past.requests
    .flatMap(({ request: one, decision }) =>
      decision && one.dataSet === request.dataSet ? [{ one, decision }] : [],
    )
    .slice(0, mostBefore)
    .map(({ one, decision }) => ({
      reference: one.reference,
      href: paths.request(one.reference),
      says: `The same data. ${decision.decision === 'share' ? 'Shared' : 'Refused'} on ${showDay(londonDay(decision.decidedAt))}:`,
      reasons: decision.reasons,
    }));
}

function choicesOf({ verdict, findings }: Evaluation) {
  const failing = findings.filter((one) => one.outcome === 'fails');
  const share = {
    value: 'share',
    text: 'Share what they asked for',
    hint: { text: 'As in the table above. They are told, and a colleague prepares the file.' },
  };
  const given =
    failing.length === 0
      ? 'They are told why. You give the reasons.'
      : `${failing.length === 1 ? 'The failed check is' : `The ${failing.length} failed checks are`} given as reasons, with what would fix it and the law.`;
  const refuse = { value: 'refuse', text: 'Refuse', hint: { text: given } };
  return verdict === 'share' || verdict === 'refer' ? [share, refuse] : [refuse];
}
