/** What every answer says to the browser. */
export function securityHeaders(nonce: string): Record<string, string> {
  return { 'content-security-policy': contentPolicy(nonce).join('; '), ...fixed };
}

/** The same of a page whose script asks this service for more. No other page can send anything but by a form. */
export function securityPolicyWithFetch(nonce: string): string {
  return [...contentPolicy(nonce), "connect-src 'self'"].join('; ');
}

// `nonce` lets GOV.UK Frontend's one inline line run, and nothing else inline.
function contentPolicy(nonce: string): string[] {
  return [
    "default-src 'none'",
    "style-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
}

const fixed = {
  // Not no-referrer: with it browsers send "Origin: null" with our own forms, and the check for other sites would fail.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'strict-transport-security': 'max-age=31536000',
  'cache-control': 'no-store',
};
