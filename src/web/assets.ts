/**
 * The built renderer, read once. A request names a file by looking it up among what was found, so there is
 * no path that leads out of the folder, no directory listing and no file that came later.
 */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
}

export interface Assets {
  /** The file that a URL's path names; `/` is `/index.html`, and `/inspector` finds `/inspector.html`. */
  find(pathname: string): Asset | null
}

/**
 * Reads all files under `directory`; links are not followed. Rejects when the folder cannot be read.
 *
 * @example
 * const assets = await loadAssets('.vite/renderer/main_window')
 * assets.find('/') // index.html
 */
export async function loadAssets(directory: string): Promise<Assets> {
  const found = new Map<string, Asset>()
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  await Promise.all(
    files.map(async (file) => {
      const name = `/${relative(directory, file).split(sep).join('/')}`
      const contentType = contentTypes[extname(file).toLowerCase()] ?? 'application/octet-stream'
      found.set(name, { body: new Uint8Array(await readFile(file)), contentType })
    }),
  )
  return {
    find: (pathname) => {
      const name = pathname === '/' ? '/index' : decoded(pathname)
      return found.get(name) ?? found.get(`${name}.html`) ?? null
    },
  }
}

const contentTypes: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
