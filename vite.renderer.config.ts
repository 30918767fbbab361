/** The pages. No inline scripts and no data URLs: the content security policy allows neither. */
import react from '@vitejs/plugin-react'
import { join } from 'node:path'
import { defineConfig } from 'vite'

const root = join(import.meta.dirname, 'renderer')

export default defineConfig({
  root,
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, '.vite/renderer/main_window'),
    emptyOutDir: true,
    target: 'chrome140',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { input: [join(root, 'index.html'), join(root, 'inspector.html')] },
  },
})
