/** Where the entries of threads and processes lie, which are started by path and not imported. */
import { extname } from 'node:path'

/**
 * The entry at `path`, without its extension, from the module whose `import.meta.url` is `from`. The extension is
 * that module's own: `.ts` in the repository, `.js` in the built package.
 *
 * @example
 * new Worker(entryBeside(import.meta.url, './worker'))
 */
export function entryBeside(from: string, path: string): URL {
  return new URL(path + extname(new URL(from).pathname), from)
}
