import { finderOf, type Partnered } from '../organisations/index.ts';
import { type Role, roles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Listed } from '../platform/keyset.ts';
import { type Asked, sectionOf } from '../platform/list-page.ts';
import { type Day, showDay, showInstant } from '../platform/pure/dates.ts';
import { inOneLine } from '../platform/pure/words.ts';
import type { Agreement } from './document.ts';
import type { Law } from './law.ts';
import type { AgreementList } from './lists.ts';
import { agreementCan, mayPropose, type Standing, signingRole, standingOf } from './rules.ts';
import type { KeptAgreement, ListedAgreement } from './store.ts';
import { dataSetsShown, termsTables } from './terms-tables.ts';

/** Who looks at an agreement: their organisation and what they are in it. */
export type Reader = { organisation: { id: string; slug: string; name: string }; roles: readonly Role[] };

/** What is known of a signature beside what is kept: whose it is (id and short name), its key's fingerprint, and whether it is proved now. */
export type SignatureProof = {
  organisationId: string;
  organisation: string;
  fingerprint: string;
  proved: boolean;
};

/** How each tone of a standing is tagged. */
const tags: Record<Standing['tone'], string> = {
  'in-force': 'govuk-tag--green',
  coming: 'govuk-tag--blue',
  draft: 'govuk-tag--yellow',
  over: 'govuk-tag--grey',
};

/** What the lists of agreements are shown from. */
export type KnownLists = {
  asked: Asked<AgreementList>;
  lists: { list: AgreementList; listed: Listed<ListedAgreement>; count: number }[];
  partnered: Partnered;
};

const titlesOfLists: Record<AgreementList, { title: string; order: string }> = {
  draft: { title: 'To be signed', order: 'the soonest to start first' },
  current: { title: 'In force', order: 'the soonest to end first' },
  over: { title: 'Over', order: 'the last to end first' },
};

/** The agreements of one organisation: what each is, with whom, and where it stands. */
export function agreementsPage({ asked, lists, partnered }: KnownLists, reader: Reader, today: Day) {
  const kept = partnered.partner && { with: partnered.partner.slug };
  const sections = lists.map(({ list, listed, count }) => {
    const rows = listed.rows.map((one) => listedAgreement(one, reader, today));
    const href = (query: { list: AgreementList; after?: string }) => paths.agreements({ ...kept, ...query });
    return sectionOf({ list, ...titlesOfLists[list], listed: { ...listed, rows }, count, asked, href });
  });
  return {
    mayPropose: reader.roles.some((role) => mayPropose.includes(role)),
    sections: sections.filter((one) => one.rows.length > 0),
    nothing: sections.every((one) => one.rows.length === 0),
    one: asked.list !== null,
    ...finderOf(partnered, paths.agreements),
  };
}

function listedAgreement(kept: ListedAgreement, reader: Reader, today: Day) {
  const { agreement } = kept;
  const standing = standingIn(kept, today);
  const others = agreement.parties.filter((party) => party.organisation !== reader.organisation.slug);
  return {
    id: agreement.reference,
    href: paths.agreement(agreement.reference),
    title: agreement.title,
    tag: { text: standing.text, classes: tags[standing.tone] },
    left: standing.left,
    canSign: roleToSign(kept, reader) !== null,
    facts: [
      ['Reference', `${agreement.reference}, version ${agreement.version}`],
      ['With', inOneLine(others.map((party) => party.legalName))],
      ['Data', inOneLine(agreement.terms.datasets.map((one) => one.title))],
      ['For', agreement.terms.purposes.map((one) => one.says).join('; ')],
      ['In force', `${showDay(agreement.startsOn)} to ${showDay(agreement.endsOn)}`],
    ],
  };
}

/** One agreement: its words as a document, its terms as tables, its signatures, and what the reader can do. */
export function agreementPage(
  kept: KeptAgreement,
  proofs: readonly SignatureProof[],
  reader: Reader,
  law: Law,
  today: Day,
) {
  const { agreement, digest } = kept;
  const { reference } = agreement;
  const standing = standingIn(kept, today);
  const names = new Map(agreement.parties.map((party) => [party.organisation, party.legalName]));
  const role = roleToSign(kept, reader);
  const tables = termsTables(agreement, (slug) => names.get(slug) ?? slug, law);
  return {
    title: agreement.title,
    reference,
    version: agreement.version,
    digest,
    tag: { text: standing.text, classes: tags[standing.tone] },
    left: standing.left,
    facts: [
      ['Between', agreement.parties.map((party) => party.legalName).join('; ')],
      ['In force', `${showDay(agreement.startsOn)} to ${showDay(agreement.endsOn)}`],
      ['Looked after by', agreement.owner],
      ['Marking', agreement.marking],
    ],
    sign: role && {
      action: paths.signAgreement(reference),
      as: roles[role].toLowerCase(),
      for: names.get(reader.organisation.slug) ?? reader.organisation.name,
    },
    compare: reader.roles.some((one) => mayPropose.includes(one))
      ? paths.compareAgreements({ with: reference })
      : null,
    download: kept.signatures.length > 0 ? paths.signedAgreement(reference) : null,
    files: [
      {
        href: paths.writtenAgreement(reference, 'pdf'),
        text: 'PDF',
        note: 'to keep and to print, with who has signed',
      },
      { href: paths.writtenAgreement(reference, 'docx'), text: 'Word', note: 'to work on' },
      {
        href: paths.writtenAgreement(reference, 'yaml'),
        text: 'YAML',
        note: 'the agreement itself',
      },
    ],
    signatures: agreement.parties.map((party) => signatureOf(kept, party, proofs)),
    parties: agreement.parties.map(partyShown),
    dataSets: dataSetsShown(agreement),
    tables,
    contents: [
      { text: 'The parties', href: '#parties' },
      { text: 'Signatures', href: '#signatures' },
      ...tables.map((table) => ({ text: table.title, href: `#${table.id}` })),
      { text: 'Data sets, column by column', href: '#data-sets' },
    ],
    sections: agreement.clauses
      .filter((clause) => depth(clause.id) === 1)
      .map((clause) => ({ text: `${clause.id} ${clause.heading ?? ''}`, href: `#clause-${clause.id}` })),
    clauses: agreement.clauses.map(({ id, heading, text }) => ({
      id,
      heading: heading ?? null,
      level: Math.min(2 + depth(id), 4),
      paragraphs: text.split('\n').filter((line) => line.trim() !== ''),
    })),
  };
}

/** The role a reader may sign an agreement with now, or null. */
export function roleToSign(kept: ListedAgreement, reader: Reader): Role | null {
  const party = kept.agreement.parties.find((one) => one.organisation === reader.organisation.slug);
  const signed = kept.signatures.some((one) => one.organisationId === reader.organisation.id);
  if (!party || signed || !agreementCan('sign', kept.state)) return null;
  return signingRole(reader.roles, party.maySign);
}

const partyRoles: Record<Agreement['parties'][number]['role'], string> = {
  controller: 'controller',
  'joint-controller': 'joint controller',
  processor: 'processor',
};

function partyShown({
  legalName,
  status,
  role,
  address,
  registration,
  contacts,
}: Agreement['parties'][number]) {
  return {
    name: legalName,
    says: `${status.charAt(0).toUpperCase()}${status.slice(1)}, ${partyRoles[role]}. ${address}. Registration ${registration}.`,
    contacts: [contacts.spoc, contacts.dpo],
  };
}

function signatureOf(
  kept: KeptAgreement,
  party: KeptAgreement['agreement']['parties'][number],
  proofs: readonly SignatureProof[],
) {
  const proof = proofs.find((one) => one.organisation === party.organisation);
  const signature = kept.signatures.find((one) => one.organisationId === proof?.organisationId);
  if (!proof || !signature) {
    const may = party.maySign.map((role) => roles[role].toLowerCase());
    const says = `Not signed yet. May sign: ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(may)}.`;
    return { party: party.legalName, says, fingerprint: null, tag: { text: 'Waiting', classes: tags.draft } };
  }
  const role = roles[signature.role as Role] ?? signature.role;
  return {
    party: party.legalName,
    says: `${role}, ${showInstant(signature.signedAt)}`,
    fingerprint: proof.fingerprint,
    tag: proof.proved
      ? { text: 'Proved now', classes: 'govuk-tag--green' }
      : { text: 'Does not prove', classes: 'govuk-tag--red' },
  };
}

/** Where an agreement stands on a day. */
export function standingIn({ state, agreement, signatures }: ListedAgreement, today: Day): Standing {
  const { startsOn, endsOn, parties } = agreement;
  return standingOf({ state, startsOn, endsOn, signed: signatures.length, parties: parties.length }, today);
}

function depth(clauseId: string): number {
  return clauseId.split('.').length;
}
