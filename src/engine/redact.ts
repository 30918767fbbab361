/** Texts that the app or a server wrote may quote a token. None may reach a log, a status or a window. */

/** The text without anything that looks like a JWT or follows an authorization scheme. */
export function withoutTokens(text: string): string {
  return text
    .replaceAll(/[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, '(token)')
    .replaceAll(/\b(Token|Bearer|Basic)\s+[^\s"',;]+/gi, '$1 (token)')
}
