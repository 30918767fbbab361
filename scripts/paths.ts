/** Where things are in the repository. */
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** What `npm run build` makes: the folder of `main.cjs` and its neighbours, and the pages. */
export const built = {
  main: join(root, '.vite/build'),
  renderer: join(root, '.vite/renderer/main_window'),
} as const
