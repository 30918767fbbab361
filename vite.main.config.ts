/**
 * The main process, its workers and the read process, as CommonJS beside each other in `.vite/build`. Packages are bundled,
 * because only `.vite` is shipped; better-sqlite3's binary is copied beside them and passed in as a path.
 */
import { copyFileSync } from 'node:fs'
import { createRequire, builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

const outDir = join(import.meta.dirname, '.vite/build')

export default defineConfig({
  root: import.meta.dirname,
  ssr: { noExternal: true, target: 'node' },
  build: {
    // For Node: `new URL('./worker.ts', import.meta.url)` must not become an asset of a page.
    ssr: true,
    outDir,
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        main: 'electron/main.ts',
        worker: 'src/engine/worker.ts',
        'demo-worker': 'src/demo/worker.ts',
        reader: 'src/engine/read-process/entry.ts',
      },
      external: ['electron', /^electron\//, ...builtinModules, /^node:/],
      output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'shared-[name].cjs' },
    },
  },
  plugins: [copySqlite()],
})

/** One Node-API binary serves Node and Electron; the package carries one for each platform. */
function copySqlite(): Plugin {
  const platform = process.env['npm_config_platform'] ?? process.platform
  const arch = process.env['npm_config_arch'] ?? process.arch
  const root = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'))
  return {
    name: 'copy-sqlite',
    writeBundle() {
      copyFileSync(join(root, 'prebuilds', `${platform}-${arch}.node`), join(outDir, 'better_sqlite3.node'))
    },
  }
}
