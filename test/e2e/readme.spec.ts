/** The README's app as it stands there: compiled in an empty project, run, and looked at. */
import { join } from 'node:path'
import { build } from 'vite'
import { makeProject, readmeFiles, type Project } from '../package/project.ts'
import { expect, test } from './app.ts'
import { startStandIn } from './hosts.ts'

test('the README’s main process, preload and component show the demo’s issues', async ({ host }, info) => {
  test.skip(host !== 'stand-in', 'The stand-in runs any main process; the other hosts run ours.')
  const project = makeProject()
  for (const [name, code] of readmeFiles()) project.write(name, code)
  project.compile()
  await bundle(project)
  const app = await startStandIn(project.folder, [join(project.folder, 'main.js')])
  try {
    await expect.poll(() => app.pages().length, { timeout: 30_000 }).toBe(1)
    const [page] = app.pages()
    await expect(page!.getByRole('listitem').nth(50)).toBeVisible()
    await page!.screenshot({ path: info.outputPath('readme.png') })
  } finally {
    await app.quit()
    project.remove()
  }
})

/** What the app's own bundler does: the preload as one file, and the page. */
async function bundle({ folder, write }: Project): Promise<void> {
  write('index.html', '<div id="root"></div><script type="module" src="./page.tsx"></script>')
  const common = { root: folder, configFile: false, logLevel: 'error' } as const
  await build({
    ...common,
    ssr: { noExternal: true },
    build: {
      ssr: join(folder, 'preload.ts'),
      outDir: folder,
      rolldownOptions: { external: ['electron'], output: { format: 'cjs', entryFileNames: 'preload.cjs' } },
    },
  })
  await build({ ...common, build: { outDir: join(folder, 'page') } })
}
