/** Builds everything into `.vite`: the main process with its workers, the preload, the pages. `npm run build`. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { writeAppManifest } from './app-manifest.ts'
import { built, root } from './paths.ts'

/** Rejects with Vite's error when something does not build. */
export async function buildAll(): Promise<void> {
  await rm(built.main, { recursive: true, force: true })
  const configs = ['vite.main.config.ts', 'vite.preload.config.ts', 'vite.renderer.config.ts']
  await Promise.all(configs.map((config) => build({ configFile: join(root, config), logLevel: 'warn' })))
  await writeAppManifest(built.app, join(built.main, 'main.cjs'))
}

if (process.argv[1] === import.meta.filename) await buildAll()
