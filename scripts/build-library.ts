/**
 * Builds what npm packs into `dist`: every module as JavaScript with its types, and the preload as one CommonJS
 * file, because a sandboxed preload can load no other. `npm pack --ignore-scripts=false` runs it.
 */
import { spawnSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { built, root } from './paths.ts'

const tsc = join(root, 'node_modules/typescript/bin/tsc')

await rm(built.library, { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.library.json')], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(1)
await build({
  configFile: join(root, 'vite.preload.config.ts'),
  logLevel: 'warn',
  build: { outDir: built.library },
})
await writeFile(join(built.library, 'preload.d.cts'), 'export {}\n')
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: ['electron-trpc'], external: ['electron'] },
  build: {
    ssr: join(root, 'electron/ipc-handler.ts'),
    outDir: join(built.library, 'electron'),
    emptyOutDir: false,
    minify: false,
    reportCompressedSize: false,
  },
})
