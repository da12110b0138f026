import type { Agreement } from '../agreements/index.ts';
import { showDay, showInstant, showPeriod } from '../platform/pure/dates.ts';
import { inOneLine } from '../platform/pure/words.ts';
import { leftInWords, type Manifest } from './manifest.ts';
import type { Release } from './store.ts';

/** What has become of a release since it was sent. */
export type SinceSent = Pick<Release, 'collectedAt' | 'keepUntil' | 'destroyedAt' | 'destructionMethod'>;

/**
 * The data movement record of a release (R32, R55: how, when and where data was transferred), in words. With what has become of it
 * since, it is the record to date; without, the one that travels in the package. People are named by role only: the log
 * has who acted, by a code that only their own organisation can read.
 */
export function movementRecord(
  agreement: Agreement,
  about: Omit<Manifest, 'files'>,
  since: SinceSent | null,
): string {
  const { terms } = agreement;
  const dataSet = terms.datasets.find(({ id }) => id === about.dataSet);
  const purpose = terms.purposes.find(({ id }) => id === about.purpose)?.says ?? about.purpose;
  const sender = about.from.keys;
  const recipient = about.to.keys;
  const share = terms.shares.find(
    ({ dataSet: id, purpose: why, from, to }) =>
      id === about.dataSet &&
      why === about.purpose &&
      from === sender.organisation &&
      to === recipient.organisation,
  );
  const powers = terms.powers.filter(
    ({ from, to }) => from === sender.organisation && to === recipient.organisation,
  );
  const screening = terms.dpia.find(({ dataSet: id }) => id === about.dataSet);
  const parts: [string, [string, string][]][] = [
    [
      'What moved',
      [
        ['Data set', `${dataSet?.title ?? about.dataSet} (${about.dataSet})`],
        ['Personal data', dataSet?.personalData === false ? 'no' : 'yes'],
        ['Marking', about.marking],
        ['How much', leftInWords(about)],
        ['Columns', about.fields.map(fieldInWords).join('; ')],
        ['Not sent', leftBehindInWords(about)],
        ['Limits', about.caveats?.join(' ') || 'none'],
        ...about.data.map(({ name, bytes, sha256 }): [string, string] => [
          'File',
          `${name}, ${bytes} bytes, SHA-256 ${sha256}`,
        ]),
      ],
    ],
    [
      'Why it may',
      [
        ['Agreement', `${agreement.reference} version ${agreement.version}, ${agreement.title}`],
        ['Its digest', about.agreement.digest],
        ['Its data terms', about.terms ?? 'see the agreement'],
        ['Purpose', purpose],
        ['Power', inOneLine(powers.map(({ law, section }) => `${law} ${section}`)) || 'see the agreement'],
        ['DPIA', screening ? `${screening.reference}, screened on ${showDay(screening.screenedOn)}` : 'none'],
        ['How often', share ? frequencies[share.frequency] : 'once'],
        ['Request', about.decision.request],
        ['Approved by', approvers[about.decision.by]],
      ],
    ],
    [
      'Where, how and when',
      [
        ['From', `${sender.name} (${sender.organisation}), who had it and stays the source`],
        ['To', `${recipient.name} (${recipient.organisation})`],
        [
          'Means',
          'Encrypted to the recipient’s own key (age); collected by the recipient; nothing on paper or disc',
        ],
        ['Key', recipient.receiving],
        [
          'Handled by',
          'The sender: whoever prepared it and, where people decide, a colleague who approved it. The recipient: those whose role may collect',
        ],
        ['Sent', showInstant(about.release.sentAt)],
        ...(since === null ? [] : sinceSent(since)),
      ],
    ],
    [
      'What comes next',
      [
        [
          'Kept for',
          about.retention
            ? `${showPeriod(about.retention.period)} from the day it is collected`
            : 'no longer than the purpose needs',
        ],
        ['Then', about.retention?.method ?? 'destroyed, and certified'],
        [
          'Recorded in',
          'The tamper-evident logs of both: that it was sent, collected and destroyed. The receipt proves it.',
        ],
      ],
    ],
  ];
  const widest = Math.max(...parts.flatMap(([, rows]) => rows.map(([key]) => key.length)));
  return [
    `Data movement record of release ${about.release.reference}`,
    since === null ? 'As it was sent.' : 'To date.',
    ...parts.flatMap(([title, rows]) => [
      '',
      title,
      ...rows.map(([key, value]) => `${`${key}:`.padEnd(widest + 2)}${value}`),
    ]),
    '',
  ].join('\n');
}

const frequencies: Record<Agreement['terms']['shares'][number]['frequency'], string> = {
  weekly: 'every week',
  monthly: 'every month',
  quarterly: 'every quarter',
  yearly: 'every year',
  'on-request': 'when asked',
};

const approvers: Record<Manifest['decision']['by'], string> = {
  agreement: 'The agreement, in advance (standing approval)',
  person: 'A person of the sender whose role may approve releases, and who did not prepare this one',
};

function sinceSent({
  collectedAt,
  keepUntil,
  destroyedAt,
  destructionMethod,
}: SinceSent): [string, string][] {
  return [
    ['Collected', collectedAt === null ? 'not yet' : showInstant(collectedAt)],
    ...(keepUntil === null ? [] : [['To be destroyed by', showDay(keepUntil)] as [string, string]]),
    [
      'Destroyed',
      destroyedAt === null
        ? 'not yet'
        : `${showInstant(destroyedAt)}, certified by the recipient: ${destructionMethod ?? ''}`,
    ],
  ];
}

/** A column with what was done to it: `Age (generalised, level 1 of 3)`. */
export function fieldInWords({ name, done, method, level, highest }: Manifest['fields'][number]): string {
  if (done === 'as held') return name;
  if (level !== undefined) return `${name} (generalised, level ${level} of ${highest})`;
  return `${name} (${done}${method === undefined ? '' : `, ${method}`})`;
}

/** What stayed behind: rows held back, rows not among those agreed, and columns. */
export function leftBehindInWords({
  rows: { heldBack, outside },
  columnsLeftOut,
}: Pick<Manifest, 'rows' | 'columnsLeftOut'>): string {
  const number = (n: number) => n.toLocaleString('en-GB');
  const others = outside === undefined ? '' : `, ${number(outside)} not among the rows agreed`;
  return `${number(heldBack)} rows held back${others}, ${columnsLeftOut} columns left out`;
}
