import { generateSecret, generateURI, verifySync } from 'otplib';
import { encodeQR } from 'qr';
import type { Instant } from '../platform/pure/dates.ts';

/** A new secret for an authenticator app: 160 bits in base 32, as RFC 4226 section 4 asks. */
export function newTotpSecret(): string {
  return generateSecret({ length: 20 });
}

/**
 * The time step (of 30 seconds, RFC 6238) that a code of six digits is of, or null where it is of none near: the step
 * it is now, the one before and the one after, for clocks that differ and people who type slowly.
 */
export function stepOfCode(secret: string, code: string, now: Instant): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const epoch = Math.floor(Date.parse(now) / 1000);
  const found = verifySync({ secret, token: code, epoch, epochTolerance: 30 });
  return found.valid && 'timeStep' in found ? found.timeStep : null;
}

/** What an authenticator app reads: `whose` is the address a person signs in with, `where` the body it is for. */
export function totpAddress(secret: string, where: string, whose: string): string {
  return generateURI({ secret, issuer: `Chirograph ${where}`, label: whose });
}

/** A QR code as one path over a square of modules, with the quiet edge of four that readers need. */
export function qrPath(text: string): { size: number; path: string } {
  const rows = encodeQR(text, 'raw', { border: 4 });
  const path = rows.flatMap((row, y) =>
    row.flatMap((dark, x) => {
      if (!dark || row[x - 1] === true) return [];
      const end = row.indexOf(false, x);
      return `M${x} ${y}h${end - x}v1h${x - end}z`;
    }),
  );
  return { size: rows.length, path: path.join('') };
}

/** A secret as people copy it by hand: in fours. */
export function showSecret(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, '$& ');
}
