/** Where things are in the repository. */
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/**
 * What `npm run build` makes: `app` is what Electron starts, with its manifest, the folder of `main.cjs` and its
 * neighbours, and the pages. `library` is what `npm pack --ignore-scripts=false` makes.
 */
export const built = {
  app: join(root, '.vite'),
  main: join(root, '.vite/build'),
  renderer: join(root, '.vite/renderer/main_window'),
  library: join(root, 'dist'),
} as const
