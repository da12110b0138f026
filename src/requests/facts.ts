import { type KeptAgreement, provedSigners } from '../agreements/index.ts';
import { findOrganisations } from '../organisations/index.ts';
import type { Organisation } from '../organisations/rules.ts';
import type { Db } from '../platform/database.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import type { ReleaseFacts } from '../rulebook/index.ts';

/** What is asked, as the rules see it. */
export type Asked = { sender: Organisation; recipient: Organisation; dataSet: string; purpose: string };

/** What is known once there is a file, and of who approved it once somebody did; null before. */
export type AboutTheRelease = Pick<ReleaseFacts, 'approval' | 'data'> | null;

/**
 * Everything the rules look at, read from what is kept: each signature is proved again, by the keys the parties
 * publish, every time (R17, R44). A party's name is enough to know it; no personal data goes in.
 */
export async function gatherFacts(
  db: Db,
  kept: KeptAgreement,
  asked: Asked,
  now: Instant,
  release: AboutTheRelease,
): Promise<ReleaseFacts> {
  const { reference, startsOn, endsOn, parties, terms } = kept.agreement;
  const organisations = await findOrganisations(
    db,
    parties.map((party) => party.organisation),
  );
  const keys = new Map(
    organisations.flatMap((one) => (one.keys ? [[one.slug, one.keys.signing] as const] : [])),
  );
  const screening = terms.dpia.find((one) => one.dataSet === asked.dataSet);
  const { sender, recipient, purpose, dataSet } = asked;
  return {
    action: actionOf(release),
    today: londonDay(now),
    sender: { slug: sender.slug, name: sender.name },
    recipient: { slug: recipient.slug, name: recipient.name },
    purpose,
    dataSet,
    agreement: {
      reference,
      startsOn,
      endsOn,
      parties: parties.map((party) => party.organisation),
      purposes: terms.purposes.map((one) => one.id),
      shares: terms.shares.map((share) => ({
        dataSet: share.dataSet,
        purpose: share.purpose,
        from: share.from,
        to: share.to,
      })),
      signedBy: kept.state === 'signed' ? await provedSigners(kept, keys) : [],
      personalData: terms.datasets.find((one) => one.id === dataSet)?.personalData ?? false,
      dpiaScreening: {
        done: screening !== undefined,
        on: screening?.screenedOn ?? null,
        outcome: screening?.outcome ?? null,
        reference: screening?.reference ?? null,
      },
      lawfulBasis: terms.lawfulBases.some((basis) => basis.party === sender.slug),
      gateway: terms.powers.some((power) => power.from === sender.slug && power.to === recipient.slug),
    },
    approval: release?.approval ?? null,
    data: release?.data ?? null,
  };
}

function actionOf(release: AboutTheRelease): ReleaseFacts['action'] {
  if (!release) return 'decide';
  return release.approval ? 'release' : 'prepare';
}

/** Whether the agreement in force already approves this sharing, so that it goes without a new decision (R45). */
export function hasStandingApproval(kept: KeptAgreement, asked: Asked): boolean {
  return kept.agreement.terms.shares.some(
    (share) =>
      share.standingApproval &&
      share.dataSet === asked.dataSet &&
      share.purpose === asked.purpose &&
      share.from === asked.sender.slug &&
      share.to === asked.recipient.slug,
  );
}
