import type { Caller, Role } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import { counted, inOneLine } from '../platform/pure/words.ts';
import { backupAge, type DiagnosisId, diagnose, type Facts } from './doctor.ts';

/** Weak points are for who can close them, and for the officer who must know of them (UK GDPR Article 39(1)(b)). */
export const maySeeSafety: readonly Role[] = ['administrator', 'dpo'];

type Link = { text: string; href: string };

/** A finding as a page says it: no path, address or command, which are for who runs the service. */
type Words = {
  /** Who can put it right: an administrator of the organisation, or whoever runs the service. */
  whose: 'organisation' | 'operator';
  title: string;
  says: string;
  todo: string;
  link?: Link;
};

const people: Link = { text: 'People', href: paths.people() };
const letIn: Link = { text: 'Let somebody in', href: paths.newPerson() };

const words: Record<Exclude<DiagnosisId, 'empty'>, (facts: Facts) => Words> = {
  example: () => ({
    whose: 'operator',
    title: 'Nothing protects the example',
    says: 'Anybody on this machine can sign in as anybody.',
    todo: 'Put no real data in it. Have a real instance set up for that.',
  }),
  'no-second-factor': ({ bodies }) => {
    const names = bodies.flatMap((body) => body.withoutApp);
    const shown = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
    return {
      whose: 'organisation',
      title: `${counted(names.length, 'person has', 'people have')} a password and no authenticator app`,
      says: `${inOneLine(shown)}. Whoever learns their password first can set up an app as them.`,
      todo: 'Have them sign in today: they are asked to set up an app. Erase whoever has left.',
      link: people,
    };
  },
  'one-administrator': ({ bodies }) => ({
    whose: 'organisation',
    title: bodies.some((body) => body.administrators > 0)
      ? 'Only one administrator can sign in'
      : 'No administrator can sign in',
    says: 'If they leave or lose their phone, nobody here can let people in or help them.',
    todo: 'Make a colleague administrator too.',
    link: people,
  }),
  'one-approver': ({ bodies }) => ({
    whose: 'organisation',
    title: bodies.some((body) => body.approvers > 0)
      ? 'Only one person approves releases'
      : 'Nobody approves releases',
    says: 'Nobody approves what they prepared themselves, so data can wait for somebody who is not there.',
    todo: 'If your organisation sends data, give a second person a role that approves.',
    link: letIn,
  }),
  'ledger-stopped': () => ({
    whose: 'operator',
    title: 'Your ledger has stopped',
    says: 'Nothing new that has to be in it can be done until this is put right.',
    todo: 'Read on Today what happened and what can be done, and tell whoever runs this service now.',
    link: { text: 'Today', href: paths.today() },
  }),
  'ledger-waits': () => ({
    whose: 'operator',
    title: 'The ledger does not keep up',
    says: 'What is done here waits for the ledger longer than it should. It is kept, and has no receipt yet.',
    todo: 'Have them read what the service says on its console.',
  }),
  'no-backup': (facts) => {
    const age = backupAge(facts);
    return {
      whose: 'operator',
      title:
        age === null ? 'No backup is known of' : `The last backup is ${counted(age, 'hour', 'hours')} old`,
      says: 'If the disk fails, what was done since then is lost.',
      todo: 'Have a backup made every day, and kept on another machine.',
    };
  },
  'keys-beside-data': () => ({
    whose: 'operator',
    title: 'The master key lies beside the data',
    says: 'Whoever copies the folder of this service can open everything, and whoever loses it has lost everything.',
    todo: 'Have a copy of the keys kept elsewhere, and the disk encrypted.',
  }),
  'checkpoints-beside-data': () => ({
    whose: 'operator',
    title: 'The last signed state lies beside the data',
    says: 'Whoever puts an old disk back puts both back, and nobody here notices. Your partners’ receipts would.',
    todo: 'Have it copied to another machine often.',
  }),
  'no-tls': () => ({
    whose: 'operator',
    title: 'The connection to this service is not encrypted',
    says: 'Whoever is on the network between can read passwords and data.',
    todo: 'Stop using it over the network until a proxy with TLS stands before it.',
  }),
  'no-proxy': () => ({
    whose: 'operator',
    title: 'The service knows of no proxy before it',
    says: 'If there is one, all visitors seem to come from one address, and one person’s wrong passwords slow the others.',
    todo: 'Have the proxy named to the service, if there is one.',
  }),
  readable: () => ({
    whose: 'operator',
    title: 'Others on the machine can read what only the service should',
    says: 'Keys or data of this service can be read or changed by other programs there.',
    todo: 'Have that taken away today.',
  }),
  node: ({ node }) => ({
    whose: 'operator',
    title: 'The service runs on software that gets no security fixes',
    says: `It runs on Node ${node}.`,
    todo: 'Have it started with the version that comes with it.',
  }),
  clock: ({ skew }) => ({
    whose: 'operator',
    title: 'Two clocks disagree',
    says: `Those of the service and of its database are ${Math.abs(skew).toFixed(1)} seconds apart. Codes of authenticator apps are refused at 30.`,
    todo: 'Have both set by the network.',
  }),
  'database-role': () => ({
    whose: 'operator',
    title: 'The database does not hold the service back',
    says: 'The service signs in to its database as somebody who may do everything there.',
    todo: 'Have it given a role that may do only what it needs.',
  }),
  'database-tls': () => ({
    whose: 'operator',
    title: 'The connection to the database is not encrypted',
    says: 'Whoever is on the network between can read what the database is asked and answers.',
    todo: 'Have it encrypted, and the database refuse others.',
  }),
};

/** “What is not safe yet”: the doctor's findings for somebody of one body, by who can put them right. */
export function safetyPage({ organisation }: Caller, facts: Facts) {
  const found = diagnose(facts).flatMap(({ id, level }) =>
    id === 'empty' ? [] : [{ id, ...words[id](facts), must: level === 'do' }],
  );
  // Several files that others can read are one thing to put right.
  const each = [...new Map(found.map((one) => [one.id, one])).values()];
  const of = (whose: Words['whose']) =>
    each
      .filter((one) => one.whose === whose)
      .sort((one, other) => Number(other.must) - Number(one.must))
      .map(({ must, title, says, todo, link }) => ({
        title,
        says,
        todo,
        link: link ?? null,
        tag: must
          ? { text: 'Put right', classes: 'govuk-tag--red' }
          : { text: 'Weigh up', classes: 'govuk-tag--yellow' },
      }));
  const must = each.filter((one) => one.must).length;
  return {
    organisation: organisation.name,
    when: showInstant(facts.now satisfies Instant),
    must,
    verdict: must === 0 ? 'Nothing has to be put right' : `${counted(must, 'thing', 'things')} to put right`,
    weigh: each.length - must,
    yours: of('organisation'),
    operators: of('operator'),
  };
}
