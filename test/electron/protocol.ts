/**
 * Custom protocols on a Chromium that knows none: `app://headwater/x` is an origin of its own,
 * `https://headwater.app.stand-in.test/x`, a secure context like the real one. The main process sees only the
 * real addresses.
 */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Route } from 'playwright'

type Handler = (request: Request) => Response | Promise<Response>

const SUFFIX = '.stand-in.test'
const handlers = new Map<string, Handler>()

/** Electron's `protocol`. */
export const protocol = {
  registerSchemesAsPrivileged: (_schemes: readonly unknown[]) => undefined,
  handle: (scheme: string, handler: Handler) => void handlers.set(scheme, handler),
}

/** Electron's `net`, as far as a handler needs it: the files of an app. */
export const net = {
  fetch: async (url: string): Promise<Response> => {
    const path = fileURLToPath(url)
    return new Response(await readFile(path), { headers: { 'content-type': types[extname(path)] ?? '' } })
  },
}

const types: { readonly [extension: string]: string } = { '.html': 'text/html', '.js': 'text/javascript' }

/** The address that Chromium is given. */
export function toChromium(url: string): string {
  const match = /^([a-z]+):\/\/([^/]+)(.*)$/.exec(url)
  if (match === null || match[1] === 'http' || match[1] === 'https') return url
  return `https://${match[2]}.${match[1]}${SUFFIX}${match[3]}`
}

/** The address that the main process sees. */
export function fromChromium(url: string): string {
  if (!URL.canParse(url)) return url
  const { hostname, origin } = new URL(url)
  if (!hostname.endsWith(SUFFIX)) return url
  const labels = hostname.slice(0, -SUFFIX.length).split('.')
  const scheme = labels.pop()
  return `${scheme}://${labels.join('.')}${url.slice(origin.length)}`
}

/** Like `WebFrameMain.origin`: also for schemes that Node does not know. */
export function originOf(url: string): string {
  return /^[a-z]+:\/\/[^/]*/.exec(fromChromium(url))?.[0] ?? 'null'
}

/** Answers a page's request by the handler of its scheme; other requests leave as they are. */
export async function answer(route: Route): Promise<void> {
  const request = route.request()
  const url = fromChromium(request.url())
  const handler = handlers.get(new URL(url).protocol.slice(0, -1))
  if (handler === undefined) return await route.continue()
  const response = await handler(new Request(url, { method: request.method() }))
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  })
}
