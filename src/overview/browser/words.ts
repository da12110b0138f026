const names: Record<string, string> = {
  manifest: 'The manifest',
  files: 'The files, each expected',
  receipt: 'The receipt',
  'receipt-format': 'The receipt’s form',
  'receipt-entry': 'The entry of the log',
  'receipt-checkpoint': 'The state of the log, signed',
  'receipt-inclusion': 'Its place in the log',
  'entry-names-manifest': 'The log names this manifest',
  'manifest-signature': 'The sender’s signature',
  'keys-trusted': 'Whose keys these are',
  'our-half.tlog-proof': 'The recipient’s half',
  'collected.tlog-proof': 'That it was collected',
};

/** What a check is called on the page. */
export function nameOf(check: string): string {
  return names[check] ?? check.replace(/^hash (.*)$/, '$1 is what was sent');
}

/** What was chosen: `neither` is files of which none is a manifest or a receipt, by its name or by what it says. */
export type Kind = 'package' | 'receipt' | 'neither';

/** The verdict in words. Keys that are not held already make it a verdict under a condition, and say so. */
export function describe(kind: Kind, ok: boolean, keysGiven: boolean): { title: string; says: string } {
  if (kind === 'neither') {
    return {
      title: 'This is not a receipt or a package',
      says: 'A receipt is one file that ends in .tlog-proof. A package has a file manifest.json: choose that and all the files that came with it, together. If it has none, ask whoever sent it to you for it again.',
    };
  }
  if (!ok) {
    return {
      title: `Do not rely on this ${kind}`,
      says: 'Something in it is not as it was signed, or is missing. Below is what. Choose all of its files together, or ask whoever sent it to you for it again.',
    };
  }
  const whole =
    kind === 'package'
      ? 'The files you chose are the files that were sent, byte for byte.'
      : 'The receipt is whole, and what it records is in the log.';
  const whose = keysGiven
    ? 'The keys that signed are among those on the key page you chose.'
    : 'Whose keys signed was not checked: choose their key page, or compare the keys below with it.';
  return {
    title: keysGiven ? `This ${kind} is genuine` : `This ${kind} is whole, and unchanged since it was signed`,
    says: `${whole} ${whose}`,
  };
}

/** What a person must not take this for. */
export function notChecked(kind: 'package' | 'receipt', keysGiven: boolean): string[] {
  return [
    ...(keysGiven
      ? []
      : ['That the keys belong to whoever they say. Get the key page from that body itself.']),
    'That the log shows everybody the same history. Compare its signed state with the one another party holds.',
    kind === 'package'
      ? 'What is inside a file that is still encrypted. Choose the opened file with the others to check it too.'
      : 'The files that the receipt is about. Choose all files of the package to check them too.',
    'Whether the sharing was lawful. The log proves that it happened, and that nobody changed the record since.',
  ];
}
