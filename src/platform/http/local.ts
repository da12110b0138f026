/** Whether an address is a page of this service, whatever a browser makes of slashes, dots and odd characters. */
export function isLocal(address: string): boolean {
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(address)) return false;
  return URL.canParse(address, here) && new URL(address, here).origin === here;
}

/** Where to go next as somebody's address says, or `otherwise` where that is not a page of this service. */
export function localOr(address: string | undefined, otherwise: string): string {
  return address !== undefined && isLocal(address) ? address : otherwise;
}

const here = 'http://service.invalid';
