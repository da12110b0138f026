import { parseReceipt } from '../ledger/index.ts';
import { type Caller, holdsRole, showRoles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { failureInWords } from '../pipeline/index.ts';
import { type Instant, showDay, showInstant } from '../platform/pure/dates.ts';
import { counted, inOneLine } from '../platform/pure/words.ts';
import { purposeOf, timeLeft, titleOf } from '../requests/index.ts';
import type { Manifest } from './manifest.ts';
import { fieldInWords, leftBehindInWords } from './movement-record.ts';
import { type KnownRelease, nameOf, showFingerprint } from './page-known.ts';
import { filesOf, type ReleaseFile } from './release-files.ts';
import { mayCollect, mayDestroy, movementToDate, packageFiles } from './rules.ts';
import { limitsOf } from './standard-terms.ts';

/** What the two logs prove of a release: this side's receipts, and the fingerprint of the key that signed. */
export type Proof = { receipt: Buffer; half: Buffer | null; signingKey: string };

/** The receipt of a release that left, for either side: what it was, how to check it, and what comes next. */
export function receiptPage(known: KnownRelease, proof: Proof, caller: Caller, now: Instant) {
  const { release, sender, manifest } = known;
  if (!manifest) throw new Error('A release that left without its manifest');
  const receiving = caller.organisation.id === release.recipientId;
  const files = filesOf(release, manifest, caller.organisation.id).filter(
    (file) => file.kind !== 'to-date' && (!isData(file) || holdsRole(caller, mayCollect)),
  );
  return {
    ...headOf(known),
    standing: standingOf(known, receiving, now),
    rows: rowsOf(known, manifest, proof, caller),
    files: files.map((file) => ({
      name: file.name,
      href: paths.releaseFile(release.reference, file.name),
      says: sayFile(file, sender.name),
    })),
    commands: commandsOf(known, files),
    destroy:
      receiving && release.state === 'collected' && holdsRole(caller, mayDestroy)
        ? paths.destroyRelease(release.reference)
        : null,
    events: eventsOf(known),
    toDate: paths.releaseFile(release.reference, movementToDate),
  };
}

/** What a recipient sees before it collects: the terms it accepts by collecting, and what is in the package. */
export function receivePage(known: KnownRelease, proof: Proof, terms: string, caller: Caller) {
  const { release, manifest } = known;
  if (!manifest) throw new Error('A release that left without its manifest');
  const collectors = known.people.filter((one) => one.roles.some((role) => mayCollect.includes(role)));
  return {
    ...headOf(known),
    rows: rowsOf(known, manifest, proof, caller),
    terms: terms.trimEnd(),
    files: filesOf(release, manifest, caller.organisation.id)
      .filter(({ kind }) => kind !== 'to-date')
      .map((file) => ({ name: file.name, href: paths.releaseFile(release.reference, file.name) })),
    mayCollect: holdsRole(caller, mayCollect),
    collectors: new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
      collectors.map((one) => one.name),
    ),
  };
}

/** Certifying destruction: what is certified, of what. */
export function destroyPage(known: KnownRelease, typed: { method: string; certain: boolean }) {
  const retention = known.manifest?.retention;
  return {
    ...headOf(known),
    agreed: retention?.method ?? null,
    keepUntil: known.release.keepUntil && showDay(known.release.keepUntil),
    sender: known.sender.name,
    typed,
  };
}

function headOf({ release, sender, recipient, kept }: KnownRelease) {
  return {
    reference: release.reference,
    caption: `Release ${release.reference} from ${sender.name} to ${recipient.name}`,
    dataSet: titleOf(kept.agreement, release.dataSet),
  };
}

function standingOf({ release, sender, recipient }: KnownRelease, receiving: boolean, now: Instant) {
  if (release.state === 'destroyed') {
    const how = `How: ${release.destructionMethod ?? ''}.`;
    return receiving
      ? {
          title: 'You certified its destruction',
          says: `${sender.name} and both logs have the certificate. ${how}`,
        }
      : {
          title: `${recipient.name} certified its destruction`,
          says: `Both logs have the certificate. ${how}`,
        };
  }
  if (release.state === 'collected') {
    const until = release.keepUntil
      ? `until ${showDay(release.keepUntil)}`
      : 'no longer than the purpose needs';
    const left = release.keepUntil ? ` (${timeLeft(release.keepUntil, now).left})` : '';
    return receiving
      ? {
          title: 'You have it',
          says: `Keep it ${until}${left}. Then destroy every copy and certify that you have.`,
        }
      : {
          title: `${recipient.name} has it`,
          says: `They collected and acknowledged it, and keep it ${until}${left}.`,
        };
  }
  return {
    title: `Sent to ${recipient.name}`,
    says: 'They have not collected it yet. Only they can open it.',
  };
}

/** `value`: in words, or a list of sentences. */
type Row = { key: string; value: string | string[]; detail: string | null; code: boolean };

function rowsOf(known: KnownRelease, manifest: Manifest, proof: Proof, caller: Caller): Row[] {
  const { release, sender, recipient, kept } = known;
  const row = (key: string, value: Row['value'], detail: string | null = null): Row => ({
    key,
    value,
    detail,
    code: false,
  });
  const [data] = manifest.data;
  const limits = limitsOf(manifest);
  return [
    row('Release', `${release.reference}, under ${kept.agreement.reference}`),
    row('From', sender.name),
    row('To', recipient.name),
    row('Purpose', purposeOf(kept.agreement, release.purpose)),
    row('Sent', release.sentAt ? showInstant(release.sentAt) : 'not yet'),
    row('Approved by', approverOf(known, manifest, caller)),
    row(
      'What left',
      `${manifest.rows.out.toLocaleString('en-GB')} of ${manifest.rows.in.toLocaleString('en-GB')} rows, ${manifest.fields.filter(({ done }) => done !== 'dropped').length} columns`,
      leftBehindInWords(manifest),
    ),
    row('Columns', inOneLine(manifest.fields.map(fieldInWords))),
    ...(limits.length > 0 ? [row('Know before you use it', limits)] : []),
    ...qualityRows(manifest).map(([value, detail]) => row('How good the data is', value, detail)),
    {
      ...row('File fingerprint', showFingerprint(data?.sha256 ?? ''), `SHA-256 of ${data?.name ?? ''}`),
      code: true,
    },
    { ...row('Signed by', proof.signingKey, `${sender.name}’s key, as its key page shows it`), code: true },
    row('Place in the log', placeOf(proof.receipt), `${sender.name}’s log`),
    ...(proof.half ? [row('Place in your log', placeOf(proof.half), 'The same entry, byte for byte')] : []),
  ];
}

/** What whoever uses the data has to know of it; nothing where the terms make no checks. */
function qualityRows({ quality }: Manifest): [Row['value'], string | null][] {
  if (!quality) return [];
  const failing = quality.filter(({ failed }) => failed > 0);
  const passes = quality.length - failing.length;
  const passing = counted(passes, 'check passes', 'checks pass');
  if (failing.length === 0) return [[passing, 'All that the agreement makes']];
  const told = failing.map(({ says, failed }) => `${failureInWords({ says, failed, rows: [] })}.`);
  return [[passes > 0 ? [...told, `${passing}.`] : told, null]];
}

// A person is named only to their own organisation.
function approverOf(known: KnownRelease, manifest: Manifest, caller: Caller): string {
  const { release, sender, people, kept } = known;
  if (manifest.decision.by === 'agreement') return `${kept.agreement.reference}, in advance`;
  const approver = people.find((one) => one.id === release.approvedBy);
  if (approver && caller.organisation.id === sender.id)
    return `${approver.name}, ${showRoles(approver.roles)}`;
  return `Somebody of ${sender.name} who may, and who did not prepare it`;
}

function placeOf(bytes: Buffer): string {
  const receipt = parseReceipt(bytes);
  const size = Number(receipt?.checkpoint.toString('utf8').split('\n')[1]);
  const number = (n: number) => n.toLocaleString('en-GB');
  return receipt ? `Entry ${number(receipt.index + 1)} of ${number(size)}` : 'Not known';
}

function isData({ kind }: ReleaseFile): boolean {
  return kind === 'opened' || kind === 'encrypted';
}

function sayFile({ name, kind }: ReleaseFile, sender: string): string {
  if (kind === 'opened') return 'The data, opened with your key. Store it as the terms say.';
  if (kind === 'encrypted') return 'The data as it was sent, encrypted (age).';
  if (kind === 'manifest') return 'Exactly what left, with the hash of every file.';
  if (kind === 'terms') return 'The terms it is used under.';
  if (kind === 'record') return 'The data movement record, as it was sent.';
  if (name === 'our-half.tlog-proof') return 'Your half: your log holds the same entry.';
  if (name === 'collected.tlog-proof') return 'Your log says that you collected it.';
  return `The receipt: ${sender}’s log, with its place in it.`;
}

// A package is verified whole: without its data, which goes when it is destroyed, only the receipt can be.
function commandsOf({ sender, recipient }: KnownRelease, files: readonly ReleaseFile[]) {
  const data = files.find((file) => file.kind === 'encrypted');
  const receiving = files.some((file) => file.kind === 'opened');
  const verify = data
    ? {
        label:
          'Check all the files you downloaded, in a folder of their own. It needs no account and no network',
        lines: 'chirograph verify FOLDER --keys keys.json',
      }
    : {
        label: 'Check the receipt you downloaded. It needs no account and no network',
        lines: `chirograph verify ${packageFiles.receipt} --keys keys.json`,
      };
  const open = {
    label: 'Open the data with another tool, and compare its fingerprint',
    lines: [
      `chirograph keys export --as ${recipient.slug} --age-identity identity.txt`,
      `age -d -i identity.txt ${data?.name ?? ''} | sha256sum`,
    ].join('\n'),
  };
  return { keys: paths.keys(), sender: sender.name, list: receiving ? [verify, open] : [verify] };
}

/** What has happened, latest first. */
function eventsOf(known: KnownRelease) {
  const { release, sender, recipient } = known;
  const prepared = {
    at: release.preparedAt,
    title: 'Prepared',
    by: nameOf(known, release.preparedBy, sender),
  };
  const later = [
    { at: release.sentAt, title: 'Sent', by: nameOf(known, release.approvedBy, sender) },
    { at: release.collectedAt, title: 'Collected and acknowledged', by: recipient.name },
    { at: release.destroyedAt, title: 'Destruction certified', by: recipient.name },
  ];
  return [prepared, ...later]
    .flatMap(({ at, ...event }) => (at === null ? [] : [{ ...event, when: showInstant(at) }]))
    .reverse();
}
