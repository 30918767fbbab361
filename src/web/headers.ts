/**
 * The headers that every file of the renderer is served with, by the headless host and by Electron's `app:`
 * protocol alike: nothing runs or loads but what the host itself serves.
 *
 * @param connect where the page may connect to besides its own origin, for example `ws://127.0.0.1:4000`.
 */
export function securityHeaders(connect: readonly string[] = []): { readonly [name: string]: string } {
  const policy = [
    "default-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}
