import { type Caller, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { protectionInWords } from '../pipeline/index.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import { inOneLine } from '../platform/pure/words.ts';
import { askedOfUs, clockOf, headOf, peopleWho } from './page-decide.ts';
import { fieldRows } from './page-fields.ts';
import { isHolder, type KnownRelease, type KnownRequest } from './page-known.ts';
import { letterOf } from './page-letter.ts';
import { dataSetOf } from './page-words.ts';
import { mayDecide } from './rules.ts';

/** Where a request stands, for everybody but who decides it now: the decision, what happens next, what has happened. */
export function requestPage(known: KnownRequest, caller: Caller, mayPrepareIt: boolean, now: Instant) {
  const { request, kept, decision } = known;
  const ours = isHolder(caller, request);
  const dataSet = dataSetOf(kept?.agreement ?? null, request.dataSet);
  return {
    ...headOf(known),
    ours,
    asked: askedOfUs(known),
    need: request.need,
    standing: standingOf(known, caller),
    clock: request.state === 'waiting' ? clockOf(known, now) : null,
    action: actionOf(known, caller, mayPrepareIt),
    letter: decision && letterOf(known, decision, decision.findings),
    fields: dataSet ? fieldRows(dataSet.fields, dataSet.protection?.k ?? null) : [],
    protection: dataSet ? protectionInWords(dataSet) : null,
    steps: stepsOf(known),
    events: eventsOf(known, caller),
  };
}

function standingOf(known: KnownRequest, caller: Caller) {
  const { request, holder, recipient, decision, people } = known;
  const ours = isHolder(caller, request);
  const [release] = known.releases;
  const by = decision && 'agreement' in decision.decidedBy ? 'The agreement decided this in advance.' : null;
  switch (request.state) {
    case 'waiting': {
      const names = inOneLine(peopleWho(people, mayDecide).map((person) => person.name));
      const who = names
        ? `${names} can decide.`
        : 'Nobody here has a role that decides: ask your administrator.';
      return ours
        ? { tone: 'refer', title: 'This waits for a decision', says: who, note: null }
        : {
            tone: 'refer',
            title: `${holder.name} has your request`,
            says: 'Somebody there decides. Their answer and their reasons will be on this page.',
            note: null,
          };
    }
    case 'agreed':
      return ours
        ? { tone: 'share', title: 'Agreed', says: preparing(release), note: by }
        : {
            tone: 'share',
            title: `${holder.name} agreed to share it`,
            says: 'They prepare the file, and a second person approves what leaves. There is nothing you need to do yet.',
            note: by,
          };
    case 'refused':
      return {
        tone: 'refuse',
        title: ours ? 'Refused' : `${holder.name} refused`,
        says: 'Nothing has left. The reasons are below, and the refusal is in both logs.',
        note: by,
      };
    case 'answered':
      return { tone: 'share', title: 'Answered', says: sentOrNot(release, ours, recipient.name), note: by };
  }
}

function preparing(release: KnownRelease | undefined): string {
  if (release?.state === 'prepared') return `${release.reference} is prepared, and waits for approval.`;
  if (release?.state === 'refused')
    return `The rules refused ${release.reference}. Look at what fails, and prepare it again.`;
  return 'The file has to be prepared next.';
}

function sentOrNot(release: KnownRelease | undefined, ours: boolean, recipient: string): string {
  if (!release) return 'It was answered.';
  const { reference } = release;
  if (release.state === 'destroyed')
    return `${reference} was sent, collected, and its destruction certified.`;
  if (release.state === 'collected') return `${reference} was sent and collected.`;
  return ours
    ? `${reference} is sent. ${recipient} has not collected it yet.`
    : `${reference} is here: collect and acknowledge it.`;
}

type Action = { text: string; href: string } | null;

// The one thing to do next from here, for who may do it.
function actionOf({ request, releases }: KnownRequest, caller: Caller, mayPrepareIt: boolean): Action {
  const [release] = releases;
  const ours = isHolder(caller, request);
  if (request.state === 'waiting' && ours && holdsRole(caller, mayDecide)) {
    return { text: 'Decide', href: paths.request(request.reference) };
  }
  if (release && release.state !== 'refused' && release.state !== 'withdrawn') {
    return { text: `Go to ${release.reference}`, href: paths.release(release.reference) };
  }
  return request.state === 'agreed' && ours && mayPrepareIt
    ? { text: 'Prepare the file', href: paths.prepareRelease(request.reference) }
    : null;
}

function stepsOf({ request, holder, recipient, releases }: KnownRequest) {
  const [release] = releases;
  const refused = request.state === 'refused';
  const steps = refused
    ? [`${recipient.name} asked`, `${holder.name} refused`]
    : [
        `${recipient.name} asks`,
        `${holder.name} decides`,
        'The file is prepared',
        'Somebody else approves what leaves',
        `${recipient.name} collects and acknowledges it`,
        `${recipient.name} destroys it and certifies that`,
      ];
  const done = refused ? 2 : howFar(request.state, release);
  return steps.map((text, at) => ({
    state: at < done ? 'done' : at === done ? 'now' : 'next',
    text,
    meta: null,
  }));
}

function howFar(state: KnownRequest['request']['state'], release: KnownRelease | undefined): number {
  if (state === 'waiting') return 1;
  if (release?.state === 'destroyed') return 6;
  if (release?.state === 'collected') return 5;
  if (state === 'answered') return 4;
  return release?.state === 'prepared' ? 3 : 2;
}

type Event = { at: Instant; title: string; by: string; link?: { text: string; href: string } };

/** What has happened, latest first. A person is named only to their own organisation. */
function eventsOf(known: KnownRequest, caller: Caller) {
  const { request, decision, holder, recipient, releases } = known;
  const nameOf = (organisation: { id: string; name: string }, person: string | null): string => {
    const found = known.people.find((one) => one.id === person);
    return organisation.id === caller.organisation.id && found ? found.name : organisation.name;
  };
  const raisedFrom = request.raisedByOrganisation === holder.id ? holder : recipient;
  const events: Event[] = [
    { at: request.raisedAt, title: 'Asked', by: nameOf(raisedFrom, request.raisedByPerson) },
    ...(decision ? [decisionEvent(decision, nameOf, holder)] : []),
    ...releases.flatMap((release) => releaseEvents(release, holder.name, recipient.name)),
  ];
  return events
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .map(({ at, ...event }) => ({ ...event, when: showInstant(at) }));
}

function decisionEvent(
  decision: NonNullable<KnownRequest['decision']>,
  nameOf: (organisation: { id: string; name: string }, person: string | null) => string,
  holder: { id: string; name: string },
): Event {
  const by = 'agreement' in decision.decidedBy ? 'the agreement' : nameOf(holder, decision.decidedBy.person);
  return { at: decision.decidedAt, title: decision.decision === 'share' ? 'Agreed' : 'Refused', by };
}

function releaseEvents(release: KnownRelease, holder: string, recipient: string): Event[] {
  const link = { text: release.reference, href: paths.release(release.reference) };
  const prepared = release.state === 'refused' ? 'Release refused by the rules' : 'Release prepared';
  return [
    { at: release.preparedAt, title: prepared, by: holder, link },
    ...(release.sentAt ? [{ at: release.sentAt, title: 'Sent', by: holder, link }] : []),
    ...(release.collectedAt ? [{ at: release.collectedAt, title: 'Collected', by: recipient, link }] : []),
    ...(release.destroyedAt
      ? [{ at: release.destroyedAt, title: 'Destruction certified', by: recipient, link }]
      : []),
  ];
}
